-- AFTER INSERT on research.backtests; writes research.tried
CREATE OR REPLACE FUNCTION internal.tg_backtests__count_trial()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.count_trial(
    NEW.owner, NEW.strategy_id, NEW.version, NEW.instrument_ids, NEW.from_time, NEW.until_time, NEW.capital,
    NEW.settings, NEW.settings -> 'params', NEW.data_fingerprint, NEW.sharpe, NEW.periods);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_backtests__count_trial() IS 'Counts a backtest for ever.';
CREATE OR REPLACE TRIGGER count_trial AFTER INSERT ON research.backtests
  FOR EACH ROW EXECUTE FUNCTION internal.tg_backtests__count_trial();
COMMENT ON TRIGGER count_trial ON research.backtests IS 'What was tried is counted for ever.';
