-- locks ledger.portfolio_clocks for a portfolio, agent or strategy; writes risk.halts, ops.events; errors TR249,
-- TR305, TR306, TR701, TR702
CREATE OR REPLACE FUNCTION risk.halt(
  scope risk.scope DEFAULT 'system', target text DEFAULT NULL, reason text DEFAULT 'halted by hand',
  at timestamptz DEFAULT now())
RETURNS risk.halts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN risk.set_state('halted', halt.scope, halt.target, halt.reason, halt.at);
END
$$;
COMMENT ON FUNCTION risk.halt(risk.scope, text, text, timestamptz) IS
  'Stops orders that open or enlarge positions, of everybody, a user, a portfolio, a strategy, an agent, an instrument '
  'or a sector, until risk.resume; orders that only make a position smaller still pass, and what rests stays. A second '
  'halt of the same scope answers the first. Errors TR249, TR305, TR306, TR701, TR702.';
REVOKE ALL ON FUNCTION risk.halt(risk.scope, text, text, timestamptz) FROM PUBLIC;
