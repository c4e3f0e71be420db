-- BEFORE INSERT, UPDATE on trading.fee_schedules; reads trading.fee_components, trading.fee_plans; errors TR251
CREATE OR REPLACE FUNCTION internal.tg_fee_schedules__compile()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM trading.fee_plans AS p WHERE p.name = NEW.name) THEN
    RAISE EXCEPTION '"%" is the name of a fee plan', NEW.name
      USING ERRCODE = 'TR251', DETAIL = 'A portfolio names a plan or a schedule: no two have the same name.',
            HINT = 'Give the schedule another name.';
  END IF;
  NEW.lines := internal.fee_lines(NEW, false);
  NEW.exercise_lines := internal.fee_lines(NEW, true);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_fee_schedules__compile() IS
  'Puts together the lines of a schedule, whatever was written there. Error TR251.';
CREATE OR REPLACE TRIGGER compile BEFORE INSERT OR UPDATE ON trading.fee_schedules
  FOR EACH ROW EXECUTE FUNCTION internal.tg_fee_schedules__compile();
COMMENT ON TRIGGER compile ON trading.fee_schedules IS 'Schedules hold their lines ready.';
-- Reference rows of a first installation come before the trigger.
UPDATE trading.fee_schedules SET lines = '{}' WHERE lines = '{}';
