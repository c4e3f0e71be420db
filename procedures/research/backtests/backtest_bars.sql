-- reads market.bars, market.instruments, market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION research.backtest_bars(specification jsonb)
RETURNS refcursor
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_ids    int[] := ARRAY(SELECT n::int FROM jsonb_array_elements_text(specification -> 'event_instruments') AS n);
  v_length interval := (specification ->> 'bars_of')::interval;
  v_begins timestamptz := internal.instant((specification ->> 'begins')::bigint);
  v_from   timestamptz := internal.instant((specification ->> 'from')::bigint);
  v_until  timestamptz := internal.instant((specification ->> 'until')::bigint);
  v_rows   refcursor;
BEGIN
  -- A day bar opens up to a day after its bucket begins.
  IF v_length >= interval '1 day' THEN
    OPEN v_rows NO SCROLL FOR
      SELECT b.instrument_id, b.opens_at, b.closes_at, b.open, b.high, b.low, b.close, b.volume
        FROM market.bar_events(v_length, v_ids, v_begins - interval '2 days', v_until) AS b
       WHERE b.opens_at < v_until AND b.opens_at >= v_begins AND (b.opens_at >= v_from OR b.closes_at <= v_from);
  ELSIF cardinality(v_ids) > 1 THEN
    -- The same of shorter ones, which nothing has to gather first.
    OPEN v_rows NO SCROLL FOR
      SELECT b.instrument_id, b.ts, b.ts + v_length, b.open, b.high, b.low, b.close, b.volume
        FROM market.bars AS b
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.exchanges AS e USING (exchange_id)
       WHERE b.resolution = v_length AND b.instrument_id = ANY (v_ids) AND b.ts < v_until AND b.ts >= v_begins
         AND (b.ts >= v_from OR b.ts + v_length <= v_from)
       ORDER BY b.ts, i.symbol, e.code;
  ELSE
    -- Of one instrument the index has them in their order.
    OPEN v_rows NO SCROLL FOR
      SELECT b.instrument_id, b.ts, b.ts + v_length, b.open, b.high, b.low, b.close, b.volume
        FROM market.bars AS b
       WHERE b.resolution = v_length AND b.instrument_id = v_ids[1] AND b.ts < v_until AND b.ts >= v_begins
         AND (b.ts >= v_from OR b.ts + v_length <= v_from)
       ORDER BY b.ts;
  END IF;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION research.backtest_bars(jsonb) IS
  'For programs: a cursor for the bars that a backtest with this specification is fed with, in order: those of the '
  'past that closed by its beginning, and those that opened then or later. Columns: instrument_id, opens_at, '
  'closes_at, open, high, low, close, volume.';
REVOKE ALL ON FUNCTION research.backtest_bars(jsonb) FROM PUBLIC;
