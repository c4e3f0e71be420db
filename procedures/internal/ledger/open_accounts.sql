-- writes ledger.accounts, ledger.balances
CREATE OR REPLACE FUNCTION internal.open_accounts(p_portfolio_id int, p_currency text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_base int;
BEGIN
  PERFORM internal.lock_portfolio(p_portfolio_id);
  IF EXISTS (SELECT FROM ledger.accounts AS a WHERE a.portfolio_id = p_portfolio_id AND a.currency = p_currency) THEN
    RETURN;
  END IF;
  IF p_currency ~ '^[A-Z][A-Z0-9]{2,9}$' IS NOT TRUE THEN
    RAISE EXCEPTION 'no account can be in this currency'
      USING ERRCODE = 'TR404', DETAIL = format('The currency is %L.', left(p_currency, 40)),
            HINT = 'A currency is a code in capital letters, such as USD, INR or USDT.';
  END IF;
  SELECT coalesce(max(a.account_id), 0) INTO v_base FROM ledger.accounts AS a WHERE a.portfolio_id = p_portfolio_id;
  INSERT INTO ledger.accounts (portfolio_id, account_id, kind, currency)
  SELECT p_portfolio_id, v_base + k.position, k.kind, p_currency
    FROM unnest(enum_range(NULL::ledger.account_kind)) WITH ORDINALITY AS k (kind, position);
  INSERT INTO ledger.balances (portfolio_id, account_id, may_overdraw)
  SELECT a.portfolio_id, a.account_id, a.kind NOT IN ('cash', 'margin')
    FROM ledger.accounts AS a WHERE a.portfolio_id = p_portfolio_id AND a.currency = p_currency;
END
$$;
COMMENT ON FUNCTION internal.open_accounts(int, text) IS
  'Opens one account of each kind in this currency; nothing happens when they are open.';
