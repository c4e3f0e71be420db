-- reads trading.portfolios, identity.shares
CREATE OR REPLACE FUNCTION identity.tradable_portfolios()
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor text := ops.actor();
BEGIN
  IF identity.is_staff() THEN
    RETURN ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p);
  ELSIF NOT identity.may_trade() THEN
    RETURN ARRAY[]::int[];
  END IF;
  RETURN ARRAY(
    SELECT p.portfolio_id FROM trading.portfolios AS p WHERE p.owner = v_actor
    UNION ALL
    SELECT s.portfolio_id FROM identity.shares AS s
     WHERE s.username = v_actor AND s."right" = 'trade' AND (s.until IS NULL OR s.until > statement_timestamp()));
END
$$;
COMMENT ON FUNCTION identity.tradable_portfolios() IS
  'The portfolios that who acts may trade: a trader''s own and those shown with the right trade, all for '
  'administrators and runners.';
REVOKE ALL ON FUNCTION identity.tradable_portfolios() FROM PUBLIC;
