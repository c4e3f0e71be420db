-- reads trading.portfolios, identity.shares
CREATE OR REPLACE FUNCTION identity.readable_portfolios()
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor text := ops.actor();
BEGIN
  IF identity.is_staff()
     OR EXISTS (SELECT FROM identity.shares AS s WHERE s.username = v_actor AND s.portfolio_id = 0
                   AND (s.until IS NULL OR s.until > statement_timestamp())) THEN
    RETURN ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p);
  END IF;
  RETURN ARRAY(
    SELECT p.portfolio_id FROM trading.portfolios AS p WHERE p.owner = v_actor
    UNION ALL
    SELECT s.portfolio_id FROM identity.shares AS s
     WHERE s.username = v_actor AND (s.until IS NULL OR s.until > statement_timestamp()));
END
$$;
COMMENT ON FUNCTION identity.readable_portfolios() IS
  'The portfolios that who acts may read: their own, and those shown to them until a later time than this '
  'statement''s; all, for administrators, runners and whom everything is shown to. Row security goes by it.';
REVOKE ALL ON FUNCTION identity.readable_portfolios() FROM PUBLIC;
