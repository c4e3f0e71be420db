-- AFTER INSERT, UPDATE, DELETE on trading.fee_components: the schedule's own trigger does the rest
CREATE OR REPLACE FUNCTION internal.tg_fee_components__compile()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE trading.fee_schedules AS f SET lines = '{}'
   WHERE (f.name, f.valid_from) IN ((OLD.name, OLD.valid_from), (NEW.name, NEW.valid_from));
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_fee_components__compile() IS
  'Has the schedule put together its lines anew, which is refused when open orders have its terms. Error TR241.';
CREATE OR REPLACE TRIGGER compile AFTER INSERT OR UPDATE OR DELETE ON trading.fee_components
  FOR EACH ROW EXECUTE FUNCTION internal.tg_fee_components__compile();
COMMENT ON TRIGGER compile ON trading.fee_components IS 'Schedules hold their lines ready.';
