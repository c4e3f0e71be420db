-- writes research.tried
CREATE OR REPLACE FUNCTION internal.count_trial(
  p_owner text, p_strategy_id int, p_version int, p_instrument_ids int[], p_from timestamptz, p_until timestamptz,
  p_capital numeric, p_settings jsonb, p_params jsonb, p_data_fingerprint text, p_sharpe float8, p_periods int)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_configuration uuid := md5(jsonb_build_object(
    'version', p_version, 'settings', p_settings - '{params,seed}'::text[], 'params', coalesce(p_params, '{}'),
    'from', extract(epoch FROM p_from), 'until', extract(epoch FROM p_until), 'capital', trim_scale(p_capital),
    'data', p_data_fingerprint)::text)::uuid;
BEGIN
  -- No key: sessions that try the same would wait for each other, in any order.
  INSERT INTO research.tried (owner, strategy_id, version, configuration, instrument_ids, from_time, until_time,
                              data_fingerprint, sharpe, periods)
  SELECT p_owner, p_strategy_id, p_version, v_configuration,
         ARRAY(SELECT DISTINCT i.id FROM unnest(p_instrument_ids) AS i (id) ORDER BY i.id), p_from, p_until,
         p_data_fingerprint, p_sharpe, p_periods
   WHERE NOT EXISTS (SELECT FROM research.tried AS t
                      WHERE t.owner = p_owner AND t.strategy_id = p_strategy_id
                        AND t.configuration = v_configuration);
END
$$;
COMMENT ON FUNCTION internal.count_trial(
  text, int, int, int[], timestamptz, timestamptz, numeric, jsonb, jsonb, text, float8, int) IS
  'Notes that something was tried, unless the same was before.';
