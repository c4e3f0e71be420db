-- Plain twins of the extension's sma, ema, rsi, atr, bbands, ohlcv and rollup, for servers where the extension cannot be
-- installed: same schema, names, arguments, results (but for the last digits) and error codes; slower, needs nothing.
--   psql -v ON_ERROR_STOP=1 -f twins.sql
-- Refuses to run where the extension is. When the extension comes later: DROP SCHEMA ta CASCADE, then CREATE EXTENSION.

BEGIN;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'bourse') THEN
    RAISE EXCEPTION 'the extension bourse is installed here' USING HINT = 'The twins are not needed.';
  END IF;
END $$;

CREATE SCHEMA IF NOT EXISTS ta;
COMMENT ON SCHEMA ta IS 'technical indicators and candles (twins in plain SQL of the extension bourse)';

CREATE TYPE ta.bands AS (upper float8, middle float8, lower float8);
COMMENT ON TYPE ta.bands IS 'A channel around a middle line, in price units.';

CREATE TYPE ta.candle AS (
  open float8, high float8, low float8, close float8, volume float8, vwap float8, ticks bigint, first_ts timestamptz,
  last_ts timestamptz
);
COMMENT ON TYPE ta.candle IS 'A candle: what happened to the price in a span of time; vwap is null without volume.';

-- A state is an array that starts with the period and the latest value (NaN while warming up); null before the first row.

