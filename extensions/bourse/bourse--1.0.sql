-- complain if the script is sourced in psql instead of by CREATE EXTENSION
\echo Use "CREATE EXTENSION bourse" to load this file. \quit

-- Indicators are aggregates that also serve as window functions: ta.rsi(close, 14) OVER (PARTITION BY ... ORDER BY ts), or
-- ta.rsi(close, 14 ORDER BY ts) for the latest value of a group. The result is null while warming up. A row with a null
-- input is skipped: the value of the row before stands. Parameters must be constant within an aggregation.

COMMENT ON SCHEMA ta IS 'technical indicators and candles (extension bourse)';

CREATE TYPE ta.bands AS (
  upper float8,
  middle float8,
  lower float8
);
COMMENT ON TYPE ta.bands IS 'A channel around a middle line, in price units.';
COMMENT ON COLUMN ta.bands.upper IS 'Upper band, in price units.';
COMMENT ON COLUMN ta.bands.middle IS 'Middle line, in price units.';
COMMENT ON COLUMN ta.bands.lower IS 'Lower band, in price units.';

CREATE TYPE ta.macd_values AS (
  macd float8,
  signal float8,
  histogram float8
);
COMMENT ON TYPE ta.macd_values IS 'The lines of ta.macd, in units of its input.';
COMMENT ON COLUMN ta.macd_values.macd IS 'Fast average less slow average.';
COMMENT ON COLUMN ta.macd_values.signal IS 'Exponential average of macd.';
COMMENT ON COLUMN ta.macd_values.histogram IS 'macd less signal.';

CREATE TYPE ta.stochastic_lines AS (
  k float8,
  d float8
);
COMMENT ON TYPE ta.stochastic_lines IS 'The lines of a stochastic oscillator, 0 to 100.';
COMMENT ON COLUMN ta.stochastic_lines.k IS 'The place in the range, in percent.';
COMMENT ON COLUMN ta.stochastic_lines.d IS 'Simple average of k.';

CREATE TYPE ta.aroon_values AS (
  up float8,
  down float8
);
COMMENT ON TYPE ta.aroon_values IS 'The lines of ta.aroon, 0 to 100.';
COMMENT ON COLUMN ta.aroon_values.up IS 'Freshness of the highest high, in percent.';
COMMENT ON COLUMN ta.aroon_values.down IS 'Freshness of the lowest low, in percent.';

CREATE TYPE ta.candle AS (
  open float8,
  high float8,
  low float8,
  close float8,
  volume float8,
  vwap float8,
  ticks bigint,
  first_ts timestamptz,
  last_ts timestamptz
);
COMMENT ON TYPE ta.candle IS 'A candle: what happened to the price in a span of time.';
COMMENT ON COLUMN ta.candle.open IS 'Price of the earliest tick.';
COMMENT ON COLUMN ta.candle.high IS 'Highest price.';
COMMENT ON COLUMN ta.candle.low IS 'Lowest price.';
COMMENT ON COLUMN ta.candle.close IS 'Price of the latest tick.';
COMMENT ON COLUMN ta.candle.volume IS 'Sum of sizes.';
COMMENT ON COLUMN ta.candle.vwap IS 'Sum of price * size over volume; null without volume.';
COMMENT ON COLUMN ta.candle.ticks IS 'Number of ticks.';
COMMENT ON COLUMN ta.candle.first_ts IS 'Time of the earliest tick.';
COMMENT ON COLUMN ta.candle.last_ts IS 'Time of the latest tick.';

CREATE FUNCTION ta.final_value(internal) RETURNS float8
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_value';
COMMENT ON FUNCTION ta.final_value(internal) IS 'Final step of aggregates with such a result; null while warming up.';
CREATE FUNCTION ta.final_bands(internal) RETURNS ta.bands
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_values';
COMMENT ON FUNCTION ta.final_bands(internal) IS 'Final step of aggregates with such a result; null while warming up.';
CREATE FUNCTION ta.final_macd(internal) RETURNS ta.macd_values
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_values';
COMMENT ON FUNCTION ta.final_macd(internal) IS 'Final step of aggregates with such a result; null while warming up.';
CREATE FUNCTION ta.final_stochastic(internal) RETURNS ta.stochastic_lines
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_values';
COMMENT ON FUNCTION ta.final_stochastic(internal) IS
  'Final step of aggregates with such a result; null while warming up.';
