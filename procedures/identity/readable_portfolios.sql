-- reads trading.portfolios, identity.shares
CREATE OR REPLACE FUNCTION identity.readable_portfolios()
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF identity.is_staff() THEN
    RETURN ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p);
  END IF;
  RETURN identity.own_portfolios();
END
$$;
COMMENT ON FUNCTION identity.readable_portfolios() IS
  'The portfolios that who acts may read: all, for administrators and runners; for others those of '
  'identity.own_portfolios.';
REVOKE ALL ON FUNCTION identity.readable_portfolios() FROM PUBLIC;
