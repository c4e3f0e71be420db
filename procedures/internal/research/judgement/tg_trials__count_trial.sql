-- AFTER UPDATE on research.trials; writes research.tried; reads research.optimizations, research.optimization_windows
CREATE OR REPLACE FUNCTION internal.tg_trials__count_trial()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.count_trial(
            o.owner, o.strategy_id, o.version, o.instrument_ids,
            CASE NEW.part WHEN 'in_sample' THEN w.from_time ELSE w.test_from END,
            CASE NEW.part WHEN 'in_sample' THEN w.until_time ELSE w.test_until END, o.capital, o.settings,
            coalesce(o.settings -> 'params', '{}') || NEW.params, NEW.data_fingerprint, NEW.sharpe, NEW.periods)
     FROM research.optimizations AS o JOIN research.optimization_windows AS w USING (optimization_id)
    WHERE o.optimization_id = NEW.optimization_id AND w.window_no = NEW.window_no;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_trials__count_trial() IS 'Counts a trial for ever, once it has run.';
CREATE OR REPLACE TRIGGER count_trial AFTER UPDATE ON research.trials
  FOR EACH ROW WHEN (OLD.returns IS NULL AND NEW.returns IS NOT NULL)
  EXECUTE FUNCTION internal.tg_trials__count_trial();
COMMENT ON TRIGGER count_trial ON research.trials IS 'What was tried is counted for ever.';