CREATE FUNCTION ta.final_aroon(internal) RETURNS ta.aroon_values
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_values';
COMMENT ON FUNCTION ta.final_aroon(internal) IS 'Final step of aggregates with such a result; null while warming up.';

CREATE FUNCTION ta.sma_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_sma';
COMMENT ON FUNCTION ta.sma_step(internal, float8, integer) IS 'Transition of ta.sma.';
CREATE AGGREGATE ta.sma(x float8, n integer) (
  SFUNC = ta.sma_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.sma(x float8, n integer) IS
  'Simple moving average: the mean of the last n values. As TA-Lib''s SMA. First value after n rows.';

CREATE FUNCTION ta.ema_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_ema';
COMMENT ON FUNCTION ta.ema_step(internal, float8, integer) IS 'Transition of ta.ema.';
CREATE AGGREGATE ta.ema(x float8, n integer) (
  SFUNC = ta.ema_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ema(x float8, n integer) IS
  'Exponential moving average: e + (x - e) * 2 / (n + 1), seeded with the mean of the first n values. As TA-Lib''s '
  'EMA. First value after n rows.';

CREATE FUNCTION ta.wma_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_wma';
COMMENT ON FUNCTION ta.wma_step(internal, float8, integer) IS 'Transition of ta.wma.';
CREATE AGGREGATE ta.wma(x float8, n integer) (
  SFUNC = ta.wma_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.wma(x float8, n integer) IS
  'Weighted moving average: weights 1 (oldest) to n (newest), divided by n * (n + 1) / 2. As TA-Lib''s WMA. First '
  'value after n rows.';

CREATE FUNCTION ta.dema_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_dema';
COMMENT ON FUNCTION ta.dema_step(internal, float8, integer) IS 'Transition of ta.dema.';
CREATE AGGREGATE ta.dema(x float8, n integer) (
  SFUNC = ta.dema_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.dema(x float8, n integer) IS
  'Double exponential moving average: 2 * E1 - E2, each the EMA of the one before (Mulloy 1994). As TA-Lib''s DEMA. '
  'First value after 2n - 1 rows.';

CREATE FUNCTION ta.tema_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_tema';
COMMENT ON FUNCTION ta.tema_step(internal, float8, integer) IS 'Transition of ta.tema.';
CREATE AGGREGATE ta.tema(x float8, n integer) (
  SFUNC = ta.tema_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.tema(x float8, n integer) IS
  'Triple exponential moving average: 3 * E1 - 3 * E2 + E3 (Mulloy 1994). As TA-Lib''s TEMA. First value after 3n - '
  '2 rows.';

CREATE FUNCTION ta.kama_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_kama';
COMMENT ON FUNCTION ta.kama_step(internal, float8, integer) IS 'Transition of ta.kama.';
CREATE AGGREGATE ta.kama(x float8, n integer) (
  SFUNC = ta.kama_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.kama(x float8, n integer) IS
  'Kaufman''s adaptive moving average: p + (x - p) * (ER * (2/3 - 2/31) + 2/31)^2, ER = abs(x - x[-n]) / sum of '
  'abs(steps) (Kaufman 1995). As TA-Lib''s KAMA. First value after n + 1 rows.';

CREATE FUNCTION ta.trix_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_trix';
COMMENT ON FUNCTION ta.trix_step(internal, float8, integer) IS 'Transition of ta.trix.';
CREATE AGGREGATE ta.trix(x float8, n integer) (
  SFUNC = ta.trix_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.trix(x float8, n integer) IS
  'Rate of change, in percent, of the triple exponential average: (E3 / E3[-1] - 1) * 100 (Hutson 1983). As '
  'TA-Lib''s TRIX. First value after 3n - 1 rows.';

CREATE FUNCTION ta.rsi_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_rsi';
COMMENT ON FUNCTION ta.rsi_step(internal, float8, integer) IS 'Transition of ta.rsi.';
CREATE AGGREGATE ta.rsi(x float8, n integer) (
  SFUNC = ta.rsi_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.rsi(x float8, n integer) IS
  'Relative strength index, 0 to 100: 100 * gain / (gain + loss), both smoothed as Wilder does (1978); 0 without any '
  'movement. As TA-Lib''s RSI. First value after n + 1 rows.';

CREATE FUNCTION ta.roc_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_roc';
COMMENT ON FUNCTION ta.roc_step(internal, float8, integer) IS 'Transition of ta.roc.';
CREATE FUNCTION ta.roc_retire(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_roc_inverse';
COMMENT ON FUNCTION ta.roc_retire(internal, float8, integer) IS 'Inverse transition of ta.roc, for moving frames.';
CREATE AGGREGATE ta.roc(x float8, n integer) (
  SFUNC = ta.roc_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.roc_step, MINVFUNC = ta.roc_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.roc(x float8, n integer) IS
  'Rate of change in percent: (x / x[-n] - 1) * 100; 0 when x[-n] is 0. As TA-Lib''s ROC. First value after n + 1 '
  'rows.';

CREATE FUNCTION ta.mom_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_mom';
COMMENT ON FUNCTION ta.mom_step(internal, float8, integer) IS 'Transition of ta.mom.';
CREATE FUNCTION ta.mom_retire(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_mom_inverse';
COMMENT ON FUNCTION ta.mom_retire(internal, float8, integer) IS 'Inverse transition of ta.mom, for moving frames.';
CREATE AGGREGATE ta.mom(x float8, n integer) (
  SFUNC = ta.mom_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.mom_step, MINVFUNC = ta.mom_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.mom(x float8, n integer) IS
  'Momentum: x - x[-n], in units of x. As TA-Lib''s MOM. First value after n + 1 rows.';

CREATE FUNCTION ta.stdev_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_stdev';
COMMENT ON FUNCTION ta.stdev_step(internal, float8, integer) IS 'Transition of ta.stdev.';
CREATE AGGREGATE ta.stdev(x float8, n integer) (
  SFUNC = ta.stdev_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.stdev(x float8, n integer) IS
  'Population standard deviation of the last n values (divisor n), in units of x. As TA-Lib''s STDDEV. First value '
  'after n rows.';

CREATE FUNCTION ta.linreg_slope_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_linreg_slope';
COMMENT ON FUNCTION ta.linreg_slope_step(internal, float8, integer) IS 'Transition of ta.linreg_slope.';
CREATE AGGREGATE ta.linreg_slope(x float8, n integer) (
  SFUNC = ta.linreg_slope_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.linreg_slope(x float8, n integer) IS
  'Slope of the least-squares line through the last n values, n at least 2, in units of x per row; positive when '
  'rising. As TA-Lib''s LINEARREG_SLOPE. First value after n rows.';

CREATE FUNCTION ta.zscore_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_zscore';
COMMENT ON FUNCTION ta.zscore_step(internal, float8, integer) IS 'Transition of ta.zscore.';
CREATE AGGREGATE ta.zscore(x float8, n integer) (
  SFUNC = ta.zscore_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.zscore(x float8, n integer) IS
  'Population standard deviations of the last n values by which the newest lies above their mean; 0 when they are '
  'equal. First value after n rows.';

CREATE FUNCTION ta.macd_step(internal, float8, integer, integer, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_macd';
COMMENT ON FUNCTION ta.macd_step(internal, float8, integer, integer, integer) IS 'Transition of ta.macd.';
CREATE AGGREGATE ta.macd(x float8, fast integer, slow integer, signal integer) (
  SFUNC = ta.macd_step, STYPE = internal, FINALFUNC = ta.final_macd, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.macd(x float8, fast integer, slow integer, signal integer) IS
  'Moving average convergence divergence: EMA(fast) - EMA(slow), its EMA(signal), their difference (Appel 1979). As '
  'TA-Lib''s MACD. First row after slow + signal - 1 rows.';

CREATE FUNCTION ta.bbands_step(internal, float8, integer, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_bbands';
COMMENT ON FUNCTION ta.bbands_step(internal, float8, integer, float8) IS 'Transition of ta.bbands.';
CREATE AGGREGATE ta.bbands(x float8, n integer, k float8) (
  SFUNC = ta.bbands_step, STYPE = internal, FINALFUNC = ta.final_bands, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.bbands(x float8, n integer, k float8) IS
  'Bollinger bands: SMA(n) plus and minus k population standard deviations (Bollinger 2001). As TA-Lib''s BBANDS. '
  'First row after n rows.';

CREATE FUNCTION ta.stochrsi_step(internal, float8, integer, integer, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_stochrsi';
COMMENT ON FUNCTION ta.stochrsi_step(internal, float8, integer, integer, integer) IS 'Transition of ta.stochrsi.';
CREATE AGGREGATE ta.stochrsi(x float8, n integer, k integer, d integer) (
  SFUNC = ta.stochrsi_step, STYPE = internal, FINALFUNC = ta.final_stochastic, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.stochrsi(x float8, n integer, k integer, d integer) IS
  'Fast stochastic oscillator (k, d) of RSI(n), 0 to 100 (Chande and Kroll 1994). As TA-Lib''s STOCHRSI. First row '
  'after n + k + d - 1 rows.';

CREATE FUNCTION ta.atr_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_atr';
COMMENT ON FUNCTION ta.atr_step(internal, float8, float8, float8, integer) IS 'Transition of ta.atr.';
CREATE AGGREGATE ta.atr(high float8, low float8, close float8, n integer) (
  SFUNC = ta.atr_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.atr(high float8, low float8, close float8, n integer) IS
  'Average true range, in price units: Wilder''s smoothing (1978) of max(high - low, abs(high - close[-1]), abs(low '
  '- close[-1])). As TA-Lib''s ATR. First value after n + 1 rows.';

CREATE FUNCTION ta.natr_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_natr';
COMMENT ON FUNCTION ta.natr_step(internal, float8, float8, float8, integer) IS 'Transition of ta.natr.';
CREATE AGGREGATE ta.natr(high float8, low float8, close float8, n integer) (
  SFUNC = ta.natr_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.natr(high float8, low float8, close float8, n integer) IS
  'Normalised average true range: ATR / close * 100, in percent (Forman 2006). As TA-Lib''s NATR. First value after '
  'n + 1 rows.';

CREATE FUNCTION ta.adx_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_adx';
COMMENT ON FUNCTION ta.adx_step(internal, float8, float8, float8, integer) IS 'Transition of ta.adx.';
CREATE AGGREGATE ta.adx(high float8, low float8, close float8, n integer) (
  SFUNC = ta.adx_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.adx(high float8, low float8, close float8, n integer) IS
  'Average directional index, 0 to 100: Wilder''s average (1978) of 100 * abs(+DI - -DI) / (+DI + -DI). As TA-Lib''s '
  'ADX. First value after 2n rows.';

CREATE FUNCTION ta.plus_di_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_plus_di';
COMMENT ON FUNCTION ta.plus_di_step(internal, float8, float8, float8, integer) IS 'Transition of ta.plus_di.';
CREATE AGGREGATE ta.plus_di(high float8, low float8, close float8, n integer) (
  SFUNC = ta.plus_di_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.plus_di(high float8, low float8, close float8, n integer) IS
  'Plus directional indicator, 0 to 100: smoothed upward movement in percent of the smoothed true range (Wilder '
  '1978). As TA-Lib''s PLUS_DI. First value after n + 1 rows.';

CREATE FUNCTION ta.minus_di_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_minus_di';
COMMENT ON FUNCTION ta.minus_di_step(internal, float8, float8, float8, integer) IS 'Transition of ta.minus_di.';
CREATE AGGREGATE ta.minus_di(high float8, low float8, close float8, n integer) (
  SFUNC = ta.minus_di_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.minus_di(high float8, low float8, close float8, n integer) IS
  'Minus directional indicator, 0 to 100: smoothed downward movement in percent of the smoothed true range (Wilder '
  '1978). As TA-Lib''s MINUS_DI. First value after n + 1 rows.';

CREATE FUNCTION ta.cci_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_cci';
COMMENT ON FUNCTION ta.cci_step(internal, float8, float8, float8, integer) IS 'Transition of ta.cci.';
CREATE AGGREGATE ta.cci(high float8, low float8, close float8, n integer) (
  SFUNC = ta.cci_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.cci(high float8, low float8, close float8, n integer) IS
  'Commodity channel index: (t - mean) / (0.015 * mean absolute deviation) of t = (high + low + close) / 3 over n '
  'rows (Lambert 1980). As TA-Lib''s CCI. First value after n rows.';

CREATE FUNCTION ta.willr_step(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_willr';
COMMENT ON FUNCTION ta.willr_step(internal, float8, float8, float8, integer) IS 'Transition of ta.willr.';
CREATE FUNCTION ta.willr_retire(internal, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_willr_inverse';
COMMENT ON FUNCTION ta.willr_retire(internal, float8, float8, float8, integer) IS
  'Inverse transition of ta.willr, for moving frames.';
CREATE AGGREGATE ta.willr(high float8, low float8, close float8, n integer) (
  SFUNC = ta.willr_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.willr_step, MINVFUNC = ta.willr_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.willr(high float8, low float8, close float8, n integer) IS
  'Williams %R, -100 to 0: (highest high - close) / (highest high - lowest low) * -100 over n rows; 0 when flat. As '
  'TA-Lib''s WILLR. First value after n rows.';

CREATE FUNCTION ta.stoch_step(internal, float8, float8, float8, integer, integer, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_stoch';
COMMENT ON FUNCTION ta.stoch_step(internal, float8, float8, float8, integer, integer, integer) IS
  'Transition of ta.stoch.';
CREATE AGGREGATE ta.stoch(high float8, low float8, close float8, k integer, slow_k integer, d integer) (
  SFUNC = ta.stoch_step, STYPE = internal, FINALFUNC = ta.final_stochastic, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.stoch(high float8, low float8, close float8, k integer, slow_k integer, d integer) IS
  'Slow stochastic oscillator, 0 to 100: k = SMA(slow_k) of the close''s place in the range of k rows, d = SMA(d) of '
  'it (Lane 1957). As TA-Lib''s STOCH. First row after k + slow_k + d - 2 rows.';

CREATE FUNCTION ta.ultosc_step(internal, float8, float8, float8, integer, integer, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_ultosc';
COMMENT ON FUNCTION ta.ultosc_step(internal, float8, float8, float8, integer, integer, integer) IS
  'Transition of ta.ultosc.';
CREATE AGGREGATE ta.ultosc(high float8, low float8, close float8, n1 integer, n2 integer, n3 integer) (
  SFUNC = ta.ultosc_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ultosc(high float8, low float8, close float8, n1 integer, n2 integer, n3 integer) IS
  'Ultimate oscillator, 0 to 100: buying pressure over true range in three windows, weighted 4, 2, 1 (Williams '
  '1985). As TA-Lib''s ULTOSC. First value after the longest period + 1 rows.';

CREATE FUNCTION ta.aroon_step(internal, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_aroon';
COMMENT ON FUNCTION ta.aroon_step(internal, float8, float8, integer) IS 'Transition of ta.aroon.';
CREATE FUNCTION ta.aroon_retire(internal, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_aroon_inverse';
COMMENT ON FUNCTION ta.aroon_retire(internal, float8, float8, integer) IS
  'Inverse transition of ta.aroon, for moving frames.';
CREATE AGGREGATE ta.aroon(high float8, low float8, n integer) (
  SFUNC = ta.aroon_step, STYPE = internal, FINALFUNC = ta.final_aroon, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.aroon_step, MINVFUNC = ta.aroon_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_aroon, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.aroon(high float8, low float8, n integer) IS
  'Aroon, 0 to 100: 100 * (n - rows since the highest high or lowest low of the last n + 1) / n; of equal ones the '
  'newest counts (Chande 1995). As TA-Lib''s AROON. First row after n + 1 rows.';

CREATE FUNCTION ta.sar_step(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_sar';
COMMENT ON FUNCTION ta.sar_step(internal, float8, float8, float8, float8) IS 'Transition of ta.sar.';
CREATE AGGREGATE ta.sar(high float8, low float8, acceleration float8, maximum float8) (
  SFUNC = ta.sar_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.sar(high float8, low float8, acceleration float8, maximum float8) IS
  'Parabolic stop and reverse, in price units (Wilder 1978). As TA-Lib''s SAR. First value after 2 rows.';

CREATE FUNCTION ta.obv_step(internal, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_obv';
COMMENT ON FUNCTION ta.obv_step(internal, float8, float8) IS 'Transition of ta.obv.';
CREATE AGGREGATE ta.obv(close float8, volume float8) (
  SFUNC = ta.obv_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.obv(close float8, volume float8) IS
  'On-balance volume: volumes added when the close rose and subtracted when it fell, from the first volume on '
  '(Granville 1963). As TA-Lib''s OBV. From the first row.';

CREATE FUNCTION ta.mfi_step(internal, float8, float8, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_mfi';
COMMENT ON FUNCTION ta.mfi_step(internal, float8, float8, float8, float8, integer) IS 'Transition of ta.mfi.';
CREATE AGGREGATE ta.mfi(high float8, low float8, close float8, volume float8, n integer) (
  SFUNC = ta.mfi_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.mfi(high float8, low float8, close float8, volume float8, n integer) IS
  'Money flow index, 0 to 100: upward share of the flow (high + low + close) / 3 * volume of n rows (Quong and '
  'Soudack 1989). As TA-Lib''s MFI. First value after n + 1 rows.';

-- Candles: the order of ticks does not matter, so partial states combine and parallel plans are possible.

CREATE FUNCTION ta.candle_step(internal, float8, float8, timestamptz) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_ohlcv';
COMMENT ON FUNCTION ta.candle_step(internal, float8, float8, timestamptz) IS 'Transition of ta.ohlcv.';
CREATE FUNCTION ta.candle_step(internal, float8, float8, timestamptz, bigint) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_ohlcv';
COMMENT ON FUNCTION ta.candle_step(internal, float8, float8, timestamptz, bigint) IS
  'Transition of ta.ohlcv with sequence numbers.';
CREATE FUNCTION ta.candle_combine(internal, internal) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_candle_combine';
COMMENT ON FUNCTION ta.candle_combine(internal, internal) IS 'Joins two partial states of candles.';
CREATE FUNCTION ta.candle_serialize(internal) RETURNS bytea
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_candle_serialize';
COMMENT ON FUNCTION ta.candle_serialize(internal) IS 'Partial state of a candle for another process.';
CREATE FUNCTION ta.candle_deserialize(bytea, internal) RETURNS internal
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_candle_deserialize';
COMMENT ON FUNCTION ta.candle_deserialize(bytea, internal) IS 'Partial state of a candle from another process.';
CREATE FUNCTION ta.final_candle(internal) RETURNS ta.candle
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_candle';
COMMENT ON FUNCTION ta.final_candle(internal) IS 'Final step of candle aggregates; null without ticks.';
CREATE AGGREGATE ta.ohlcv(price float8, size float8, ts timestamptz) (
  SFUNC = ta.candle_step, STYPE = internal, SSPACE = 128, FINALFUNC = ta.final_candle, FINALFUNC_MODIFY = READ_ONLY,
  COMBINEFUNC = ta.candle_combine, SERIALFUNC = ta.candle_serialize, DESERIALFUNC = ta.candle_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ohlcv(price float8, size float8, ts timestamptz) IS
  'Candle of ticks, in any order. Of the ticks at the first time the lowest price opens, of those at the last time '
  'the highest closes. Ticks with a null are skipped; null without ticks.';

CREATE AGGREGATE ta.ohlcv(price float8, size float8, ts timestamptz, seq bigint) (
  SFUNC = ta.candle_step, STYPE = internal, SSPACE = 128, FINALFUNC = ta.final_candle, FINALFUNC_MODIFY = READ_ONLY,
  COMBINEFUNC = ta.candle_combine, SERIALFUNC = ta.candle_serialize, DESERIALFUNC = ta.candle_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ohlcv(price float8, size float8, ts timestamptz, seq bigint) IS
  'Candle of ticks, in any order; ticks at one time are ordered by seq, then by price. Ticks with a null are '
  'skipped; null without ticks.';
