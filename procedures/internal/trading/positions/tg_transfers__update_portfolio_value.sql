-- AFTER INSERT on ledger.transfers; writes trading.portfolio_values
CREATE OR REPLACE FUNCTION internal.tg_transfers__update_portfolio_value()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.revalue_portfolio(NEW.portfolio_id, NEW.at);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_transfers__update_portfolio_value() IS
  'Keeps a portfolio''s value true when money comes or goes without a fill.';
CREATE OR REPLACE TRIGGER trigger_update_portfolio_value AFTER INSERT ON ledger.transfers
  FOR EACH ROW WHEN (NEW.state = 'posted' AND NEW.fill_id IS NULL AND NEW.kind NOT IN ('margin', 'settlement'))
  EXECUTE FUNCTION internal.tg_transfers__update_portfolio_value();
COMMENT ON TRIGGER trigger_update_portfolio_value ON ledger.transfers IS
  'Deposits, withdrawals and the like revalue the portfolio; fills and settlements do so through the position.';
