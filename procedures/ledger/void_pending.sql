-- writes ledger.portfolio_clocks, ledger.transfers, ledger.holds, ledger.balances, ops.events; errors TR211, TR249,
-- TR405, TR406, TR409
CREATE OR REPLACE FUNCTION ledger.void_pending(
  portfolio text, transfer_id bigint, at timestamptz DEFAULT now(), reference text DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN internal.resolve_pending(portfolio, transfer_id, NULL, 'voided', at, reference);
END
$$;
COMMENT ON FUNCTION ledger.void_pending(text, bigint, timestamptz, text) IS
  'Gives a held transfer up in whole: its money is free again. The same reference again answers the first time''s '
  'transfer. Errors TR211, TR249, TR405, TR406, TR409.';
REVOKE ALL ON FUNCTION ledger.void_pending(text, bigint, timestamptz, text) FROM PUBLIC;
