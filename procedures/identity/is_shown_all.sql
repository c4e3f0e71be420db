-- reads identity.shares
CREATE OR REPLACE FUNCTION identity.is_shown_all()
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (SELECT FROM identity.shares AS s
                  WHERE s.portfolio_id = 0 AND s.username = ops.actor()
                    AND (s.until IS NULL OR s.until > statement_timestamp()));
END
$$;
COMMENT ON FUNCTION identity.is_shown_all() IS
  'Whether an administrator shows who acts all portfolios (identity.share_portfolio(''*'', ...)), and so backtests, '
  'optimizations and what the house is alerted of, too. Row security asks it once for each table of a statement.';
REVOKE ALL ON FUNCTION identity.is_shown_all() FROM PUBLIC;