CREATE FUNCTION ta.twin_check_period(state float8[], n integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF n IS NULL OR n < 1 OR n > 100000 THEN
    RAISE EXCEPTION USING ERRCODE = 'TR111', MESSAGE = 'period of an indicator is out of range',
      DETAIL = format('The period is %s.', coalesce(n::text, 'null')),
      HINT = 'Give a whole number between 1 and 100000.';
  ELSIF state[1] <> n THEN
    RAISE EXCEPTION USING ERRCODE = 'TR111', MESSAGE = 'parameter of an indicator changed within one aggregation',
      DETAIL = format('Parameter 1 was %s and is %s.', state[1], n),
      HINT = 'Give a constant, or group by what the parameter depends on.';
  END IF;
END $$;
COMMENT ON FUNCTION ta.twin_check_period(float8[], integer) IS 'Refuses a period that is out of range or has changed.';

CREATE FUNCTION ta.twin_check_finite(VARIADIC inputs float8[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  v_input float8;
BEGIN
  FOREACH v_input IN ARRAY inputs LOOP
    IF v_input IN ('NaN', 'Infinity', '-Infinity') THEN
      RAISE EXCEPTION USING ERRCODE = 'TR110', MESSAGE = 'input of an indicator must be finite',
        DETAIL = format('A value is %s.', v_input),
        HINT = 'Leave such rows out, for example with FILTER (WHERE ...), or make them NULL: NULLs are skipped.';
    END IF;
  END LOOP;
END $$;
COMMENT ON FUNCTION ta.twin_check_finite(float8[]) IS 'Refuses NaN and infinities.';

CREATE FUNCTION ta.final_value(state float8[]) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT nullif(state[2], 'NaN') $$;
COMMENT ON FUNCTION ta.final_value(float8[]) IS 'Final step of aggregates with such a result; null while warming up.';

-- {n, value, sum without the oldest, window...}
CREATE FUNCTION ta.sma_step(state float8[], x float8, n integer) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  v_sum float8;
BEGIN
  PERFORM ta.twin_check_period(state, n), ta.twin_check_finite(x);
  state := coalesce(state, ARRAY[n, 'NaN', 0]::float8[]);
  IF x IS NULL THEN
    RETURN state;
  END IF;
  v_sum := state[3] + x;
  state := state || x;
  IF cardinality(state) < 3 + n THEN
    state[3] := v_sum;
    RETURN state;
  END IF;
  -- TA-Lib's order: give the sum, then subtract the oldest.
  RETURN ARRAY[n, v_sum / n, v_sum - state[4]] || state[5:];
END $$;
COMMENT ON FUNCTION ta.sma_step(float8[], float8, integer) IS 'Transition of ta.sma.';
CREATE AGGREGATE ta.sma(x float8, n integer) (
  SFUNC = ta.sma_step, STYPE = float8[], FINALFUNC = ta.final_value, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.sma(float8, integer) IS
  'Simple moving average: the mean of the last n values. As TA-Lib''s SMA. First value after n rows.';

-- {n, value, count, sum of the seed}
CREATE FUNCTION ta.ema_step(state float8[], x float8, n integer) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM ta.twin_check_period(state, n), ta.twin_check_finite(x);
  state := coalesce(state, ARRAY[n, 'NaN', 0, 0]::float8[]);
  IF x IS NULL THEN
    RETURN state;
  END IF;
  IF state[3] = n THEN
    state[2] := state[2] + (x - state[2]) * (2.0::float8 / (n + 1));
    RETURN state;
  END IF;
  state[3] := state[3] + 1;
  state[4] := state[4] + x;
  IF state[3] = n THEN
    state[2] := state[4] / n;
  END IF;
  RETURN state;
END $$;
COMMENT ON FUNCTION ta.ema_step(float8[], float8, integer) IS 'Transition of ta.ema.';
CREATE AGGREGATE ta.ema(x float8, n integer) (
  SFUNC = ta.ema_step, STYPE = float8[], FINALFUNC = ta.final_value, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ema(float8, integer) IS
  'Exponential moving average: e + (x - e) * 2 / (n + 1), seeded with the mean of the first n values. '
  'As TA-Lib''s EMA. First value after n rows.';

-- {n, value, count, previous, gain, loss}
CREATE FUNCTION ta.rsi_step(state float8[], x float8, n integer) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  v_gain float8;
  v_loss float8;
BEGIN
  PERFORM ta.twin_check_period(state, n), ta.twin_check_finite(x);
  state := coalesce(state, ARRAY[n, 'NaN', 0, 0, 0, 0]::float8[]);
  IF x IS NULL THEN
    RETURN state;
  END IF;
  IF state[3] > 0 THEN
    v_gain := greatest(x - state[4], 0);
    v_loss := greatest(state[4] - x, 0);
    IF state[3] > n THEN
      v_gain := (state[5] * (n - 1) + v_gain) * (1.0::float8 / n);
      v_loss := (state[6] * (n - 1) + v_loss) * (1.0::float8 / n);
    ELSE
      v_gain := state[5] + v_gain;
      v_loss := state[6] + v_loss;
      IF state[3] = n THEN
        v_gain := v_gain * (1.0::float8 / n);
        v_loss := v_loss * (1.0::float8 / n);
      END IF;
    END IF;
    state[5] := v_gain;
    state[6] := v_loss;
    IF state[3] >= n THEN
      state[2] := CASE WHEN v_gain + v_loss > 0 THEN 100 * (v_gain / (v_gain + v_loss)) ELSE 0 END;
    END IF;
  END IF;
  state[3] := least(state[3] + 1, n + 1);
  state[4] := x;
  RETURN state;
END $$;
COMMENT ON FUNCTION ta.rsi_step(float8[], float8, integer) IS 'Transition of ta.rsi.';
CREATE AGGREGATE ta.rsi(x float8, n integer) (
  SFUNC = ta.rsi_step, STYPE = float8[], FINALFUNC = ta.final_value, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.rsi(float8, integer) IS
  'Relative strength index, 0 to 100: 100 * gain / (gain + loss), both smoothed as Wilder does (1978); 0 without any '
  'movement. As TA-Lib''s RSI. First value after n + 1 rows.';

-- {n, value, count, previous close, sum of the seed}
CREATE FUNCTION ta.atr_step(state float8[], high float8, low float8, close float8, n integer) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  v_range float8;
BEGIN
  PERFORM ta.twin_check_period(state, n);
  state := coalesce(state, ARRAY[n, 'NaN', 0, 0, 0]::float8[]);
  IF high IS NULL OR low IS NULL OR close IS NULL THEN
    RETURN state;
  END IF;
  PERFORM ta.twin_check_finite(high, low, close);
  IF state[3] > 0 THEN
    v_range := greatest(high - low, abs(high - state[4]), abs(low - state[4]));
    IF state[3] > n THEN
      state[2] := (state[2] * (n - 1) + v_range) / n;
    ELSE
      state[5] := state[5] + v_range;
      IF state[3] = n THEN
        state[2] := state[5] / n;
      END IF;
    END IF;
  END IF;
  state[3] := least(state[3] + 1, n + 1);
  state[4] := close;
  RETURN state;
END $$;
COMMENT ON FUNCTION ta.atr_step(float8[], float8, float8, float8, integer) IS 'Transition of ta.atr.';
CREATE AGGREGATE ta.atr(high float8, low float8, close float8, n integer) (
  SFUNC = ta.atr_step, STYPE = float8[], FINALFUNC = ta.final_value, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.atr(float8, float8, float8, integer) IS
  'Average true range, in price units: Wilder''s smoothing (1978) of max(high - low, abs(high - close[-1]), '
  'abs(low - close[-1])). As TA-Lib''s ATR. First value after n + 1 rows.';

-- {n, k, window...}
CREATE FUNCTION ta.bbands_step(state float8[], x float8, n integer, k float8) RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  PERFORM ta.twin_check_period(state, n), ta.twin_check_finite(x);
  IF k IS NULL OR k <= 0 OR k IN ('NaN', 'Infinity') OR k <> state[2] THEN
    RAISE EXCEPTION USING ERRCODE = 'TR111', MESSAGE = 'factor of an indicator is out of range or has changed',
      DETAIL = format('The factor is %s.', coalesce(k::text, 'null')), HINT = 'Give a constant, positive finite number.';
  END IF;
  state := coalesce(state, ARRAY[n, k]);
  IF x IS NULL THEN
    RETURN state;
  ELSIF cardinality(state) < 2 + n THEN
    RETURN state || x;
  END IF;
  RETURN ARRAY[n, k] || state[4:] || x;
END $$;
COMMENT ON FUNCTION ta.bbands_step(float8[], float8, integer, float8) IS 'Transition of ta.bbands.';

CREATE FUNCTION ta.final_bands(state float8[]) RETURNS ta.bands
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  -- The exact deviation by numeric would be slower; float8's stddev_pop is as good for any price.
  SELECT CASE WHEN cardinality(state) = 2 + state[1] THEN
    (SELECT (avg(x) + state[2] * stddev_pop(x), avg(x), avg(x) - state[2] * stddev_pop(x))::ta.bands
       FROM unnest(state[3:]) AS x)
  END
$$;
COMMENT ON FUNCTION ta.final_bands(float8[]) IS 'Final step of ta.bbands; null while warming up.';
CREATE AGGREGATE ta.bbands(x float8, n integer, k float8) (
  SFUNC = ta.bbands_step, STYPE = float8[], FINALFUNC = ta.final_bands, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.bbands(float8, integer, float8) IS
  'Bollinger bands: SMA(n) plus and minus k population standard deviations (Bollinger 2001). As TA-Lib''s BBANDS. '
  'First row after n rows.';

-- Candles. Marks are compared as rows: time, sequence number, price.

CREATE TYPE ta.twin_mark AS (ts timestamptz, seq bigint, price float8);
COMMENT ON TYPE ta.twin_mark IS 'The place and price of a tick.';
CREATE TYPE ta.twin_candle AS (
  first ta.twin_mark, last ta.twin_mark, high float8, low float8, volume float8, turnover float8, ticks bigint
);
COMMENT ON TYPE ta.twin_candle IS 'A candle in the making.';

CREATE FUNCTION ta.candle_combine(a ta.twin_candle, b ta.twin_candle) RETURNS ta.twin_candle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN a IS NULL THEN b
    WHEN b IS NULL THEN a
    ELSE (least((a).first, (b).first), greatest((a).last, (b).last), greatest((a).high, (b).high),
          least((a).low, (b).low), (a).volume + (b).volume, (a).turnover + (b).turnover,
          (a).ticks + (b).ticks)::ta.twin_candle
  END
$$;
COMMENT ON FUNCTION ta.candle_combine(ta.twin_candle, ta.twin_candle) IS 'Joins two partial states of candles.';

CREATE FUNCTION ta.candle_step(state ta.twin_candle, price float8, size float8, ts timestamptz, seq bigint)
RETURNS ta.twin_candle
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  v_mark ta.twin_mark := (ts, seq, price);
BEGIN
  IF price IS NULL OR size IS NULL OR ts IS NULL OR seq IS NULL THEN
    RETURN state;
  END IF;
  PERFORM ta.twin_check_finite(price, size);
  IF size < 0 OR NOT isfinite(ts) THEN
    RAISE EXCEPTION USING ERRCODE = 'TR110', MESSAGE = 'size of a tick must not be negative and its time finite',
      DETAIL = format('The size is %s, the time %s.', size, ts), HINT = 'Leave such rows out, or make them NULL.';
  END IF;
  RETURN ta.candle_combine(state, (v_mark, v_mark, price, price, size, price * size, 1));
END $$;
COMMENT ON FUNCTION ta.candle_step(ta.twin_candle, float8, float8, timestamptz, bigint) IS
  'Transition of ta.ohlcv with sequence numbers.';

CREATE FUNCTION ta.candle_step(state ta.twin_candle, price float8, size float8, ts timestamptz) RETURNS ta.twin_candle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ta.candle_step(state, price, size, ts, 0) $$;
COMMENT ON FUNCTION ta.candle_step(ta.twin_candle, float8, float8, timestamptz) IS 'Transition of ta.ohlcv.';

CREATE FUNCTION ta.rollup_step(state ta.twin_candle, candle ta.candle) RETURNS ta.twin_candle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN candle IS NULL THEN state ELSE
    ta.candle_combine(state, (
      ((candle).first_ts, 0, (candle).open)::ta.twin_mark, ((candle).last_ts, 0, (candle).close)::ta.twin_mark,
      (candle).high, (candle).low, (candle).volume, coalesce((candle).vwap * (candle).volume, 0),
      (candle).ticks)::ta.twin_candle)
  END
$$;
COMMENT ON FUNCTION ta.rollup_step(ta.twin_candle, ta.candle) IS 'Transition of ta.rollup.';

CREATE FUNCTION ta.final_candle(state ta.twin_candle) RETURNS ta.candle
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN state IS NOT NULL THEN
    (((state).first).price, (state).high, (state).low, ((state).last).price, (state).volume,
     (state).turnover / nullif((state).volume, 0), (state).ticks, ((state).first).ts, ((state).last).ts)::ta.candle
  END
$$;
COMMENT ON FUNCTION ta.final_candle(ta.twin_candle) IS 'Final step of candle aggregates; null without ticks.';

CREATE AGGREGATE ta.ohlcv(price float8, size float8, ts timestamptz) (
  SFUNC = ta.candle_step, STYPE = ta.twin_candle, FINALFUNC = ta.final_candle, COMBINEFUNC = ta.candle_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ohlcv(float8, float8, timestamptz) IS
  'Candle of ticks, in any order. Of the ticks at the first time the lowest price opens, of those at the last time the '
  'highest closes. Ticks with a null are skipped; null without ticks.';
CREATE AGGREGATE ta.ohlcv(price float8, size float8, ts timestamptz, seq bigint) (
  SFUNC = ta.candle_step, STYPE = ta.twin_candle, FINALFUNC = ta.final_candle, COMBINEFUNC = ta.candle_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.ohlcv(float8, float8, timestamptz, bigint) IS
  'Candle of ticks, in any order; ticks at one time are ordered by seq, then by price. Ticks with a null are skipped; '
  'null without ticks.';
CREATE AGGREGATE ta.rollup(candle ta.candle) (
  SFUNC = ta.rollup_step, STYPE = ta.twin_candle, FINALFUNC = ta.final_candle, COMBINEFUNC = ta.candle_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE ta.rollup(ta.candle) IS
  'Candle of candles, in any order: from one minute to five, from there to a day. Equal to the candle of all their '
  'ticks when the candles do not overlap in time. Nulls are skipped; null without candles.';

COMMIT;
