-- writes market.instruments; errors TR101, TR102, TR103, TR108
CREATE OR REPLACE FUNCTION market.add_instrument(
  symbol text, exchange text DEFAULT 'US', name text DEFAULT NULL, kind market.instrument_kind DEFAULT 'equity',
  currency text DEFAULT NULL, tick_size numeric DEFAULT 0.01, lot_size numeric DEFAULT 1, multiplier numeric DEFAULT 1,
  sector text DEFAULT NULL, expires_on date DEFAULT NULL,
  underlying text DEFAULT NULL, strike numeric DEFAULT NULL, option_right market.option_right DEFAULT NULL,
  initial_margin numeric DEFAULT 0.5, maintenance_margin numeric DEFAULT 0.3, is_shortable boolean DEFAULT true)
RETURNS market.instruments
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange   market.exchanges;
  v_instrument market.instruments;
BEGIN
  SELECT * INTO v_exchange FROM market.exchanges AS e WHERE e.exchange_id = market.exchange_id(add_instrument.exchange);
  IF add_instrument.symbol IS NULL OR v_exchange.exchange_id IS NULL
     OR (add_instrument.tick_size > 0 AND add_instrument.lot_size > 0 AND add_instrument.multiplier > 0) IS NOT TRUE
  THEN
    RAISE EXCEPTION 'an instrument needs a symbol, an exchange, and positive tick size, lot size and multiplier'
      USING ERRCODE = 'TR108',
            DETAIL = format('tick_size %s, lot_size %s, multiplier %s.', add_instrument.tick_size,
                            add_instrument.lot_size, add_instrument.multiplier),
            HINT = 'A share that trades in cents has tick_size 0.01, lot_size 1 and multiplier 1.';
  ELSIF (add_instrument.maintenance_margin > 0 AND add_instrument.maintenance_margin <= add_instrument.initial_margin
         AND add_instrument.initial_margin <= 10) IS NOT TRUE THEN
    RAISE EXCEPTION 'the maintenance margin is positive and not above the initial margin, which is at most 10'
      USING ERRCODE = 'TR108',
            DETAIL = format('initial_margin %s, maintenance_margin %s.', add_instrument.initial_margin,
                            add_instrument.maintenance_margin),
            HINT = 'They are fractions of the value: 0.5 is half of it.';
  ELSIF (CASE add_instrument.kind
          WHEN 'option'
            THEN (add_instrument.strike > 0 AND add_instrument.strike < 1e10
                  AND add_instrument.option_right IS NOT NULL AND isfinite(add_instrument.expires_on)) IS NOT TRUE
          WHEN 'future' THEN num_nonnulls(add_instrument.strike, add_instrument.option_right) > 0
          ELSE num_nonnulls(add_instrument.strike, add_instrument.option_right, add_instrument.underlying) > 0 END)
        OR NOT isfinite(add_instrument.expires_on) THEN
    RAISE EXCEPTION 'the terms do not fit an instrument of kind %', coalesce(add_instrument.kind::text, 'NULL')
      USING ERRCODE = 'TR108',
            DETAIL = format('strike %s, option_right %s, underlying %s, expires_on %s.',
                            coalesce(add_instrument.strike::text, 'NULL'),
                            coalesce(add_instrument.option_right::text, 'NULL'),
                            coalesce(quote_literal(left(add_instrument.underlying, 64)), 'NULL'),
                            coalesce(add_instrument.expires_on::text, 'NULL')),
            HINT = 'An option has strike, option_right and expires_on; both options and futures may have an '
                   'underlying; others have none of these.';
  END IF;
  INSERT INTO market.instruments (exchange_id, symbol, name, kind, currency, tick_size, lot_size, multiplier, sector,
                                  expires_on, underlying_id, strike, option_right, initial_margin, maintenance_margin,
                                  is_shortable)
  VALUES (v_exchange.exchange_id, add_instrument.symbol, add_instrument.name, add_instrument.kind,
          coalesce(add_instrument.currency, v_exchange.currency), add_instrument.tick_size, add_instrument.lot_size,
          add_instrument.multiplier, add_instrument.sector, add_instrument.expires_on,
          market.instrument_id(add_instrument.underlying), add_instrument.strike, add_instrument.option_right,
          add_instrument.initial_margin, add_instrument.maintenance_margin, add_instrument.is_shortable)
  ON CONFLICT ON CONSTRAINT instruments_exchange_id_symbol_key DO NOTHING
  RETURNING * INTO v_instrument;
  IF NOT FOUND THEN
    SELECT * INTO v_instrument FROM market.instruments AS i
     WHERE i.exchange_id = v_exchange.exchange_id AND i.symbol = add_instrument.symbol;
  END IF;
  RETURN v_instrument;
END
$$;
COMMENT ON FUNCTION market.add_instrument(
  text, text, text, market.instrument_kind, text, numeric, numeric, numeric, text, date, text, numeric,
  market.option_right, numeric, numeric, boolean) IS
  'Adds an instrument, in the exchange''s currency unless one is given; an instrument that exists is returned '
  'unchanged. A future without expires_on is perpetual. Errors TR101, TR102, TR103, TR108.';
REVOKE ALL ON FUNCTION market.add_instrument(
  text, text, text, market.instrument_kind, text, numeric, numeric, numeric, text, date, text, numeric,
  market.option_right, numeric, numeric, boolean)
  FROM PUBLIC;
