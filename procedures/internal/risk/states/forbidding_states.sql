-- reads risk.halts, risk.locks
CREATE OR REPLACE FUNCTION internal.forbidding_states(
  p_order internal.order_terms, p_opening numeric, p_subjects text[])
RETURNS risk.verdict[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT array_agg(ROW (s.code, s.rule, s.scope, NULL, NULL, NULL, NULL, 'reject', p_opening > 0,
                          s.reason)::risk.verdict ORDER BY s.rule DESC, s.id)
      FROM (
        SELECT CASE h.state WHEN 'halted' THEN 'TR301' ELSE 'TR308' END AS code, 'state' AS rule, h.scope,
               h.halt_id AS id,
               format('%s %s since %s: %s', coalesce(h.scope_name, h.scope::text), h.state,
                      h.halted_at AT TIME ZONE 'UTC', h.reason) AS reason
          FROM risk.halts AS h
         WHERE h.subject = ANY (p_subjects) AND h.resumed_at IS NULL
           AND (h.expires_at IS NULL OR h.expires_at > p_order.at)
        UNION ALL
        SELECT l.code, 'lock', NULL, l.lock_id,
               l.reason
                 || CASE WHEN isfinite(l.expires_at) THEN format(', until %s', l.expires_at AT TIME ZONE 'UTC')
                         ELSE ', until a person releases it' END
          FROM risk.locks AS l
         WHERE l.portfolio_id = p_order.portfolio_id AND l.released_at IS NULL AND l.expires_at > p_order.at
           AND (l.instrument_id IS NULL OR l.instrument_id = p_order.instrument_id)
           AND (l.agent_id IS NULL OR l.agent_id = p_order.agent_id)) AS s);
END
$$;
COMMENT ON FUNCTION internal.forbidding_states(internal.order_terms, numeric, text[]) IS
  'The trading states and locks in force that concern an order, states first; NULL when there are none.';
