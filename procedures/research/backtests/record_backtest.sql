-- writes research.backtests and its rows; reads candles, market.instruments, market.exchanges; errors TR101, TR103,
-- TR501, TR530
CREATE OR REPLACE FUNCTION research.record_backtest(specification jsonb, result jsonb, duration interval DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_spec     jsonb := record_backtest.specification;
  v_result   jsonb := record_backtest.result;
  v_settings jsonb := v_spec -> 'settings';
  v_run_id   bigint;
  v_figures  internal.backtest_figures;
BEGIN
  PERFORM internal.require_tier('backtests_per_day', ops.actor());
  IF (v_spec ->> 'version' = '1' AND jsonb_typeof(v_result -> 'orders') = 'object') IS NOT TRUE THEN
    RAISE EXCEPTION 'this is not the result of a backtest'
      USING ERRCODE = 'TR530',
            DETAIL = format('The specification has version %s, the result %s.',
                            coalesce(left(v_spec ->> 'version', 20), 'NULL'),
                            coalesce(left(v_result::text, 60), 'NULL')),
            HINT = 'research.run_backtest(...) and "bourse backtest" record what they ran.';
  END IF;
  IF NOT EXISTS (SELECT FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)
                  WHERE s.strategy_id = (v_spec ->> 'strategy_id')::int
                    AND v.version = (v_spec ->> 'strategy_version')::int
                    AND (s.owner = (SELECT ops.actor()) OR s.owner IS NULL OR (SELECT identity.is_staff()))) THEN
    RAISE EXCEPTION 'the result is of an unknown strategy'
      USING ERRCODE = 'TR501', DETAIL = 'Neither you nor the house has such a strategy.',
            HINT = 'The specification is that of research.backtest_specification(...).';
  END IF;
  v_figures := internal.backtest_figures(v_spec, v_result);
  INSERT INTO research.backtests (
    strategy_id, version, symbols, legs, instrument_ids, from_time, until_time, capital, currency, settings,
    settings_version, data_fingerprint, engine_version, seed, events, duration, final_equity, final_cash, orders,
    rejected, fills, fees, income,
    first_day, last_day, periods, total_return, cagr, volatility, downside_volatility, sharpe, sortino, calmar,
    omega, max_drawdown, drawdown_from, drawdown_trough, drawdown_until, drawdown_days, longest_drawdown_days,
    ulcer_index, value_at_risk, conditional_value_at_risk, skew, kurtosis, tail_ratio, benchmark_return, alpha, beta,
    information_ratio, probabilistic_sharpe, deflated_sharpe,
    exposure, turnover_rate,
    trades, winning_trades, losing_trades, win_rate, average_win, average_loss, largest_win, largest_loss, payoff,
    profit_factor, expectancy, sqn, longest_wins, longest_losses, average_holding, average_winning_holding,
    average_losing_holding, longest_holding, average_mae, largest_mae, average_mfe, largest_mfe)
  VALUES (
    (v_spec ->> 'strategy_id')::int, (v_spec ->> 'strategy_version')::int, v_figures.symbols,
    v_figures.legs, v_figures.instrument_ids, internal.instant((v_spec ->> 'from')::bigint),
    internal.instant((v_spec ->> 'until')::bigint), (v_spec ->> 'capital')::numeric, v_settings ->> 'currency',
    v_settings, 1, v_result ->> 'fingerprint', v_result ->> 'engine', (v_settings ->> 'seed')::bigint,
    (v_result ->> 'events')::bigint, record_backtest.duration, (v_result ->> 'final_equity')::numeric,
    (v_result ->> 'final_cash')::numeric, (v_result #>> '{orders,count}')::bigint,
    cardinality(array_positions((v_result #>> '{orders,status}')::text[], 'rejected')),
    (v_result #>> '{fills,count}')::bigint, (v_result ->> 'fees')::numeric,
    (v_result ->> 'income')::numeric,
    (v_figures.returns).*, v_figures.exposure, v_figures.turnover_rate, (v_figures.trades).*)
  RETURNING run_id INTO v_run_id;
  PERFORM internal.write_backtest_rows(v_run_id, (v_spec ->> 'capital')::numeric, v_result);
  RETURN v_run_id;
END
$$;
COMMENT ON FUNCTION research.record_backtest(jsonb, jsonb, interval) IS
  'For programs: stores a backtest that was run from a specification, with its statistics, and returns its number. '
  'duration: how long it took. Errors TR101, TR103, TR501, TR530, TR731.';
REVOKE ALL ON FUNCTION research.record_backtest(jsonb, jsonb, interval) FROM PUBLIC;
