-- reads market.quotes, market.instruments, market.exchanges; errors TR105, TR109
CREATE OR REPLACE FUNCTION market.require_fresh_quote(instrument_id int, at timestamptz)
RETURNS market.quotes
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_quote market.quotes;
  v_after interval;
BEGIN
  SELECT * INTO v_quote FROM market.quotes AS q WHERE q.instrument_id = require_fresh_quote.instrument_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no price is known of instrument %', require_fresh_quote.instrument_id
      USING ERRCODE = 'TR105', DETAIL = 'There is no row in market.quotes.',
            HINT = 'Start a feed that brings its ticks or quotes.';
  END IF;
  SELECT e.stale_after INTO v_after FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.instrument_id = require_fresh_quote.instrument_id;
  IF market.quote_is_stale(require_fresh_quote.instrument_id, require_fresh_quote.at) THEN
    RAISE EXCEPTION 'the quote of instrument % is stale', require_fresh_quote.instrument_id
      USING ERRCODE = 'TR109',
            DETAIL = format('It is of %s; at %s that is more than %s ago.', greatest(v_quote.ts, v_quote.quoted_at),
                            require_fresh_quote.at, v_after),
            HINT = 'Look whether its feed is alive; market.exchanges.stale_after says how old a quote may be.';
  END IF;
  -- A fresh bid says nothing of when the last trade was, nor the other way round.
  IF (v_quote.ts >= require_fresh_quote.at - v_after) IS NOT TRUE THEN
    v_quote.last := NULL;
    v_quote.last_size := NULL;
  END IF;
  IF (v_quote.quoted_at >= require_fresh_quote.at - v_after) IS NOT TRUE THEN
    v_quote.bid := NULL;
    v_quote.bid_size := NULL;
    v_quote.ask := NULL;
    v_quote.ask_size := NULL;
  END IF;
  RETURN v_quote;
END
$$;
COMMENT ON FUNCTION market.require_fresh_quote(int, timestamptz) IS
  'The latest quote of an instrument, for whoever fills at it at this event time: the last trade, or bid and ask, are '
  'NULL where only the others are fresh. Errors TR105 when there is none, TR109 when it is stale.';
