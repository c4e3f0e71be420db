CREATE OR REPLACE FUNCTION identity.may_trade()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
RETURN coalesce(identity.actor_role() IN ('admin', 'runner', 'trader'), false);
COMMENT ON FUNCTION identity.may_trade() IS
  'Whether who acts has a role that trades at all: which portfolios, identity.tradable_portfolios says.';
