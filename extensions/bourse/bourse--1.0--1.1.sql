-- complain if the script is sourced in psql instead of by ALTER EXTENSION
\echo Use "ALTER EXTENSION bourse UPDATE TO '1.1'" to load this file. \quit

-- 1.1: channels, trend stops, volume, correlation, candlestick patterns; candles of candles.

CREATE TYPE ta.supertrend_values AS (
  line float8,
  direction float8
);
COMMENT ON TYPE ta.supertrend_values IS 'The result of ta.supertrend.';
COMMENT ON COLUMN ta.supertrend_values.line IS 'Stop line, in price units.';
COMMENT ON COLUMN ta.supertrend_values.direction IS '1 in a rising trend, -1 in a falling one.';

CREATE FUNCTION ta.final_supertrend(internal) RETURNS ta.supertrend_values
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_values';
COMMENT ON FUNCTION ta.final_supertrend(internal) IS 'Final step of ta.supertrend; null while warming up.';

CREATE FUNCTION ta.stochf_step(internal, float8, float8, float8, integer, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_stochf';
COMMENT ON FUNCTION ta.stochf_step(internal, float8, float8, float8, integer, integer) IS 'Transition of ta.stochf.';
CREATE AGGREGATE ta.stochf(high float8, low float8, close float8, k integer, d integer) (
  SFUNC = ta.stochf_step, STYPE = internal, FINALFUNC = ta.final_stochastic, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.stochf(high float8, low float8, close float8, k integer, d integer) IS
  'Fast stochastic oscillator, 0 to 100: the close''s place in the range of k rows, and its SMA(d). As TA-Lib''s '
  'STOCHF. First row after k + d - 1 rows.';

CREATE FUNCTION ta.vwap_step(internal, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_vwap';
COMMENT ON FUNCTION ta.vwap_step(internal, float8, float8) IS 'Transition of ta.vwap.';
CREATE AGGREGATE ta.vwap(price float8, volume float8) (
  SFUNC = ta.vwap_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.vwap(price float8, volume float8) IS
  'Volume-weighted average price, in price units: sum(price * volume) / sum(volume) so far; partition by session. '
  'Null while no volume was traded. From the first row.';

CREATE FUNCTION ta.keltner_step(internal, float8, float8, float8, integer, integer, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_keltner';
COMMENT ON FUNCTION ta.keltner_step(internal, float8, float8, float8, integer, integer, float8) IS
  'Transition of ta.keltner.';
CREATE AGGREGATE ta.keltner(high float8, low float8, close float8, n integer, atr_n integer, k float8) (
  SFUNC = ta.keltner_step, STYPE = internal, FINALFUNC = ta.final_bands, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.keltner(high float8, low float8, close float8, n integer, atr_n integer, k float8) IS
  'Keltner channels: EMA(n) of the close plus and minus k * ATR(atr_n). First row after greatest(n, atr_n + 1) rows.';

CREATE FUNCTION ta.donchian_step(internal, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_donchian';
COMMENT ON FUNCTION ta.donchian_step(internal, float8, float8, integer) IS 'Transition of ta.donchian.';
CREATE FUNCTION ta.donchian_retire(internal, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_donchian_inverse';
COMMENT ON FUNCTION ta.donchian_retire(internal, float8, float8, integer) IS
  'Inverse transition of ta.donchian, for moving frames.';
CREATE AGGREGATE ta.donchian(high float8, low float8, n integer) (
  SFUNC = ta.donchian_step, STYPE = internal, FINALFUNC = ta.final_bands, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.donchian_step, MINVFUNC = ta.donchian_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_bands, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.donchian(high float8, low float8, n integer) IS
  'Donchian channels: highest high and lowest low of the last n rows, and their midpoint. First row after n rows.';

CREATE FUNCTION ta.supertrend_step(internal, float8, float8, float8, integer, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_supertrend';
COMMENT ON FUNCTION ta.supertrend_step(internal, float8, float8, float8, integer, float8) IS
  'Transition of ta.supertrend.';
CREATE AGGREGATE ta.supertrend(high float8, low float8, close float8, n integer, k float8) (
  SFUNC = ta.supertrend_step, STYPE = internal, FINALFUNC = ta.final_supertrend, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.supertrend(high float8, low float8, close float8, n integer, k float8) IS
  'SuperTrend: the band at (high + low) / 2 plus or minus k * ATR(n) that only moves with the trend; direction 1 '
  'rising, -1 falling. First row after n + 1 rows.';

CREATE FUNCTION ta.correlation_step(internal, float8, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_correlation';
COMMENT ON FUNCTION ta.correlation_step(internal, float8, float8, integer) IS 'Transition of ta.correlation.';
CREATE AGGREGATE ta.correlation(x float8, y float8, n integer) (
  SFUNC = ta.correlation_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.correlation(x float8, y float8, n integer) IS
  'Pearson''s correlation of the last n pairs, -1 to 1; 0 when either side does not vary. As TA-Lib''s CORREL. First '
  'value after n rows.';

CREATE FUNCTION ta.volume_surge_step(internal, float8, integer) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_volume_surge';
COMMENT ON FUNCTION ta.volume_surge_step(internal, float8, integer) IS 'Transition of ta.volume_surge.';
CREATE AGGREGATE ta.volume_surge(volume float8, n integer) (
  SFUNC = ta.volume_surge_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.volume_surge(volume float8, n integer) IS
  'Volume over the mean of the n volumes before it; 1 is usual. Null when that mean is 0. First value after n + 1 '
  'rows.';

CREATE FUNCTION ta.doji_step(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_doji';
COMMENT ON FUNCTION ta.doji_step(internal, float8, float8, float8, float8) IS 'Transition of ta.doji.';
CREATE FUNCTION ta.doji_retire(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_doji_inverse';
COMMENT ON FUNCTION ta.doji_retire(internal, float8, float8, float8, float8) IS
  'Inverse transition of ta.doji, for moving frames.';
CREATE AGGREGATE ta.doji(open float8, high float8, low float8, close float8) (
  SFUNC = ta.doji_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.doji_step, MINVFUNC = ta.doji_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.doji(open float8, high float8, low float8, close float8) IS
  'Doji (1) or not (0): the body is at most a tenth of the range, which is not 0. From the first row.';

CREATE FUNCTION ta.hammer_step(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_hammer';
COMMENT ON FUNCTION ta.hammer_step(internal, float8, float8, float8, float8) IS 'Transition of ta.hammer.';
CREATE FUNCTION ta.hammer_retire(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_hammer_inverse';
COMMENT ON FUNCTION ta.hammer_retire(internal, float8, float8, float8, float8) IS
  'Inverse transition of ta.hammer, for moving frames.';
CREATE AGGREGATE ta.hammer(open float8, high float8, low float8, close float8) (
  SFUNC = ta.hammer_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.hammer_step, MINVFUNC = ta.hammer_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.hammer(open float8, high float8, low float8, close float8) IS
  'Hammer (1) or not (0): the lower shadow is at least twice the body, the upper one at most a tenth of the range, '
  'the body not 0. From the first row.';

CREATE FUNCTION ta.engulfing_step(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_engulfing';
COMMENT ON FUNCTION ta.engulfing_step(internal, float8, float8, float8, float8) IS 'Transition of ta.engulfing.';
CREATE FUNCTION ta.engulfing_retire(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_engulfing_inverse';
COMMENT ON FUNCTION ta.engulfing_retire(internal, float8, float8, float8, float8) IS
  'Inverse transition of ta.engulfing, for moving frames.';
CREATE AGGREGATE ta.engulfing(open float8, high float8, low float8, close float8) (
  SFUNC = ta.engulfing_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.engulfing_step, MINVFUNC = ta.engulfing_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.engulfing(open float8, high float8, low float8, close float8) IS
  'Engulfing pattern: 1 when a white body covers the whole, smaller, black body before it, -1 the reverse, 0 '
  'neither. First value after 2 rows.';

CREATE FUNCTION ta.morning_star_step(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_morning_star';
COMMENT ON FUNCTION ta.morning_star_step(internal, float8, float8, float8, float8) IS 'Transition of ta.morning_star.';
CREATE FUNCTION ta.morning_star_retire(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_morning_star_inverse';
COMMENT ON FUNCTION ta.morning_star_retire(internal, float8, float8, float8, float8) IS
  'Inverse transition of ta.morning_star, for moving frames.';
CREATE AGGREGATE ta.morning_star(open float8, high float8, low float8, close float8) (
  SFUNC = ta.morning_star_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.morning_star_step, MINVFUNC = ta.morning_star_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.morning_star(open float8, high float8, low float8, close float8) IS
  'Morning star (1) or not (0): a black bar with a body above half its range; a body of at most 0.3 of it, wholly '
  'below; a white bar that closes above the middle of the first body. First value after 3 rows.';

CREATE FUNCTION ta.evening_star_step(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_evening_star';
COMMENT ON FUNCTION ta.evening_star_step(internal, float8, float8, float8, float8) IS 'Transition of ta.evening_star.';
CREATE FUNCTION ta.evening_star_retire(internal, float8, float8, float8, float8) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_evening_star_inverse';
COMMENT ON FUNCTION ta.evening_star_retire(internal, float8, float8, float8, float8) IS
  'Inverse transition of ta.evening_star, for moving frames.';
CREATE AGGREGATE ta.evening_star(open float8, high float8, low float8, close float8) (
  SFUNC = ta.evening_star_step, STYPE = internal, FINALFUNC = ta.final_value, FINALFUNC_MODIFY = READ_ONLY,
  MSFUNC = ta.evening_star_step, MINVFUNC = ta.evening_star_retire, MSTYPE = internal,
  MFINALFUNC = ta.final_value, MFINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.evening_star(open float8, high float8, low float8, close float8) IS
  'Evening star (-1) or not (0): the mirror of the morning star. First value after 3 rows.';

CREATE FUNCTION ta.rollup_step(internal, ta.candle) RETURNS internal
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_rollup';
COMMENT ON FUNCTION ta.rollup_step(internal, ta.candle) IS 'Transition of ta.rollup.';
CREATE AGGREGATE ta.rollup(candle ta.candle) (
  SFUNC = ta.rollup_step, STYPE = internal, SSPACE = 128, FINALFUNC = ta.final_candle, FINALFUNC_MODIFY = READ_ONLY,
  COMBINEFUNC = ta.candle_combine, SERIALFUNC = ta.candle_serialize, DESERIALFUNC = ta.candle_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.rollup(candle ta.candle) IS
  'Candle of candles, in any order: from one minute to five, from there to a day. Equal to the candle of all their '
  'ticks when the candles do not overlap in time. Nulls are skipped; null without candles.';
