-- writes identity.shares; errors TR211, TR701, TR702, TR703
CREATE OR REPLACE FUNCTION identity.share_portfolio(
  portfolio text, username text, "right" text, until timestamptz DEFAULT NULL)
RETURNS identity.shares
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := internal.shared_portfolio_id(share_portfolio.portfolio);
  v_share        identity.shares;
BEGIN
  IF (length(share_portfolio.username) BETWEEN 1 AND 256
      AND share_portfolio."right" = ANY (enum_range(NULL::identity.portfolio_right)::text[])
      AND (share_portfolio."right" = 'read' OR v_portfolio_id > 0)
      AND coalesce(share_portfolio.until > statement_timestamp(), true)) IS NOT TRUE
     OR EXISTS (SELECT FROM trading.portfolios AS p
                 WHERE p.portfolio_id = v_portfolio_id AND p.owner = share_portfolio.username) THEN
    RAISE EXCEPTION 'a portfolio is shown to somebody else, to read or to trade, until a time to come'
      USING ERRCODE = 'TR703',
            DETAIL = format('username %s, right %s, until %s.',
                            coalesce(quote_literal(left(share_portfolio.username, 64)), 'NULL'),
                            coalesce(quote_literal(left(share_portfolio."right", 64)), 'NULL'),
                            coalesce(share_portfolio.until::text, 'NULL')),
            HINT = 'For example identity.share_portfolio(''main'', ''ann'', ''read'', ''2030-01-01''); * stands for '
                   'all portfolios, which are shown to read only.';
  END IF;
  INSERT INTO identity.shares AS s (portfolio_id, username, "right", until)
  VALUES (v_portfolio_id, share_portfolio.username, share_portfolio."right"::identity.portfolio_right,
          share_portfolio.until)
  ON CONFLICT (portfolio_id, username)
  DO UPDATE SET "right" = EXCLUDED."right", until = EXCLUDED.until, shared_by = EXCLUDED.shared_by,
                shared_at = EXCLUDED.shared_at
  RETURNING * INTO v_share;
  RETURN v_share;
END
$$;
COMMENT ON FUNCTION identity.share_portfolio(text, text, text, timestamptz) IS
  'Shows one of one''s portfolios to another user, who reads or trades it as owner/name, until a time or until it is '
  'taken back; again it changes right and time. Whether there is such a user is not said. Administrators show those of '
  'others too, and * to read all. Errors TR211, TR701, TR702, TR703.';
REVOKE ALL ON FUNCTION identity.share_portfolio(text, text, text, timestamptz) FROM PUBLIC;
