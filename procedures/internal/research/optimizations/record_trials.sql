-- writes research.trials; reads candles, market.instruments, market.exchanges; errors TR101, TR103, TR545
CREATE OR REPLACE FUNCTION internal.record_trials(
  p_optimization research.optimizations, p_trials int[], p_specification jsonb, p_results jsonb[],
  p_duration interval)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_judge   text := internal.trial_judge(p_optimization);
  v_figures internal.backtest_figures;
  v_trial   research.trials;
  v_result  jsonb;
BEGIN
  FOR v_place IN 1 .. cardinality(p_trials) LOOP
    v_result := p_results[v_place];
    IF v_result ? 'error' THEN
      UPDATE research.trials AS t
         SET status = 'failed', error = format('%s: %s', v_result ->> 'code', v_result ->> 'error')
       WHERE t.optimization_id = p_optimization.optimization_id AND t.trial = p_trials[v_place]
         AND t.status = 'pending';
      CONTINUE;
    END IF;
    v_figures := internal.backtest_figures(p_specification, v_result);
    UPDATE research.trials AS t
       SET status = 'done', data_fingerprint = v_result ->> 'fingerprint', engine_version = v_result ->> 'engine',
           events = (v_result ->> 'events')::bigint, duration = p_duration / cardinality(p_trials),
           final_equity = (v_result ->> 'final_equity')::numeric, final_cash = (v_result ->> 'final_cash')::numeric,
           orders = (v_result #>> '{orders,count}')::bigint, rejected = (v_result #>> '{orders,rejected}')::bigint,
           fills = (v_result #>> '{fills,count}')::bigint, fees = (v_result ->> 'fees')::numeric,
           income = (v_result ->> 'income')::numeric, exposure = v_figures.exposure,
           turnover_rate = v_figures.turnover_rate,
           (days, returns) = (
             SELECT coalesce(array_agg(date '2000-01-01' + d.day ORDER BY d.day), '{}'),
                    coalesce(array_agg(CASE WHEN d.before > 0 THEN d.equity / d.before - 1 ELSE 0 END ORDER BY d.day),
                             '{}')
               FROM (SELECT u.day, u.equity,
                            lag(u.equity, 1, (p_specification ->> 'capital')::float8) OVER (ORDER BY u.day) AS before
                       FROM unnest((v_result #>> '{days,day}')::int[], (v_result #>> '{days,equity}')::float8[])
                            AS u (day, equity)) AS d),
           (first_day, last_day, periods, total_return, cagr, volatility, downside_volatility, sharpe, sortino, calmar,
            omega, max_drawdown, drawdown_from, drawdown_trough, drawdown_until, drawdown_days, longest_drawdown_days,
            ulcer_index, value_at_risk, conditional_value_at_risk, skew, kurtosis, tail_ratio, benchmark_return, alpha,
            beta, information_ratio, probabilistic_sharpe, deflated_sharpe) = (SELECT (v_figures.returns).*),
           (trades, winning_trades, losing_trades, win_rate, average_win, average_loss, largest_win, largest_loss,
            payoff, profit_factor, expectancy, sqn, longest_wins, longest_losses, average_holding,
            average_winning_holding, average_losing_holding, longest_holding, average_mae, largest_mae, average_mfe,
            largest_mfe) = (SELECT (v_figures.trades).*)
     WHERE t.optimization_id = p_optimization.optimization_id AND t.trial = p_trials[v_place] AND t.status = 'pending'
    RETURNING t.* INTO v_trial;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'trial % of optimization % is not pending', p_trials[v_place], p_optimization.optimization_id
        USING ERRCODE = 'TR545', DETAIL = 'It is unknown, or has a result.',
              HINT = 'research.claim_trials(...) locks those that are, until the transaction ends.';
    END IF;
    BEGIN
      EXECUTE v_judge INTO v_trial.objective, v_trial.error USING v_trial;
    EXCEPTION WHEN data_exception THEN
      v_trial.objective := NULL;
      v_trial.error := NULL;
    END;
    IF v_trial.part = 'out_of_sample' THEN
      -- Nothing is chosen by it.
      v_trial.error := NULL;
    END IF;
    UPDATE research.trials AS t
       SET status = CASE WHEN v_trial.error IS NULL THEN 'done' ELSE 'pruned' END::research.trial_status,
           error = v_trial.error, objective = CASE WHEN v_trial.error IS NULL THEN v_trial.objective END
     WHERE t.optimization_id = p_optimization.optimization_id AND t.trial = v_trial.trial;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.record_trials(research.optimizations, int[], jsonb, jsonb[], interval) IS
  'Writes what came of pending trials with one specification, by what TradingCore''s BacktestTrials say of each. '
  'Errors TR101, TR103, TR545.';
