-- reads trading.portfolios, identity.shares
CREATE OR REPLACE FUNCTION identity.own_portfolios()
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor text := ops.actor();
  v_ids   int[];
BEGIN
  v_ids := ARRAY(
    SELECT p.portfolio_id FROM trading.portfolios AS p WHERE p.owner = v_actor
    UNION ALL
    SELECT s.portfolio_id FROM identity.shares AS s
     WHERE s.username = v_actor AND (s.until IS NULL OR s.until > statement_timestamp()));
  IF 0 = ANY (v_ids) THEN  -- everything is shown to them
    RETURN ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p);
  END IF;
  RETURN v_ids;
END
$$;
COMMENT ON FUNCTION identity.own_portfolios() IS
  'The portfolios that who acts may read though they serve nobody else: their own, and those shown to them until a '
  'later time than this statement''s. Row security asks it once for each table of a statement, so it does as little as '
  'it can.';
REVOKE ALL ON FUNCTION identity.own_portfolios() FROM PUBLIC;
