-- AFTER trigger on trading.positions; writes trading.portfolio_values
CREATE OR REPLACE FUNCTION internal.tg_positions__update_portfolio_value()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- A future is not paid for; its market value is its gain.
  v_cost numeric := CASE WHEN NEW.is_future THEN 0 ELSE NEW.cost - OLD.cost END;
BEGIN
  IF NEW.is_foreign THEN
    PERFORM internal.revalue_portfolio(NEW.portfolio_id, NEW.updated_at);
    RETURN NULL;
  END IF;
  -- By the difference, so that a portfolio of a thousand positions costs as little as one of ten. All money of a
  -- position comes from cash.
  UPDATE trading.portfolio_values
     SET cash = cash + (NEW.realised_pnl - OLD.realised_pnl)
                - (NEW.fees - OLD.fees) - (NEW.margin - OLD.margin) - v_cost,
         margin = margin + (NEW.margin - OLD.margin),
         positions_value = positions_value + (NEW.market_value - OLD.market_value),
         realised_pnl = realised_pnl + (NEW.realised_pnl - OLD.realised_pnl),
         unrealised_pnl = unrealised_pnl + (NEW.market_value - OLD.market_value) - v_cost,
         fees = fees + (NEW.fees - OLD.fees),
         at = greatest(at, NEW.updated_at)
   WHERE portfolio_id = NEW.portfolio_id;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_positions__update_portfolio_value() IS
  'Keeps a portfolio''s value true when what it holds changes.';
CREATE
  OR REPLACE TRIGGER trigger_update_portfolio_value AFTER UPDATE OF quantity, cost, realised_pnl, fees, margin
     ON trading.positions
  FOR EACH ROW EXECUTE FUNCTION internal.tg_positions__update_portfolio_value();
COMMENT ON TRIGGER trigger_update_portfolio_value ON trading.positions IS
  'A position that changes revalues its portfolio.';
REVOKE ALL ON FUNCTION internal.tg_positions__update_portfolio_value() FROM PUBLIC;
