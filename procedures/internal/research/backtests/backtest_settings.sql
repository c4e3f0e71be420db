-- reads trading.portfolios, trading.fee_schedules, trading.fee_plans; errors TR211, TR530
CREATE OR REPLACE FUNCTION internal.backtest_settings(p_settings jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_given     jsonb := jsonb_strip_nulls(p_settings);
  v_fault     record;
  v_portfolio trading.portfolios;
  v_settings  jsonb;
  -- Such as 250 ms, 1.5 seconds or 00:00:02.
  v_length    text := '^([0-9]{1,6}(\.[0-9]{1,6})? ?(ms|s|seconds?|minutes?|hours?)|[0-9]{2}:[0-5][0-9]:[0-5][0-9]'
                      '(\.[0-9]{1,6})?)$';
BEGIN
  IF jsonb_typeof(p_settings) IS DISTINCT FROM 'object' THEN
    RAISE EXCEPTION 'the settings of a backtest are a JSON object'
      USING ERRCODE = 'TR530', DETAIL = format('They are %s.', coalesce(left(p_settings::text, 100), 'NULL')),
            HINT = 'Such as {"commission_percent": 0.1, "slippage_bps": 5}; docs/backtests.md lists them.';
  END IF;
  WITH known (key, kind, low, high, words) AS (VALUES
    ('fill', 'text', NULL::numeric, NULL::numeric, 'next_open, tick, close or intrabar'),
    ('resolution', 'text', NULL, NULL, 'a length such as 1 minute or 1d'),
    ('commission_percent', 'number', 0, 100, 'a percentage of the value, 0 to 100, not together with fee_schedule'),
    ('fee_schedule', 'text', NULL, NULL, 'a row of trading.fee_schedules or trading.fee_plans'),
    ('borrow_percent', 'number', 0, 10000, 'a yearly rate of shorts, 0 to 10,000 percent'),
    ('slippage_bps', 'number', 0, 10000, '0 to 10,000 basis points'),
    ('slippage_ticks', 'whole', 0, 10000, '0 to 10,000 steps of the price'),
    ('impact_bps', 'number', 0, 10000, '0 to 10,000 basis points'),
    ('latency', 'text', NULL, NULL, 'a time of up to a day, such as 00:00:00.25 or 2 seconds'),
    ('participation_percent', 'number', 0.0001, 100, '0.0001 to 100 percent of the volume'),
    ('market_order_buffer', 'number', 0, 10, 'a fraction, 0 to 10'),
    ('account_type', 'text', NULL, NULL, 'cash or margin'), ('currency', 'text', NULL, NULL, 'a currency, such as USD'),
    ('skip_bars', 'whole', 0, 1000000000, 'a whole number, 0 or more'),
    ('capital_per_trade', 'number', 0.00000001, 1e18, 'an amount above 0'),
    ('maximum_positions', 'whole', 1, 10000, 'a whole number from 1'),
    ('params', 'object', NULL, NULL, 'an object with values of $names'),
    ('limits', 'array', NULL, NULL, 'a list such as [{"metric": "position_share", "bound": 20}]'),
    ('portfolio', 'text', NULL, NULL, 'the name of a portfolio'),
    ('rules', 'object', NULL, NULL, 'the limits and protections that a run with a portfolio has stored, with its name'),
    ('benchmark', 'text', NULL, NULL, 'a symbol'), ('seed', 'whole', -9e18, 9e18, 'a whole number'),
    ('periods_per_year', 'number', 1, 1000000, 'days in a year of trading, 252 unless given'),
    ('risk_free', 'number', -0.98, 99, 'a rate of a year as a fraction')
  )
  SELECT g.key, left(g.value::text, 60) AS value, k.words,
         (SELECT string_agg(n.key, ', ' ORDER BY n.key) FROM known AS n) AS names
    INTO v_fault
    FROM jsonb_each(v_given) AS g
    LEFT JOIN known AS k USING (key)
   WHERE (CASE k.kind WHEN 'text' THEN jsonb_typeof(g.value) = 'string'
                      WHEN 'object' THEN jsonb_typeof(g.value) = 'object'
                      WHEN 'array' THEN jsonb_typeof(g.value) = 'array' AND jsonb_array_length(g.value) <= 1000
                      ELSE CASE WHEN g.value #>> '{}' ~ '^-?[0-9]{1,20}(\.[0-9]{1,8})?$'
                                THEN (g.value #>> '{}')::numeric BETWEEN k.low AND k.high
                                     AND (k.kind = 'number' OR g.value #>> '{}' ~ '^-?[0-9]+$') END END
          AND CASE g.key WHEN 'fill' THEN g.value #>> '{}' IN ('next_open', 'tick', 'close', 'intrabar')
                         WHEN 'resolution'
                           THEN g.value #>> '{}' ~ '^[1-9][0-9]{0,4} ?([smhd]|(second|minute|hour|day)s?)$'
                                OR g.value #>> '{}' ~ '^[0-9]{2}:[0-5][0-9]:[0-5][0-9]$' AND g.value <> '"00:00:00"'
                         WHEN 'latency'
                           THEN CASE WHEN g.value #>> '{}' ~ v_length THEN (g.value #>> '{}')::interval <= '1 day' END
                         WHEN 'account_type' THEN g.value #>> '{}' IN ('cash', 'margin')
                         WHEN 'currency' THEN g.value #>> '{}' ~ '^[A-Z][A-Z0-9]{2,9}$'
                         WHEN 'rules'
                           THEN v_given ? 'portfolio' AND jsonb_typeof(g.value -> 'limits') = 'array'
                                AND jsonb_typeof(g.value -> 'protections') = 'array' AND length(g.value::text) < 1000000
                         WHEN 'commission_percent' THEN NOT v_given ? 'fee_schedule'
                         WHEN 'fee_schedule'
                           THEN EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = g.value #>> '{}')
                                OR EXISTS (SELECT FROM trading.fee_plans AS f WHERE f.name = g.value #>> '{}')
                         ELSE true END) IS NOT TRUE
   ORDER BY g.key LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a backtest cannot have this setting: %', left(v_fault.key, 64)
      USING ERRCODE = 'TR530', DETAIL = format('%s is %s.', left(v_fault.key, 64), v_fault.value),
            HINT = CASE WHEN v_fault.words IS NULL THEN format('Settings are %s.', v_fault.names)
                        ELSE format('%s is %s.', v_fault.key, v_fault.words) END;
  END IF;
  -- Terms are those of the portfolio that is named, else those of a new one.
  IF v_given ? 'portfolio' THEN
    SELECT p.* INTO v_portfolio
      FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id(v_given ->> 'portfolio');
  END IF;
  v_settings := jsonb_build_object(
    'fill', 'next_open', 'fee_schedule', coalesce(v_portfolio.fee_schedule, 'free'),
    'slippage_bps', coalesce(v_portfolio.slippage_bps, 0),
    'slippage_ticks', coalesce(v_portfolio.slippage_ticks, 0),
    'impact_bps', coalesce(v_portfolio.impact_bps, 0), 'latency', coalesce(v_portfolio.latency, '0'),
    'participation_percent', v_portfolio.participation_percent,
    'market_order_buffer', coalesce(v_portfolio.market_order_buffer, 0.05),
    'account_type', coalesce(v_portfolio.account_type, 'cash'), 'currency', v_portfolio.currency, 'skip_bars', 0,
    'params', '{}'::jsonb, 'limits', '[]'::jsonb, 'seed', 0, 'periods_per_year', 252, 'risk_free', 0) || v_given;
  IF v_given ? 'commission_percent' THEN
    v_settings := v_settings - 'fee_schedule';
  END IF;
  RETURN jsonb_strip_nulls(v_settings);
END
$$;
COMMENT ON FUNCTION internal.backtest_settings(jsonb) IS
  'The settings of a backtest with the defaults of what was left out; what cannot be is refused by name. Errors TR211, '
  'TR530.';
