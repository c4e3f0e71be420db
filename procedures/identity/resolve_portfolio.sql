-- reads trading.portfolios, identity.shares; errors TR211, TR701, TR702
CREATE OR REPLACE FUNCTION identity.resolve_portfolio(portfolio text, "right" identity.portfolio_right)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor    text := ops.actor();
  v_is_staff boolean := identity.is_staff();
  v_owner    text := substring(resolve_portfolio.portfolio FROM '^(.*)/[^/]*$');
  v_ids      int[];
  v_labels   text[];
BEGIN
  -- Without an owner it is one's own; who serves the whole house may leave the owner out where that is clear.
  SELECT array_agg(p.portfolio_id), array_agg(p.owner || '/' || p.name ORDER BY p.portfolio_id) INTO v_ids, v_labels
    FROM trading.portfolios AS p
   WHERE p.name = substring(resolve_portfolio.portfolio FROM '[^/]*$')
     AND (p.owner = coalesce(v_owner, v_actor) OR v_owner IS NULL AND v_is_staff)
     AND (v_is_staff OR p.portfolio_id = ANY (identity.readable_portfolios()));
  IF v_ids IS NULL THEN
    RAISE EXCEPTION 'unknown portfolio "%"', coalesce(left(resolve_portfolio.portfolio, 330), 'NULL')
      USING ERRCODE = 'TR211', DETAIL = 'No portfolio of this name is yours, or was shown to you.',
            HINT = 'Create it with trading.create_portfolio(name => ..., currency => ..., capital => ...); one that '
                   'somebody shows you is named owner/name.';
  ELSIF cardinality(v_ids) > 1 THEN
    RAISE EXCEPTION 'more than one portfolio is named "%"', resolve_portfolio.portfolio
      USING ERRCODE = 'TR702', DETAIL = format('They are %s.', array_to_string(v_labels[:10], ', ')),
            HINT = 'Say owner/name.';
  ELSIF resolve_portfolio."right" = 'trade' AND NOT v_is_staff
        AND NOT v_ids[1] = ANY (identity.tradable_portfolios()) THEN
    RAISE EXCEPTION 'you may look at portfolio "%", not trade it', resolve_portfolio.portfolio
      USING ERRCODE = 'TR701',
            DETAIL = format('%s acts as %s.', v_actor, coalesce(identity.actor_role(), 'nobody')),
            HINT = 'Its owner gives a trader the right with identity.share_portfolio(..., ''trade'').';
  END IF;
  RETURN v_ids[1];
END
$$;
COMMENT ON FUNCTION identity.resolve_portfolio(text, identity.portfolio_right) IS
  'Identifier of a portfolio by name or owner/name, for who has this right to it: the part of trading.portfolio_id '
  'that is about portfolios of others. Errors TR211 when there is none that one may see, TR701, TR702.';
REVOKE ALL ON FUNCTION identity.resolve_portfolio(text, identity.portfolio_right) FROM PUBLIC;
