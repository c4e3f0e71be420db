-- reads strategy.strategies; errors TR502
CREATE OR REPLACE FUNCTION internal.refuse_agent_terms(
  p_version strategy.strategy_versions, p_kind strategy.agent_kind, p_capital_per_trade numeric,
  p_maximum_positions int, p_schedule_days int[], p_schedule_from time, p_schedule_until time)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF p_kind IS NULL
     OR p_kind <> 'ai_powered' AND NOT p_version.parameters ?| '{entry,short_entry}'
        AND (SELECT s.type FROM strategy.strategies AS s WHERE s.strategy_id = p_version.strategy_id) = 'custom' THEN
    RAISE EXCEPTION 'an agent of this kind needs rules of entry'
      USING ERRCODE = 'TR502',
            DETAIL = format('kind %s; version %s has neither entry nor short_entry.',
                            coalesce(p_kind::text, 'NULL'), p_version.version),
            HINT = 'kind => ''ai_powered'' takes what it does from strategy.record_signal(...).';
  END IF;
  IF NOT coalesce(round(p_capital_per_trade, 8) > 0 AND p_capital_per_trade < 1e20, true)
     OR p_maximum_positions < 1
     OR NOT coalesce(cardinality(p_schedule_days) BETWEEN 1 AND 7 AND p_schedule_days <@ '{1,2,3,4,5,6,7}'::int[], true)
     OR num_nonnulls(p_schedule_from, p_schedule_until) = 1
     OR p_schedule_from = p_schedule_until THEN
    RAISE EXCEPTION 'the bounds of the agent make no sense'
      USING ERRCODE = 'TR502',
            DETAIL = format('capital_per_trade %s, maximum_positions %s, schedule_days %s, from %s until %s.',
                            coalesce(p_capital_per_trade::text, 'NULL'), coalesce(p_maximum_positions::text, 'NULL'),
                            coalesce(left(p_schedule_days::text, 100), 'NULL'),
                            coalesce(p_schedule_from::text, 'NULL'), coalesce(p_schedule_until::text, 'NULL')),
            HINT = 'Bounds are positive or NULL; schedule_days are 1 (Monday) to 7 (Sunday); schedule_from and '
                   'schedule_until come together and differ.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.refuse_agent_terms(
  strategy.strategy_versions, strategy.agent_kind, numeric, int, int[], time, time) IS
  'Refuses kinds that do not fit the version, and bounds that no agent can have. Error TR502.';
