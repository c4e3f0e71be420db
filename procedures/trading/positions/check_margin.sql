-- locks ledger.portfolio_clocks; writes trading.margin_calls, trading.positions, trading.portfolio_values, ops.events;
-- errors TR211, TR249
CREATE OR REPLACE FUNCTION trading.check_margin(portfolio text, at timestamptz DEFAULT now())
RETURNS TABLE (requirement numeric, equity numeric, excess numeric, call_id int, opened_at timestamptz)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(check_margin.portfolio, 'trade');
BEGIN
  PERFORM internal.require_event_time(check_margin.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  PERFORM internal.mark_periods(v_portfolio_id, check_margin.at);
  PERFORM internal.revalue_portfolio(v_portfolio_id, check_margin.at);
  RETURN QUERY
    SELECT r.need, v.equity::numeric, v.equity - r.need, c.call_id, c.opened_at
      FROM trading.portfolio_values AS v
      CROSS JOIN LATERAL (SELECT internal.margin_requirement(v.portfolio_id, check_margin.at)) AS r (need)
      LEFT JOIN trading.margin_calls AS c ON c.portfolio_id = v.portfolio_id AND c.closed_at IS NULL
     WHERE v.portfolio_id = v_portfolio_id;
END
$$;
COMMENT ON FUNCTION trading.check_margin(text, timestamptz) IS
  'Values a portfolio and compares its equity with the maintenance margin of its positions, in the base currency; '
  'opens a margin call when it is below, closes it when it is restored, and returns the call that is open (NULL: '
  'none). Errors TR211, TR249.';
REVOKE ALL ON FUNCTION trading.check_margin(text, timestamptz) FROM PUBLIC;
