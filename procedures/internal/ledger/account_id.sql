-- reads ledger.accounts; errors TR404
CREATE OR REPLACE FUNCTION internal.account_id(p_portfolio_id int, p_currency text, p_kind ledger.account_kind)
RETURNS smallint
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_account_id smallint;
BEGIN
  SELECT a.account_id INTO v_account_id FROM ledger.accounts AS a
   WHERE a.portfolio_id = p_portfolio_id AND a.currency = p_currency AND a.kind = p_kind;
  IF v_account_id IS NULL THEN
    RAISE EXCEPTION 'portfolio % has no % account in %', p_portfolio_id, p_kind, p_currency
      USING ERRCODE = 'TR404', DETAIL = format('It has accounts in %s.',
              coalesce((SELECT string_agg(DISTINCT a.currency, ', ') FROM ledger.accounts AS a
                         WHERE a.portfolio_id = p_portfolio_id), 'no currency')),
            HINT = 'Money and instruments of a portfolio are in its own currency, unless accounts in another one were '
                   'opened.';
  END IF;
  RETURN v_account_id;
END
$$;
COMMENT ON FUNCTION internal.account_id(int, text, ledger.account_kind) IS
  'Number of the portfolio''s account of this kind and currency. Error TR404.';
