-- BEFORE UPDATE on strategy.strategy_versions; errors TR213
CREATE OR REPLACE FUNCTION internal.tg_strategy_versions__keep()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.status <> 'unchecked' OR NEW.status = 'unchecked'
     OR (NEW.strategy_id, NEW.version, NEW.timeframe, NEW.parameters, NEW.created_at)
        IS DISTINCT FROM (OLD.strategy_id, OLD.version, OLD.timeframe, OLD.parameters, OLD.created_at) THEN
    RAISE EXCEPTION 'versions of a strategy never change'
      USING ERRCODE = 'TR213', DETAIL = format('Strategy %s, version %s is %s.', OLD.strategy_id, OLD.version,
                                               OLD.status),
            HINT = 'strategy.create_strategy(...) of the same name makes a new version.';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_strategy_versions__keep() IS
  'Lets a version be checked once, and refuses any other change, whoever tries. Error TR213.';
CREATE OR REPLACE TRIGGER trigger_keep_version BEFORE UPDATE ON strategy.strategy_versions
  FOR EACH ROW EXECUTE FUNCTION internal.tg_strategy_versions__keep();
COMMENT ON TRIGGER trigger_keep_version ON strategy.strategy_versions IS
  'Rules never change; what a check found is recorded once.';
CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE OR TRUNCATE ON strategy.strategy_versions
  FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_change();
COMMENT ON TRIGGER refuse_delete ON strategy.strategy_versions IS 'The table is append-only.';
