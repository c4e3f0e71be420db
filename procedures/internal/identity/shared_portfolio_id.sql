-- reads trading.portfolios; errors TR211, TR701, TR702
CREATE OR REPLACE FUNCTION internal.shared_portfolio_id(p_portfolio text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int;
  v_owner        text;  -- NULL: of all portfolios
BEGIN
  IF p_portfolio = '*' THEN
    v_portfolio_id := 0;
  ELSE
    v_portfolio_id := trading.portfolio_id(p_portfolio);
    SELECT p.owner INTO v_owner FROM trading.portfolios AS p WHERE p.portfolio_id = v_portfolio_id;
  END IF;
  IF identity.actor_role() IS DISTINCT FROM 'admin'
     AND (v_owner IS DISTINCT FROM ops.actor() OR NOT identity.may_trade()) THEN
    RAISE EXCEPTION 'only its owner shows a portfolio to others'
      USING ERRCODE = 'TR701',
            DETAIL = format('%s acts as %s.', ops.actor(), coalesce(identity.actor_role(), 'nobody')),
            HINT = 'Ask its owner, or an administrator.';
  END IF;
  RETURN v_portfolio_id;
END
$$;
COMMENT ON FUNCTION internal.shared_portfolio_id(text) IS
  'Identifier of a portfolio that who acts may show to others; 0 for *, all of them. Errors TR211, TR701, TR702.';
