-- Figures of performance. docs/statistics.md has each definition with its source.

CREATE TYPE trading.return_figures AS (
  first_day                 date,
  last_day                  date,
  periods                   int,
  total_return              float8,
  cagr                      float8,
  volatility                float8,
  downside_volatility       float8,
  sharpe                    float8,
  sortino                   float8,
  calmar                    float8,
  omega                     float8,
  max_drawdown              float8,
  drawdown_from             date,
  drawdown_trough           date,
  drawdown_until            date,
  drawdown_days             int,
  longest_drawdown_days     int,
  ulcer_index               float8,
  value_at_risk             float8,
  conditional_value_at_risk float8,
  skew                      float8,
  kurtosis                  float8,
  tail_ratio                float8,
  benchmark_return          float8,
  alpha                     float8,
  beta                      float8,
  information_ratio         float8,
  probabilistic_sharpe      float8,
  deflated_sharpe           float8
);
COMMENT ON TYPE trading.return_figures IS
  'How equity, or the index of a return, went from day to day: what trading.return_stats gives. Fractions, drawdowns '
  'and losses negative; NULL where there is nothing to divide by.';
COMMENT ON COLUMN trading.return_figures.first_day IS 'Day of the first value, from which on returns are counted.';
COMMENT ON COLUMN trading.return_figures.last_day IS 'Day of the last value.';
COMMENT ON COLUMN trading.return_figures.periods IS 'Number of values after the first: days, as a rule.';
COMMENT ON COLUMN trading.return_figures.total_return IS 'Last value as a multiple of the first, less 1.';
COMMENT ON COLUMN trading.return_figures.cagr IS
  'Total return of a year: compounded by periods_per_year / periods. NULL when everything and more was lost, or it is '
  'too large for a number.';
COMMENT ON COLUMN trading.return_figures.volatility IS
  'Standard deviation of the returns (of a sample) times √periods_per_year; NULL below two returns.';
COMMENT ON COLUMN trading.return_figures.downside_volatility IS
  'Root of the mean square of the returns below the riskless rate, the others as 0, times √periods_per_year.';
COMMENT ON COLUMN trading.return_figures.sharpe IS
  'Mean return above the riskless rate over the standard deviation, times √periods_per_year (Sharpe 1994); NULL '
  'without volatility.';
COMMENT ON COLUMN trading.return_figures.sortino IS
  'Mean return above the riskless rate, of a year, over downside_volatility (Sortino and Price 1994); NULL when that '
  'is 0.';
COMMENT ON COLUMN trading.return_figures.calmar IS
  'cagr over the deepest drawdown as a positive number (Young 1991, over the whole time); NULL without a drawdown.';
COMMENT ON COLUMN trading.return_figures.omega IS
  'Sum of the returns above 0 over the sum of those below, as a positive number (Keating and Shadwick 2002); NULL '
  'without one below.';
COMMENT ON COLUMN trading.return_figures.max_drawdown IS
  'Deepest fall below the highest value so far, as a fraction of that, zero or negative.';
COMMENT ON COLUMN trading.return_figures.drawdown_from IS
  'Day of the highest value before the deepest drawdown; NULL without a drawdown.';
COMMENT ON COLUMN trading.return_figures.drawdown_trough IS 'Day of its lowest value.';
COMMENT ON COLUMN trading.return_figures.drawdown_until IS
  'First day on which the highest value was reached again; NULL while it is not.';
COMMENT ON COLUMN trading.return_figures.drawdown_days IS
  'Calendar days from drawdown_from to drawdown_until, or to the last day; 0 without a drawdown.';
COMMENT ON COLUMN trading.return_figures.longest_drawdown_days IS
  'The most calendar days that any drawdown took, counted likewise.';
COMMENT ON COLUMN trading.return_figures.ulcer_index IS
  'Root of the mean square of the drawdowns of all days after the first (Martin and McCann 1989).';
COMMENT ON COLUMN trading.return_figures.value_at_risk IS
  'Return of a day that one day in twenty was below: the 5th percentile of the returns, interpolated.';
COMMENT ON COLUMN trading.return_figures.conditional_value_at_risk IS 'Mean of the worst twentieth of the returns.';
COMMENT ON COLUMN trading.return_figures.skew IS
  'Skewness of the returns, corrected for the size of the sample; NULL below three, or without volatility.';
COMMENT ON COLUMN trading.return_figures.kurtosis IS
  'Kurtosis of the returns above that of a normal distribution, corrected likewise; NULL below four.';
COMMENT ON COLUMN trading.return_figures.tail_ratio IS
  '95th percentile of the returns over the 5th, both as positive numbers; NULL when that is 0.';
