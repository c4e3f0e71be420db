-- reads trading.portfolios, identity.shares; errors TR211, TR701
CREATE OR REPLACE FUNCTION internal.require_portfolios(p_portfolio_ids int[], p_right identity.portfolio_right)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_readable int[];
BEGIN
  IF identity.is_staff() THEN
    RETURN;
  END IF;
  v_readable := identity.readable_portfolios();
  IF NOT p_portfolio_ids <@ v_readable THEN
    RAISE EXCEPTION 'unknown portfolio among %', left(p_portfolio_ids::text, 100)
      USING ERRCODE = 'TR211', DETAIL = 'One of them is not yours, and was not shown to you.',
            HINT = 'trading.portfolio_id(...) answers the identifier of a portfolio.';
  ELSIF p_right = 'trade' AND NOT p_portfolio_ids <@ identity.tradable_portfolios() THEN
    RAISE EXCEPTION 'you may look at one of these portfolios, not trade it'
      USING ERRCODE = 'TR701',
            DETAIL = format('%s acts as %s.', ops.actor(), coalesce(identity.actor_role(), 'nobody')),
            HINT = 'Its owner gives a trader the right with identity.share_portfolio(..., ''trade'').';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_portfolios(int[], identity.portfolio_right) IS
  'Refuses who acts unless they have this right to each of these portfolios: doors that take identifiers begin with '
  'it. What one may not see is unknown. Errors TR211, TR701.';
