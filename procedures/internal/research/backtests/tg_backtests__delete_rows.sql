-- AFTER DELETE and TRUNCATE on research.backtests, once per statement; writes research.backtest_orders,
-- research.backtest_fills, research.backtest_trades, research.backtest_equity, research.backtest_curves
CREATE OR REPLACE FUNCTION internal.tg_backtests__delete_rows()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    TRUNCATE research.backtest_orders, research.backtest_fills, research.backtest_trades, research.backtest_equity,
             research.backtest_curves;
    RETURN NULL;
  END IF;
  DELETE FROM research.backtest_orders AS r USING old_runs AS o WHERE r.run_id = o.run_id;
  DELETE FROM research.backtest_fills AS r USING old_runs AS o WHERE r.run_id = o.run_id;
  DELETE FROM research.backtest_trades AS r USING old_runs AS o WHERE r.run_id = o.run_id;
  DELETE FROM research.backtest_equity AS r USING old_runs AS o WHERE r.run_id = o.run_id;
  DELETE FROM research.backtest_curves AS r USING old_runs AS o WHERE r.run_id = o.run_id;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_backtests__delete_rows() IS 'Deletes what runs did together with them.';
CREATE OR REPLACE TRIGGER delete_rows AFTER DELETE ON research.backtests
  REFERENCING OLD TABLE AS old_runs FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_backtests__delete_rows();
CREATE OR REPLACE TRIGGER delete_rows_truncate AFTER TRUNCATE ON research.backtests
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_backtests__delete_rows();
COMMENT ON TRIGGER delete_rows ON research.backtests IS 'What a run did goes with it.';
COMMENT ON TRIGGER delete_rows_truncate ON research.backtests IS 'All of it, too.';
