-- reads trading.portfolios, identity.shares; errors TR211, TR701, TR702
CREATE OR REPLACE FUNCTION trading.portfolio_id(portfolio text, "right" identity.portfolio_right DEFAULT 'read')
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor        text := ops.actor();  -- by itself, so that an index finds it
  v_portfolio_id int;
BEGIN
  SELECT p.portfolio_id INTO v_portfolio_id FROM trading.portfolios AS p
   WHERE p.owner = v_actor AND p.name = portfolio_id.portfolio
     AND (portfolio_id."right" = 'read' OR identity.may_trade());
  IF v_portfolio_id IS NULL THEN
    v_portfolio_id := identity.resolve_portfolio(portfolio_id.portfolio, portfolio_id."right");
  END IF;
  RETURN v_portfolio_id;
END
$$;
COMMENT ON FUNCTION trading.portfolio_id(text, identity.portfolio_right) IS
  'Identifier of a portfolio by its name, for who has this right to it: the door through which every call that names a '
  'portfolio goes. One''s own goes by its name, another''s by owner/name. Errors TR211 when there is none that one may '
  'see, TR701 when one may not do that with it, TR702 for administrators when the name alone is not clear.';