COMMENT ON COLUMN trading.return_figures.benchmark_return IS 'Total return of the benchmark; NULL without one.';
COMMENT ON COLUMN trading.return_figures.alpha IS
  'What the mean return was above beta times the benchmark''s, both above the riskless rate, compounded over a year '
  '(Jensen 1968).';
COMMENT ON COLUMN trading.return_figures.beta IS
  'Covariance of the returns with the benchmark''s over the variance of those.';
COMMENT ON COLUMN trading.return_figures.information_ratio IS
  'Mean difference from the benchmark''s return over its standard deviation, of a period, not of a year.';
COMMENT ON COLUMN trading.return_figures.probabilistic_sharpe IS
  'Probability, 0 to 1, that the true Sharpe ratio is above 0, given how long the record is and how skewed and '
  'fat-tailed its returns are (Bailey and López de Prado 2012).';
COMMENT ON COLUMN trading.return_figures.deflated_sharpe IS
  'The same above the best ratio that as many trials without any skill would be expected to have (Bailey and López de '
  'Prado 2014); with one trial it is the same number.';

CREATE TYPE trading.trade_figures AS (
  trades                  bigint,
  winning_trades          bigint,
  losing_trades           bigint,
  win_rate                float8,
  average_win             float8,
  average_loss            float8,
  largest_win             float8,
  largest_loss            float8,
  payoff                  float8,
  profit_factor           float8,
  expectancy              float8,
  sqn                     float8,
  longest_wins            bigint,
  longest_losses          bigint,
  average_holding         interval,
  average_winning_holding interval,
  average_losing_holding  interval,
  longest_holding         interval,
  average_mae             float8,
  largest_mae             float8,
  average_mfe             float8,
  largest_mfe             float8
);
COMMENT ON TYPE trading.trade_figures IS
  'How closed round trips did: what trading.trade_stats gives. Amounts have the unit of the profits that were given, '
  'losses are negative; NULL where there is nothing to divide by.';
COMMENT ON COLUMN trading.trade_figures.trades IS 'Number of round trips.';
COMMENT ON COLUMN trading.trade_figures.winning_trades IS 'Those with a profit.';
COMMENT ON COLUMN trading.trade_figures.losing_trades IS 'Those with a loss; what broke even is neither.';
COMMENT ON COLUMN trading.trade_figures.win_rate IS 'Winning trades over all.';
COMMENT ON COLUMN trading.trade_figures.average_win IS 'Mean profit of the winning trades.';
COMMENT ON COLUMN trading.trade_figures.average_loss IS 'Mean loss of the losing trades, negative.';
COMMENT ON COLUMN trading.trade_figures.largest_win IS 'Largest profit.';
COMMENT ON COLUMN trading.trade_figures.largest_loss IS 'Largest loss, negative.';
COMMENT ON COLUMN trading.trade_figures.payoff IS 'average_win over average_loss as a positive number.';
COMMENT ON COLUMN trading.trade_figures.profit_factor IS
  'Sum of the profits over the sum of the losses, as a positive number.';
COMMENT ON COLUMN trading.trade_figures.expectancy IS 'Mean profit of all trades.';
COMMENT ON COLUMN trading.trade_figures.sqn IS
  'System quality number: √trades times the mean profit over its standard deviation (of a sample), without a cap '
  '(Tharp 2008).';
COMMENT ON COLUMN trading.trade_figures.longest_wins IS 'Most winning trades in a row, in the order of their closes.';
COMMENT ON COLUMN trading.trade_figures.longest_losses IS 'Most losing trades in a row.';
COMMENT ON COLUMN trading.trade_figures.average_holding IS 'Mean time from open to close.';
COMMENT ON COLUMN trading.trade_figures.average_winning_holding IS 'The same of the winning trades.';
COMMENT ON COLUMN trading.trade_figures.average_losing_holding IS 'The same of the losing trades.';
COMMENT ON COLUMN trading.trade_figures.longest_holding IS 'Longest time from open to close.';
COMMENT ON COLUMN trading.trade_figures.average_mae IS
  'Mean of the worst open profits on the way (maximum adverse excursion, Sweeney 1997), zero or negative.';
COMMENT ON COLUMN trading.trade_figures.largest_mae IS 'Lowest of them.';
COMMENT ON COLUMN trading.trade_figures.average_mfe IS
  'Mean of the best open profits on the way (maximum favourable excursion), zero or positive.';
COMMENT ON COLUMN trading.trade_figures.largest_mfe IS 'Highest of them.';
