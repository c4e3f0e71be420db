-- AFTER INSERT on ledger.transfers; writes risk.period_marks, ledger.capital_flows, trading.portfolio_values; errors
-- TR407
CREATE OR REPLACE FUNCTION internal.tg_transfers__update_portfolio_value()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.mark_periods(NEW.portfolio_id, NEW.at, NEW);
  IF NEW.kind IN ('deposit', 'withdrawal') THEN
    PERFORM internal.book_flow(NEW);
  ELSE
    PERFORM internal.revalue_portfolio(NEW.portfolio_id, NEW.at);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_transfers__update_portfolio_value() IS
  'Keeps a portfolio''s value true when money comes or goes without a fill, and its return when it is capital.';
CREATE OR REPLACE TRIGGER trigger_update_portfolio_value AFTER INSERT ON ledger.transfers
  FOR EACH ROW WHEN (NEW.state = 'posted' AND NEW.fill_id IS NULL AND NEW.kind NOT IN ('margin', 'settlement'))
  EXECUTE FUNCTION internal.tg_transfers__update_portfolio_value();
COMMENT ON TRIGGER trigger_update_portfolio_value ON ledger.transfers IS
  'Deposits, withdrawals and the like revalue the portfolio; fills and settlements do so through the position.';
REVOKE ALL ON FUNCTION internal.tg_transfers__update_portfolio_value() FROM PUBLIC;
