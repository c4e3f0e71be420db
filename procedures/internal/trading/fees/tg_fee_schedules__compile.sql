-- BEFORE INSERT, UPDATE on trading.fee_schedules
CREATE OR REPLACE FUNCTION internal.tg_fee_schedules__compile()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.lines := internal.fee_lines(NEW);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_fee_schedules__compile() IS
  'Puts together the lines of a schedule, whatever was written there.';
CREATE OR REPLACE TRIGGER compile BEFORE INSERT OR UPDATE ON trading.fee_schedules
  FOR EACH ROW EXECUTE FUNCTION internal.tg_fee_schedules__compile();
COMMENT ON TRIGGER compile ON trading.fee_schedules IS 'Schedules hold their lines ready.';
-- Reference rows of a first installation come before the trigger.
UPDATE trading.fee_schedules SET lines = '{}' WHERE lines = '{}';
