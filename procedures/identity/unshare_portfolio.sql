-- writes identity.shares; errors TR211, TR701, TR702
CREATE OR REPLACE FUNCTION identity.unshare_portfolio(portfolio text, username text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := internal.shared_portfolio_id(unshare_portfolio.portfolio);
BEGIN
  DELETE FROM identity.shares AS s
   WHERE s.portfolio_id = v_portfolio_id AND s.username = unshare_portfolio.username;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION identity.unshare_portfolio(text, text) IS
  'Takes back what identity.share_portfolio gave; false when it was not there. What the other ordered stays. Errors '
  'TR211, TR701, TR702.';
REVOKE ALL ON FUNCTION identity.unshare_portfolio(text, text) FROM PUBLIC;
