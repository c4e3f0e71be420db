-- reads ops.journal_seals
CREATE OR REPLACE FUNCTION internal.last_seal(p_portfolio_id int)
RETURNS ops.journal_seals
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
RETURN coalesce((SELECT s FROM ops.journal_seals AS s WHERE s.portfolio_id = p_portfolio_id
                  ORDER BY s.number DESC LIMIT 1),
                internal.no_seal(p_portfolio_id));
COMMENT ON FUNCTION internal.last_seal(int) IS
  'The last seal of a portfolio (0: of the events of none); its number is 0 when nothing is sealed yet.';
