-- reads nothing; errors TR530
CREATE OR REPLACE FUNCTION internal.backtest_limits(p_settings jsonb, p_portfolio_id int)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_fault text;
BEGIN
  SELECT left(l.entry::text, 100) INTO v_fault
    FROM jsonb_array_elements(p_settings -> 'limits') AS l (entry)
   WHERE (jsonb_typeof(l.entry) = 'object' AND l.entry ->> 'metric' = ANY (enum_range(NULL::risk.metric)::text[])
          AND coalesce(l.entry ->> 'action', 'reject') = ANY (enum_range(NULL::risk.action)::text[])
          AND l.entry ->> 'bound' ~ '^[0-9]{1,18}(\.[0-9]{1,8})?$'
          AND (l.entry ->> 'metric' = 'order_rate') = (l.entry ? 'period')
          AND coalesce(l.entry ->> 'period', '1 day') ~ '^[0-9]{1,4} (second|minute|hour|day)s?$') IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a backtest cannot have this setting: limits'
      USING ERRCODE = 'TR530', DETAIL = format('It has %s.', v_fault),
            HINT = 'A limit is {"metric": "order_value", "bound": 10000, "action": "reject"}; an order_rate has a '
                   'period, such as "1 minute".';
  END IF;
  RETURN coalesce((
    SELECT jsonb_agg(jsonb_build_object(
             'id', -l.place, 'scope', 'portfolio', 'scope_id', coalesce(p_portfolio_id, 1),
             'metric', l.entry ->> 'metric', 'bound', l.entry ->> 'bound',
             'action', coalesce(l.entry ->> 'action', 'reject'),
             'period', (extract(epoch FROM (l.entry ->> 'period')::interval) * 1000000)::bigint) ORDER BY l.place)
      FROM jsonb_array_elements(p_settings -> 'limits') WITH ORDINALITY AS l (entry, place)), '[]')
    || coalesce(p_settings #> '{rules,limits}', '[]');
END
$$;
COMMENT ON FUNCTION internal.backtest_limits(jsonb, int) IS
  'All limits of a backtest, as its specification has them: its own, and those that it has from a portfolio. '
  'Error TR530.';
