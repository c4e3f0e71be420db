-- reads ledger.*, trading.*
CREATE OR REPLACE FUNCTION ops.check_invariants(portfolio text DEFAULT NULL)
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH violations (invariant, portfolio_id, detail) AS (
    SELECT * FROM ops.check_ledger_invariants()
    UNION ALL
    SELECT * FROM ops.check_trading_invariants()
  )
  SELECT v.* FROM violations AS v
   WHERE $1 IS NULL OR v.portfolio_id = (SELECT p.portfolio_id FROM trading.portfolios AS p WHERE p.name = $1)
   ORDER BY v.portfolio_id, v.invariant, v.detail
$$;
COMMENT ON FUNCTION ops.check_invariants(text) IS
  'One row per violation in the books of a portfolio (NULL: of all); none when they are sound. Reads everything: for tests, restarts and audits.';
