-- reads risk.limits, risk.halts, risk.locks
CREATE OR REPLACE FUNCTION risk.applies_to(p_portfolio_ids int[])
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM risk.limits AS l WHERE l.scope <> 'portfolio' OR l.scope_id = ANY (p_portfolio_ids))
      OR EXISTS (SELECT FROM risk.halts AS h WHERE h.resumed_at IS NULL AND (h.scope <> 'portfolio' OR h.scope_id = ANY (p_portfolio_ids)))
      OR EXISTS (SELECT FROM risk.locks AS l WHERE l.portfolio_id = ANY (p_portfolio_ids) AND l.released_at IS NULL);
END
$$;
COMMENT ON FUNCTION risk.applies_to(int[]) IS
  'False when no rule can concern any order of these portfolios, so that a batch need not ask risk.check_order for each. The caller holds their books.';
REVOKE ALL ON FUNCTION risk.applies_to(int[]) FROM PUBLIC;
