-- reads research.backtests, research.backtest_equity, strategy.strategies; errors TR533
CREATE OR REPLACE FUNCTION research.summary(run bigint)
RETURNS TABLE (topic text, name text, value text, explanation text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_run    research.backtests;
  v_values jsonb;
BEGIN
  SELECT b.* INTO v_run FROM research.backtests AS b WHERE b.run_id = summary.run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no backtest %', coalesce(summary.run::text, 'NULL')
      USING ERRCODE = 'TR533', DETAIL = format('%s are stored.', (SELECT count(*) FROM research.backtests)),
            HINT = 'SELECT run_id, symbols, created_at FROM research.backtests lists them.';
  END IF;
  v_values := to_jsonb(v_run);
  RETURN QUERY
    SELECT 'run', 'strategy', format('%s@%s', s.name, v_run.version), 'The strategy and its version.'
      FROM strategy.strategies AS s WHERE s.strategy_id = v_run.strategy_id;
  RETURN QUERY
    SELECT 'run', 'symbols', array_to_string(v_run.symbols, ', '), 'What it was to trade.';
  RETURN QUERY
    SELECT 'run', 'legs', array_to_string(v_run.legs, ', '), 'The legs of its strategy.' WHERE v_run.legs <> '{}';
  RETURN QUERY
    SELECT 'result', 'equity', trading.sparkline(array_agg(e.equity::float8 ORDER BY e.day)),
           format('Equity from %s to %s, between %s and %s %s.', min(e.day), max(e.day), round(min(e.equity), 2),
                  round(max(e.equity), 2), v_run.currency)
      FROM research.backtest_equity AS e WHERE e.run_id = v_run.run_id HAVING count(*) > 0;
  RETURN QUERY
    SELECT f.topic, f.name,
           CASE f.kind
             WHEN 'share' THEN format('%s %%', round(100 * f.value::numeric, 2))
             WHEN 'money' THEN format('%s %s', round(f.value::numeric, 2), v_run.currency)
             WHEN 'ratio' THEN round(f.value::numeric, 4)::text
             WHEN 'days' THEN format('%s days', f.value)
             WHEN 'time' THEN to_char(f.value::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"')
             WHEN 'length' THEN date_trunc('minute', f.value::interval)::text
             WHEN 'seconds' THEN format('%s s', round(extract(epoch FROM f.value::interval), 2))
             ELSE f.value END,
           col_description('research.backtests'::regclass, a.attnum)
      FROM (SELECT k.*, v_values ->> k.name AS value, row_number() OVER () AS place
              FROM (VALUES
                ('run', 'from_time', 'time'), ('run', 'until_time', 'time'), ('run', 'capital', 'money'),
                ('run', 'research_only', 'plain'), ('run', 'events', 'plain'), ('run', 'duration', 'seconds'),
                ('run', 'created_at', 'time'),
                ('run', 'owner', 'plain'), ('run', 'engine_version', 'plain'),
                ('run', 'data_fingerprint', 'plain'), ('run', 'seed', 'plain'),
                ('result', 'final_equity', 'money'), ('result', 'final_cash', 'money'), ('result', 'fees', 'money'),
                ('result', 'income', 'money'),
                ('result', 'orders', 'plain'), ('result', 'rejected', 'plain'), ('result', 'fills', 'plain'),
                ('return', 'first_day', 'plain'), ('return', 'last_day', 'plain'), ('return', 'periods', 'plain'),
                ('return', 'total_return', 'share'), ('return', 'cagr', 'share'), ('return', 'sharpe', 'ratio'),
                ('return', 'sortino', 'ratio'), ('return', 'calmar', 'ratio'), ('return', 'omega', 'ratio'),
                ('return', 'exposure', 'share'), ('return', 'turnover_rate', 'ratio'),
                ('return', 'probabilistic_sharpe', 'share'), ('return', 'deflated_sharpe', 'share'),
                ('risk', 'max_drawdown', 'share'), ('risk', 'drawdown_from', 'plain'),
                ('risk', 'drawdown_trough', 'plain'), ('risk', 'drawdown_until', 'plain'),
                ('risk', 'drawdown_days', 'days'), ('risk', 'longest_drawdown_days', 'days'),
                ('risk', 'ulcer_index', 'share'), ('risk', 'volatility', 'share'),
                ('risk', 'downside_volatility', 'share'), ('risk', 'value_at_risk', 'share'),
                ('risk', 'conditional_value_at_risk', 'share'), ('risk', 'skew', 'ratio'),
                ('risk', 'kurtosis', 'ratio'), ('risk', 'tail_ratio', 'ratio'),
                ('benchmark', 'benchmark_return', 'share'), ('benchmark', 'alpha', 'share'),
                ('benchmark', 'beta', 'ratio'), ('benchmark', 'information_ratio', 'ratio'),
                ('trades', 'trades', 'plain'), ('trades', 'winning_trades', 'plain'),
                ('trades', 'losing_trades', 'plain'), ('trades', 'win_rate', 'share'),
                ('trades', 'average_win', 'money'), ('trades', 'average_loss', 'money'),
                ('trades', 'largest_win', 'money'), ('trades', 'largest_loss', 'money'),
                ('trades', 'payoff', 'ratio'), ('trades', 'profit_factor', 'ratio'), ('trades', 'expectancy', 'money'),
                ('trades', 'sqn', 'ratio'), ('trades', 'longest_wins', 'plain'), ('trades', 'longest_losses', 'plain'),
                ('trades', 'average_holding', 'length'), ('trades', 'average_winning_holding', 'length'),
                ('trades', 'average_losing_holding', 'length'), ('trades', 'longest_holding', 'length'),
                ('trades', 'average_mae', 'money'), ('trades', 'largest_mae', 'money'),
                ('trades', 'average_mfe', 'money'), ('trades', 'largest_mfe', 'money')) AS k (topic, name, kind)) AS f
      JOIN pg_attribute AS a ON a.attrelid = 'research.backtests'::regclass AND a.attname = f.name
     WHERE f.topic <> 'benchmark' OR v_run.benchmark_return IS NOT NULL
     ORDER BY f.place;
END
$$;
COMMENT ON FUNCTION research.summary(bigint) IS
  'A backtest as a table for people: each figure with its unit and what it means, and its equity as a line of block '
  'characters. NULL where there is nothing to divide by. Error TR533.';
