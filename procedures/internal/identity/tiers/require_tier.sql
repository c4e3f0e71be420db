-- reads identity.users, identity.tiers, identity.api_keys, trading.portfolios, strategy.agents, research.backtests,
-- research.optimizations, research.optimization_windows;
-- locks the user's row, so that two at once are counted; errors TR731
CREATE OR REPLACE FUNCTION internal.require_tier(
  p_limit text, p_owner text, p_at timestamptz DEFAULT now(), p_more bigint DEFAULT 1)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_user  identity.users;
  v_most  int;
  v_count bigint;
BEGIN
  -- A login role has no subscription.
  SELECT u.* INTO v_user FROM identity.users AS u WHERE u.username = p_owner FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT (to_jsonb(t) ->> p_limit)::int INTO v_most FROM identity.tiers AS t WHERE t.tier = v_user.tier;
  IF v_most IS NULL THEN
    RETURN;
  END IF;
  v_count := CASE p_limit
    WHEN 'api_keys' THEN (SELECT count(*) FROM identity.api_keys AS k
                           WHERE k.user_id = v_user.user_id AND k.revoked_at IS NULL
                             AND (k.expires_at > p_at OR k.expires_at IS NULL))
    WHEN 'portfolios' THEN (SELECT count(*) FROM trading.portfolios AS p WHERE p.owner = p_owner)
    WHEN 'agents' THEN (SELECT count(*) FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
                         WHERE p.owner = p_owner AND a.status <> 'stopped')
    WHEN 'backtests_per_day' THEN (SELECT count(*) FROM research.backtests AS b
                                    WHERE b.owner = p_owner AND b.created_at > p_at - interval '24 hours')
    WHEN 'trials_per_day' THEN (SELECT coalesce(sum(o.trials + (o.walk_forward IS NOT NULL)::int), 0)
                                  FROM research.optimizations AS o
                                  JOIN research.optimization_windows AS w USING (optimization_id)
                                 WHERE o.owner = p_owner AND o.created_at > p_at - interval '24 hours') END;
  IF v_count + p_more > v_most THEN
    RAISE EXCEPTION 'the tier % allows no more %', v_user.tier, replace(p_limit, '_', ' ')
      USING ERRCODE = 'TR731',
            DETAIL = format('%s has %s of at most %s, and this is %s more.', p_owner, v_count, v_most, p_more),
            HINT = 'Another tier allows more: identity.tiers shows them, and an administrator gives it with '
                   'identity.update_user(..., tier => ...).';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_tier(text, text, timestamptz, bigint) IS
  'Refuses one more (or p_more) of what a tier counts (a column of identity.tiers: portfolios, agents, '
  'backtests_per_day, trials_per_day, api_keys) when its owner would have more than allowed; login roles have no '
  'tier. Error TR731.';
