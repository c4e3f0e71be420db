-- AFTER UPDATE on market.instruments; writes trading.instrument_terms; errors TR410
CREATE OR REPLACE FUNCTION internal.tg_instruments__keep_terms()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_version int := (SELECT max(t.version) FROM trading.instrument_terms AS t
                     WHERE t.instrument_id = OLD.instrument_id);
BEGIN
  IF v_version IS NULL THEN
    RETURN NULL;
  END IF;
  IF (NEW.instrument_id, NEW.exchange_id, NEW.kind, NEW.currency::text, NEW.multiplier, NEW.strike, NEW.option_right)
     IS DISTINCT FROM (OLD.instrument_id, OLD.exchange_id, OLD.kind, OLD.currency::text, OLD.multiplier, OLD.strike,
                       OLD.option_right) THEN
    RAISE EXCEPTION 'the terms of % are in use', OLD.symbol
      USING ERRCODE = 'TR410',
            DETAIL = format('It has been ordered as kind %s in %s, multiplier %s, strike %s, right %s.', OLD.kind,
                            OLD.currency, trim_scale(OLD.multiplier),
                            coalesce(trim_scale(OLD.strike)::text, 'none'), coalesce(OLD.option_right::text, 'none')),
            HINT = 'Add an instrument of its own for the new terms, and set is_active = false for this one.';
  END IF;
  PERFORM internal.record_instrument_terms(NEW, v_version + 1);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_instruments__keep_terms() IS
  'Refuses another exchange, kind, currency, multiplier, strike or right of an instrument that has been ordered, and '
  'records what else of its terms changes. Error TR410.';
CREATE OR REPLACE TRIGGER keep_terms AFTER UPDATE ON market.instruments
  FOR EACH ROW WHEN (
    (NEW.instrument_id, NEW.exchange_id, NEW.symbol::text, NEW.kind, NEW.currency::text, NEW.multiplier, NEW.strike,
     NEW.option_right, NEW.underlying_id, NEW.expires_on, NEW.lot_size, NEW.tick_size, NEW.initial_margin,
     NEW.maintenance_margin)
    IS DISTINCT FROM
    (OLD.instrument_id, OLD.exchange_id, OLD.symbol::text, OLD.kind, OLD.currency::text, OLD.multiplier, OLD.strike,
     OLD.option_right, OLD.underlying_id, OLD.expires_on, OLD.lot_size, OLD.tick_size, OLD.initial_margin,
     OLD.maintenance_margin))
  EXECUTE FUNCTION internal.tg_instruments__keep_terms();
COMMENT ON TRIGGER keep_terms ON market.instruments IS 'Books rest on the terms of what was ordered.';
REVOKE ALL ON FUNCTION internal.tg_instruments__keep_terms() FROM PUBLIC;
