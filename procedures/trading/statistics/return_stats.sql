-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.return_stats(
  days date[], equity float8[], benchmark float8[] DEFAULT NULL, periods_per_year float8 DEFAULT 252,
  risk_free float8 DEFAULT 0, trials bigint DEFAULT 1, trials_deviation float8 DEFAULT NULL)
RETURNS trading.return_figures
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_year    float8 := return_stats.periods_per_year;
  v_rate    float8;  -- riskless, of a period
  v_returns record;
  v_figures trading.return_figures;
BEGIN
  IF (v_year BETWEEN 1 AND 1e6 AND return_stats.risk_free > -0.99 AND return_stats.risk_free < 100) IS NOT TRUE THEN
    RAISE EXCEPTION 'a year has 1 to 1000000 periods, and a riskless rate that is a fraction'
      USING ERRCODE = 'TR243',
            DETAIL = format('periods_per_year %s, risk_free %s.', coalesce(v_year::text, 'NULL'),
                            coalesce(return_stats.risk_free::text, 'NULL')),
            HINT = 'For days give 252, or 365 where every day is traded; 0.05 is a rate of 5 % a year.';
  END IF;
  v_rate := power(1 + return_stats.risk_free, 1 / v_year) - 1;

  SELECT min(s.day), max(s.day), count(*) - 1, sqrt(avg(s.drawdown * s.drawdown) FILTER (WHERE s.place > 1)),
         (array_agg(s.equity ORDER BY s.place DESC))[1]
         / nullif(greatest((array_agg(s.equity ORDER BY s.place))[1], 0), 0) - 1
    INTO v_figures.first_day, v_figures.last_day, v_figures.periods, v_figures.ulcer_index, v_figures.total_return
    FROM trading.day_series(return_stats.days, return_stats.equity, return_stats.benchmark) AS s;
  v_figures.periods := greatest(v_figures.periods, 0);
  IF v_figures.periods = 0 THEN
    v_figures.total_return := NULL;
    RETURN v_figures;
  END IF;
  v_figures.cagr := trading.compounded(1 + v_figures.total_return, v_year / v_figures.periods);

  WITH ranked AS (
    SELECT s.return, row_number() OVER (ORDER BY s.return) AS rank, avg(s.return) OVER () AS mean,
           count(*) OVER () AS returns
      FROM trading.day_series(return_stats.days, return_stats.equity) AS s WHERE s.return IS NOT NULL
  )
  SELECT count(*) AS n, avg(r.return) AS mean, max(abs(r.return)) AS largest, stddev_samp(r.return) AS deviation,
         -- Averages of their own squares, as avg() has them on the way, would overflow.
         sum((r.return - r.mean) ^ 2) / count(*) AS second, sum((r.return - r.mean) ^ 3) / count(*) AS third,
         sum((r.return - r.mean) ^ 4) / count(*) AS fourth, sqrt(avg(least(r.return - v_rate, 0) ^ 2)) AS downside,
         sum(greatest(r.return, 0)) AS gains, -sum(least(r.return, 0)) AS losses,
         percentile_cont(ARRAY[0.05, 0.95]) WITHIN GROUP (ORDER BY r.return) AS tails,
         avg(r.return) FILTER (WHERE r.rank <= floor((r.returns - 1) * 0.05) + 1) AS worst
    INTO v_returns
    FROM ranked AS r;
  -- Equal returns differ by what their doubles cannot hold.
  IF v_returns.deviation <= 1e-14 * (1 + v_returns.largest) THEN
    v_returns.deviation := 0;
  END IF;
  v_figures.volatility := v_returns.deviation * sqrt(v_year);
  v_figures.downside_volatility := v_returns.downside * sqrt(v_year);
  v_figures.sharpe := (v_returns.mean - v_rate) / nullif(v_returns.deviation, 0) * sqrt(v_year);
  v_figures.sortino := (v_returns.mean - v_rate) / nullif(v_returns.downside, 0) * sqrt(v_year);
  v_figures.omega := v_returns.gains / nullif(v_returns.losses, 0);
  v_figures.value_at_risk := v_returns.tails[1];
  v_figures.conditional_value_at_risk := v_returns.worst;
  v_figures.tail_ratio := abs(v_returns.tails[2]) / nullif(abs(v_returns.tails[1]), 0);
  IF v_returns.deviation > 0 AND v_returns.n > 2 THEN
    v_figures.skew := sqrt(v_returns.n * (v_returns.n - 1)::float8) / (v_returns.n - 2)
                      * v_returns.third / v_returns.second ^ 1.5;
  END IF;
  IF v_returns.deviation > 0 AND v_returns.n > 3 THEN
    v_figures.kurtosis := (v_returns.n - 1)::float8 / (v_returns.n - 2) / (v_returns.n - 3)
                          * ((v_returns.n + 1) * (v_returns.fourth / v_returns.second ^ 2 - 3) + 6);
  END IF;
  v_figures.probabilistic_sharpe := trading.probabilistic_sharpe(
    v_figures.sharpe, v_returns.n::int, v_figures.skew, v_figures.kurtosis, v_year);
  v_figures.deflated_sharpe := trading.probabilistic_sharpe(
    v_figures.sharpe, v_returns.n::int, v_figures.skew, v_figures.kurtosis, v_year,
    trading.expected_sharpe(return_stats.trials, return_stats.trials_deviation));

  SELECT coalesce(min(d.drawdown), 0), coalesce(max(d.length), 0)
    INTO v_figures.max_drawdown, v_figures.longest_drawdown_days
    FROM trading.drawdowns(return_stats.days, return_stats.equity) AS d;
  SELECT d.from_day, d.trough_day, d.until_day, d.length
    INTO v_figures.drawdown_from, v_figures.drawdown_trough, v_figures.drawdown_until, v_figures.drawdown_days
    FROM trading.drawdowns(return_stats.days, return_stats.equity) AS d
   WHERE d.drawdown = v_figures.max_drawdown
   ORDER BY d.from_day LIMIT 1;
  v_figures.drawdown_days := coalesce(v_figures.drawdown_days, 0);
  v_figures.calmar := v_figures.cagr / nullif(-v_figures.max_drawdown, 0);

  IF return_stats.benchmark IS NOT NULL THEN
    SELECT c.benchmark_return, c.alpha, c.beta, c.information_ratio
      INTO v_figures.benchmark_return, v_figures.alpha, v_figures.beta, v_figures.information_ratio
      FROM trading.compare_returns(return_stats.days, return_stats.equity, return_stats.benchmark, v_year, v_rate) AS c;
  END IF;
  RETURN v_figures;
END
$$;
COMMENT ON FUNCTION trading.return_stats(date[], float8[], float8[], float8, float8, bigint, float8) IS
  'How equity went: one row with the columns of trading.return_figures. Values are of days in order, the first is what '
  'there was at the beginning; NULL where none is known. With deposits and withdrawals on the way give the index of '
  'the time-weighted return instead of money. benchmark: values (prices) of what it is compared with, on the same '
  'days. periods_per_year: 252 for days with a stock exchange, 365 where every day is traded. risk_free: a rate of a '
  'year, as a fraction. trials: how many were tried before this one was chosen, itself included, and the standard '
  'deviation of their Sharpe ratios. Errors TR243, TR604.';
