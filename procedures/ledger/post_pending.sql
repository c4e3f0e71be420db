-- writes ledger.portfolio_clocks, ledger.transfers, ledger.holds, ledger.balances, ops.events; errors TR211, TR249,
-- TR403, TR405, TR406, TR409
CREATE OR REPLACE FUNCTION ledger.post_pending(
  portfolio text, transfer_id bigint, amount numeric DEFAULT NULL, at timestamptz DEFAULT now(),
  reference text DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN internal.resolve_pending(portfolio, transfer_id, amount, 'posted', at, reference);
END
$$;
COMMENT ON FUNCTION ledger.post_pending(text, bigint, numeric, timestamptz, text) IS
  'Posts a held transfer, in whole unless an amount is given, and voids the rest: it is answered once. The same '
  'reference again answers the first time''s transfer. Errors TR211, TR249, TR403, TR405, TR406, TR409.';
REVOKE ALL ON FUNCTION ledger.post_pending(text, bigint, numeric, timestamptz, text) FROM PUBLIC;
