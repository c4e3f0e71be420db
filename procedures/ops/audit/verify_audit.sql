-- reads ops.audit_log, ops.journal_seals, ops.events, trading.*, ledger.*; errors TR751
CREATE OR REPLACE FUNCTION ops.verify_audit(heads jsonb DEFAULT NULL)
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF verify_audit.heads IS NOT NULL THEN
    RETURN QUERY SELECT f.* FROM internal.verify_heads(verify_audit.heads) AS f;
  END IF;
  RETURN QUERY SELECT f.* FROM internal.verify_audit_log() AS f;
  RETURN QUERY SELECT f.* FROM internal.verify_seals() AS f;
  RETURN QUERY SELECT f.* FROM internal.verify_numbers() AS f;
  RETURN QUERY SELECT f.* FROM internal.verify_orders() AS f;
  RETURN QUERY
    SELECT 'trading.portfolios', v.portfolio_id::text, format('%s: %s', v.invariant, v.detail)
      FROM (SELECT * FROM ops.check_ledger_invariants()
            UNION ALL SELECT * FROM ops.check_order_invariants()
            UNION ALL SELECT * FROM ops.check_fill_invariants()
            UNION ALL SELECT * FROM ops.check_reference_invariants()) AS v (invariant, portfolio_id, detail);
END
$$;
COMMENT ON FUNCTION ops.verify_audit(jsonb) IS
  'One row per fault: rows of the audit, the journal, orders, fills or transfers that were changed, removed or '
  'inserted behind the engine''s back; none when all is as it was written. heads, as bourse audit head --json prints '
  'them, also finds chains that were made anew. Reads everything. Error TR751.';
REVOKE ALL ON FUNCTION ops.verify_audit(jsonb) FROM PUBLIC;
