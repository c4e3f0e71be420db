-- trigger on identity.users and identity.tiers; writes risk.limits
CREATE OR REPLACE FUNCTION internal.tg_users__apply_tier()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_changed text[] := CASE TG_TABLE_NAME WHEN 'users' THEN ARRAY[to_jsonb(NEW) ->> 'username'] ELSE ARRAY(
    SELECT u.username FROM identity.users AS u WHERE u.tier = to_jsonb(NEW) ->> 'tier') END;
BEGIN
  DELETE FROM risk.limits AS l
   WHERE l.scope = 'user' AND l.scope_name = ANY (v_changed) AND l.action = 'reject' AND l.instrument_id IS NULL
     AND (l.metric = 'order_rate' AND l.period = interval '1 minute' OR l.metric = 'open_orders');
  INSERT INTO risk.limits (scope, scope_name, metric, period, bound, action, set_at)
  SELECT 'user', u.username, m.metric, m.period, m.bound, 'reject', internal.clock()
    FROM identity.users AS u
    JOIN identity.tiers AS t USING (tier)
    CROSS JOIN LATERAL (VALUES ('order_rate'::risk.metric, interval '1 minute', t.orders_per_minute),
                               ('open_orders', NULL, t.open_orders)) AS m (metric, period, bound)
   WHERE u.username = ANY (v_changed) AND m.bound IS NOT NULL;
  PERFORM internal.ring_doorbell();
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_users__apply_tier() IS
  'Keeps the limits of orders in a minute and of open orders of a user as the tier has them: rows of risk.limits like '
  'any other.';

CREATE OR REPLACE TRIGGER apply_tier AFTER INSERT OR UPDATE OF tier ON identity.users
  FOR EACH ROW EXECUTE FUNCTION internal.tg_users__apply_tier();
COMMENT ON TRIGGER apply_tier ON identity.users IS 'A user has the order rate and the open orders of the tier.';
CREATE OR REPLACE TRIGGER apply_tier AFTER UPDATE OF orders_per_minute, open_orders ON identity.tiers
  FOR EACH ROW EXECUTE FUNCTION internal.tg_users__apply_tier();
COMMENT ON TRIGGER apply_tier ON identity.tiers IS 'Users have the limits of their tier, also when it changes.';
