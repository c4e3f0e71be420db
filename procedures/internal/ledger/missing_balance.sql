-- reads ledger.balances; errors TR412
CREATE OR REPLACE FUNCTION internal.missing_balance(p_accounts bigint[])
RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_missing text;
BEGIN
  SELECT string_agg(format('account %s of portfolio %s', a & 65535, a >> 16), ', ' ORDER BY a) INTO v_missing
    FROM unnest(p_accounts) AS a
   WHERE NOT EXISTS (SELECT FROM ledger.balances AS b
                      WHERE b.portfolio_id = (a >> 16)::int AND b.account_id = (a & 65535)::smallint);
  RAISE EXCEPTION 'an account has no balance to book on'
    USING ERRCODE = 'TR412', DETAIL = format('It is %s.', coalesce(v_missing, 'unknown')),
          HINT = 'Rows of ledger.balances were deleted past the engine: SELECT * FROM ops.check_invariants() says '
                 'which; restore a backup.';
END
$$;
COMMENT ON FUNCTION internal.missing_balance(bigint[]) IS
  'Refuses to book on accounts of which one has no balance; each is the portfolio''s number, shifted by 16 bits, and '
  'its own. Error TR412.';
