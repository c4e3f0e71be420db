-- AFTER INSERT on trading.positions; reads market.instruments (locked against changes until commit); writes
-- trading.instrument_terms; errors TR410
CREATE OR REPLACE FUNCTION internal.tg_positions__record_terms()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument market.instruments;
BEGIN
  IF EXISTS (SELECT FROM trading.instrument_terms AS t WHERE t.instrument_id = NEW.instrument_id) THEN
    RETURN NULL;
  END IF;
  -- Somebody may be correcting its terms at this moment; one of the two finds the other.
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = NEW.instrument_id FOR SHARE;
  IF (v_instrument.multiplier, v_instrument.kind = 'future') IS DISTINCT FROM (NEW.multiplier, NEW.is_future) THEN
    RAISE EXCEPTION 'the terms of % changed while it was ordered', v_instrument.symbol
      USING ERRCODE = 'TR410',
            DETAIL = format('Its multiplier is %s and its kind %s now.', trim_scale(v_instrument.multiplier),
                            v_instrument.kind),
            HINT = 'Submit the order again.';
  END IF;
  INSERT INTO trading.instrument_terms (instrument_id, version, exchange_id, symbol, kind, currency, multiplier, strike,
                                        option_right, underlying_id, expires_on, lot_size, tick_size, initial_margin,
                                        maintenance_margin)
  VALUES (v_instrument.instrument_id, 1, v_instrument.exchange_id, v_instrument.symbol, v_instrument.kind,
          v_instrument.currency, v_instrument.multiplier, v_instrument.strike, v_instrument.option_right,
          v_instrument.underlying_id, v_instrument.expires_on, v_instrument.lot_size, v_instrument.tick_size,
          v_instrument.initial_margin, v_instrument.maintenance_margin)
  ON CONFLICT ON CONSTRAINT instrument_terms_pkey DO NOTHING;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_positions__record_terms() IS
  'Records the terms of an instrument when it is ordered for the first time. Error TR410.';
CREATE OR REPLACE TRIGGER record_terms AFTER INSERT ON trading.positions
  FOR EACH ROW EXECUTE FUNCTION internal.tg_positions__record_terms();
COMMENT ON TRIGGER record_terms ON trading.positions IS 'Books rest on the terms of what was ordered.';
REVOKE ALL ON FUNCTION internal.tg_positions__record_terms() FROM PUBLIC;
