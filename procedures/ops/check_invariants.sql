-- reads ledger.*, trading.*; errors TR211
CREATE OR REPLACE FUNCTION ops.check_invariants(portfolio text DEFAULT NULL)
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  -- An unknown portfolio is an error, not a sound one.
  v_portfolio_id int := CASE WHEN check_invariants.portfolio IS NOT NULL
                             THEN trading.portfolio_id(check_invariants.portfolio) END;
BEGIN
  RETURN QUERY
    SELECT v.*
      FROM (SELECT * FROM ops.check_ledger_invariants()
            UNION ALL SELECT * FROM ops.check_order_invariants()
            UNION ALL SELECT * FROM ops.check_fill_invariants()
            UNION ALL SELECT * FROM ops.check_position_invariants()
            UNION ALL SELECT * FROM ops.check_intraday_invariants()
            UNION ALL SELECT * FROM ops.check_settlement_invariants()
            UNION ALL SELECT * FROM ops.check_snapshot_invariants()
            UNION ALL SELECT * FROM ops.check_terms_invariants()
            UNION ALL SELECT * FROM ops.check_reference_invariants()
            UNION ALL SELECT * FROM ops.check_journal_invariants()) AS v (invariant, portfolio_id, detail)
     -- What concerns no portfolio concerns all.
     WHERE v.portfolio_id = v_portfolio_id OR v.portfolio_id IS NULL OR v_portfolio_id IS NULL
     ORDER BY v.portfolio_id, v.invariant, v.detail;
END
$$;
COMMENT ON FUNCTION ops.check_invariants(text) IS
  'One row per violation in the books of a portfolio (NULL: of all); none when they are sound. Reads everything: for '
  'tests, restarts and audits. Error TR211.';
