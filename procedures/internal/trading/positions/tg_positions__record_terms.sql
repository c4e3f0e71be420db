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
  BEGIN
    PERFORM internal.record_instrument_terms(v_instrument, 1);
  EXCEPTION WHEN unique_violation THEN
    NULL;  -- another portfolio orders it for the first time, too
  END;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_positions__record_terms() IS
  'Records the terms of an instrument when it is ordered for the first time. Error TR410.';
CREATE OR REPLACE TRIGGER record_terms AFTER INSERT ON trading.positions
  FOR EACH ROW EXECUTE FUNCTION internal.tg_positions__record_terms();
COMMENT ON TRIGGER record_terms ON trading.positions IS 'Books rest on the terms of what was ordered.';
REVOKE ALL ON FUNCTION internal.tg_positions__record_terms() FROM PUBLIC;
