-- writes market.instruments; errors TR102, TR108
CREATE OR REPLACE FUNCTION market.add_instrument(
  symbol text, exchange text DEFAULT 'US', name text DEFAULT NULL, kind market.instrument_kind DEFAULT 'equity', currency text DEFAULT NULL,
  tick_size numeric DEFAULT 0.01, lot_size numeric DEFAULT 1, multiplier numeric DEFAULT 1, sector text DEFAULT NULL, expires_on date DEFAULT NULL)
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
     OR (add_instrument.tick_size > 0 AND add_instrument.lot_size > 0 AND add_instrument.multiplier > 0) IS NOT TRUE THEN
    RAISE EXCEPTION 'an instrument needs a symbol, an exchange, and positive tick size, lot size and multiplier'
      USING ERRCODE = 'TR108',
            DETAIL = format('tick_size %s, lot_size %s, multiplier %s.', add_instrument.tick_size, add_instrument.lot_size, add_instrument.multiplier),
            HINT = 'A share that trades in cents has tick_size 0.01, lot_size 1 and multiplier 1.';
  END IF;
  INSERT INTO market.instruments (exchange_id, symbol, name, kind, currency, tick_size, lot_size, multiplier, sector, expires_on)
  VALUES (v_exchange.exchange_id, add_instrument.symbol, add_instrument.name, add_instrument.kind, coalesce(add_instrument.currency, v_exchange.currency),
          add_instrument.tick_size, add_instrument.lot_size, add_instrument.multiplier, add_instrument.sector, add_instrument.expires_on)
  ON CONFLICT ON CONSTRAINT instruments_exchange_id_symbol_key DO NOTHING
  RETURNING * INTO v_instrument;
  IF NOT FOUND THEN
    SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.exchange_id = v_exchange.exchange_id AND i.symbol = add_instrument.symbol;
  END IF;
  RETURN v_instrument;
END
$$;
COMMENT ON FUNCTION market.add_instrument(text, text, text, market.instrument_kind, text, numeric, numeric, numeric, text, date) IS
  'Adds an instrument, in the exchange''s currency unless one is given; an instrument that exists is returned unchanged. Errors TR102, TR108.';
REVOKE ALL ON FUNCTION market.add_instrument(text, text, text, market.instrument_kind, text, numeric, numeric, numeric, text, date) FROM PUBLIC;
