-- AFTER INSERT and UPDATE on trading.portfolios; locks ledger.portfolio_clocks; reads ledger.transfers,
-- trading.orders, trading.positions; writes trading.portfolio_terms; errors TR411
CREATE OR REPLACE FUNCTION internal.tg_portfolios__keep_terms()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_reason text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM internal.lock_portfolio(OLD.portfolio_id);
    v_reason := CASE
      WHEN NEW.portfolio_id <> OLD.portfolio_id THEN 'its number leads the keys of all that it owns'
      WHEN (NEW.currency <> OLD.currency OR NEW.opened_at > OLD.opened_at)
           AND EXISTS (SELECT FROM ledger.portfolio_clocks AS k WHERE k.portfolio_id = OLD.portfolio_id
                          AND (k.next_transfer_id > 1 OR k.next_order_id > 1))
        THEN format('money was booked or ordered with since %s, in %s', OLD.opened_at, OLD.currency)
      WHEN NEW.account_type <> OLD.account_type
        THEN (SELECT format('instrument %s is held or ordered', p.instrument_id) FROM trading.positions AS p
               WHERE p.portfolio_id = OLD.portfolio_id
                 AND (p.quantity <> 0 OR p.open_buy_quantity <> 0 OR p.open_sell_quantity <> 0)
               ORDER BY p.instrument_id LIMIT 1) END;
    IF v_reason IS NOT NULL THEN
      RAISE EXCEPTION 'portfolio "%" is in use', OLD.name
        USING ERRCODE = 'TR411', DETAIL = format('%s: %s.', OLD.account_type, v_reason),
              HINT = 'The type of its account changes while nothing is held or ordered; for another currency or time '
                     'create another portfolio.';
    END IF;
  END IF;
  INSERT INTO trading.portfolio_terms (portfolio_id, version, currency, account_type, opened_at)
  SELECT NEW.portfolio_id, coalesce(max(t.version), 0) + 1, NEW.currency, NEW.account_type, NEW.opened_at
    FROM trading.portfolio_terms AS t WHERE t.portfolio_id = NEW.portfolio_id;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_portfolios__keep_terms() IS
  'Refuses another currency or a later beginning of a portfolio that was used, and another type of account while '
  'something is held or ordered; records what is set. Error TR411.';
CREATE OR REPLACE TRIGGER keep_terms AFTER UPDATE ON trading.portfolios
  FOR EACH ROW WHEN ((NEW.portfolio_id, NEW.currency::text, NEW.account_type, NEW.opened_at)
                     IS DISTINCT FROM (OLD.portfolio_id, OLD.currency::text, OLD.account_type, OLD.opened_at))
  EXECUTE FUNCTION internal.tg_portfolios__keep_terms();
COMMENT ON TRIGGER keep_terms ON trading.portfolios IS 'Books rest on the currency and the type of the account.';
CREATE OR REPLACE TRIGGER record_terms AFTER INSERT ON trading.portfolios
  FOR EACH ROW EXECUTE FUNCTION internal.tg_portfolios__keep_terms();
COMMENT ON TRIGGER record_terms ON trading.portfolios IS 'Books rest on the currency and the type of the account.';
REVOKE ALL ON FUNCTION internal.tg_portfolios__keep_terms() FROM PUBLIC;
