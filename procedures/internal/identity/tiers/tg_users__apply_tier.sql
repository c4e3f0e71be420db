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
   WHERE l.scope = 'user' AND l.scope_name = ANY (v_changed) AND l.metric = 'order_rate' AND l.action = 'reject'
     AND l.instrument_id IS NULL AND l.period = interval '1 minute';
  INSERT INTO risk.limits (scope, scope_name, metric, period, bound, action, set_at)
  SELECT 'user', u.username, 'order_rate', '1 minute', t.orders_per_minute, 'reject', internal.clock()
    FROM identity.users AS u JOIN identity.tiers AS t USING (tier)
   WHERE u.username = ANY (v_changed) AND t.orders_per_minute IS NOT NULL;
  PERFORM internal.ring_doorbell();
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_users__apply_tier() IS
  'Keeps the limit of orders in a minute of a user as the tier has it: a row of risk.limits like any other.';

CREATE OR REPLACE TRIGGER apply_tier AFTER INSERT OR UPDATE OF tier ON identity.users
  FOR EACH ROW EXECUTE FUNCTION internal.tg_users__apply_tier();
COMMENT ON TRIGGER apply_tier ON identity.users IS 'A user has the order rate of the tier.';
CREATE OR REPLACE TRIGGER apply_tier AFTER UPDATE OF orders_per_minute ON identity.tiers
  FOR EACH ROW EXECUTE FUNCTION internal.tg_users__apply_tier();
COMMENT ON TRIGGER apply_tier ON identity.tiers IS 'Users have the order rate of their tier, also when it changes.';
