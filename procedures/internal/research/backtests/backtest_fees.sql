-- reads trading.fee_schedules, trading.fee_plans, market.instruments
CREATE OR REPLACE FUNCTION internal.backtest_fees(p_settings jsonb, p_instrument_ids int[])
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  WITH groups AS (
    SELECT DISTINCT i.kind, i.exchange_id FROM market.instruments AS i WHERE i.instrument_id = ANY (p_instrument_ids)
  )
  SELECT coalesce(jsonb_agg(f.line), '[]')
    FROM (
      SELECT jsonb_build_object(
               'kind', g.kind, 'exchange', g.exchange_id, 'basis', 'traded',
               'begins', internal.microseconds('0001-01-03Z'), 'component', 1, 'per_share', '0', 'per_order', '0',
               'percent', p_settings ->> 'commission_percent',
               'minimum', '0', 'decimals', 8) AS line
        FROM groups AS g WHERE p_settings ? 'commission_percent'
      UNION ALL
      -- A date may have no lines: then nothing is due from it on.
      SELECT jsonb_build_object(
               'kind', g.kind, 'exchange', g.exchange_id, 'basis', b.basis,
               'begins', internal.microseconds(market.day_start(g.exchange_id, greatest(f.valid_from, '0001-01-03'))),
               'component', l.component, 'side', l.side, 'product', l.product, 'per_share', l.per_share::text,
               'per_order', l.per_order::text, 'percent', l.percent::text, 'maker_percent', l.maker_percent::text,
               'minimum', l.minimum::text, 'maximum', l.maximum::text, 'maximum_percent', l.maximum_percent::text,
               'decimals', l.decimals, 'percent_of', l.percent_of)
        FROM groups AS g
        JOIN trading.fee_schedules AS f
          ON f.name = trading.planned_schedule(p_settings ->> 'fee_schedule', g.kind, g.exchange_id)
         AND f.valid_from < '9999-01-01'
        CROSS JOIN unnest('{traded,intrinsic,settlement}'::trading.fee_basis[]) AS b (basis)
        LEFT JOIN LATERAL unnest(CASE b.basis WHEN 'traded' THEN f.lines ELSE f.exercise_lines END) AS l
          ON l.basis = b.basis) AS f
$$;
COMMENT ON FUNCTION internal.backtest_fees(jsonb, int[]) IS
  'All dated fee terms of a backtest''s instruments, by its settings, as its specification has them.';
