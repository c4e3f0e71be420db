-- AFTER trigger on trading.positions; writes trading.portfolio_values
CREATE OR REPLACE FUNCTION trading.tg_positions__update_portfolio_value()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM trading.revalue(coalesce(NEW.portfolio_id, OLD.portfolio_id), coalesce(NEW.updated_at, OLD.updated_at));
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION trading.tg_positions__update_portfolio_value() IS 'Keeps a portfolio''s value true when what it holds changes.';
CREATE OR REPLACE TRIGGER trigger_update_portfolio_value AFTER UPDATE OF quantity, cost, realised_pnl, fees ON trading.positions
  FOR EACH ROW WHEN ((OLD.quantity, OLD.cost, OLD.realised_pnl, OLD.fees) IS DISTINCT FROM (NEW.quantity, NEW.cost, NEW.realised_pnl, NEW.fees))
  EXECUTE FUNCTION trading.tg_positions__update_portfolio_value();
COMMENT ON TRIGGER trigger_update_portfolio_value ON trading.positions IS 'A position that changes revalues its portfolio.';
