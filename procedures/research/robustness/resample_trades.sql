-- reads nothing; errors TR243, TR550
CREATE OR REPLACE FUNCTION research.resample_trades(
  pnl float8[], capital float8, resamples int DEFAULT 1000, method text DEFAULT 'draw', seed bigint DEFAULT 1,
  points int DEFAULT 1)
RETURNS TABLE (resample int, total_return float8, max_drawdown float8, lowest float8, path float8[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
  v_trades  float8[] := research.sample_values(resample_trades.pnl, resample_trades.resamples,
                                               resample_trades.points, resample_trades.seed);
  v_n       int := coalesce(cardinality(v_trades), 0);
  v_shuffle boolean := resample_trades.method = 'shuffle';
  v_order   float8[];  -- what is not drawn yet lies behind the place
  v_key     bigint;
  v_at      int;
  v_level   float8;
  v_peak    float8;
  v_least   float8;    -- lowest share of the peak
  v_low     float8;
BEGIN
  IF (resample_trades.method IN ('draw', 'shuffle') AND resample_trades.capital BETWEEN 1e-8 AND 1e30) IS NOT TRUE THEN
    RAISE EXCEPTION 'trades are drawn or shuffled, on a capital'
      USING ERRCODE = 'TR550',
            DETAIL = format('Method %s, capital %s.', coalesce(resample_trades.method, 'NULL'),
                            coalesce(resample_trades.capital::text, 'NULL')),
            HINT = 'The method is draw (each trade as often as chance will have it) or shuffle (each once).';
  END IF;
  FOR v_resample IN 1 .. CASE WHEN v_n = 0 THEN 0 ELSE resample_trades.resamples END LOOP
    v_key := research.random_bits(resample_trades.seed, v_resample);
    v_order := v_trades;
    v_level := resample_trades.capital;
    v_peak := v_level;
    v_least := 1;
    v_low := v_level;
    path := '{}';
    FOR v_point IN 1 .. resample_trades.points LOOP
      FOR v_place IN (v_point - 1)::bigint * v_n / resample_trades.points + 1
                     .. v_point::bigint * v_n / resample_trades.points LOOP
        IF v_shuffle THEN
          v_at := v_place + (((research.random_bits(v_key, v_place) >> 32) & 4294967295) * (v_n - v_place + 1) >> 32);
          v_level := v_level + v_order[v_at];
          v_order[v_at] := v_order[v_place];
        ELSE
          v_level := v_level
                     + v_order[1 + (((research.random_bits(v_key, v_place) >> 32) & 4294967295) * v_n >> 32)];
        END IF;
        IF v_level > v_peak THEN
          v_peak := v_level;
        ELSIF v_level < v_peak * v_least THEN
          v_least := v_level / v_peak;
        END IF;
        IF v_level < v_low THEN
          v_low := v_level;
        END IF;
      END LOOP;
      path := path || v_level / resample_trades.capital;
    END LOOP;
    resample := v_resample;
    total_return := v_level / resample_trades.capital - 1;
    max_drawdown := v_least - 1;
    lowest := v_low / resample_trades.capital;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION research.resample_trades(float8[], float8, int, text, bigint, int) IS
  'What might have come of trades on a capital: their profits drawn again and again, each trade as often as chance '
  'will have it (method draw, the bootstrap), or each once in another order (shuffle). A row for each resample: '
  'total_return, max_drawdown below the highest so far, lowest as a share of the capital (0 or below: all was lost), '
  'and path the worth after so many equal parts of the trades, as a share of the capital. The same seed gives the '
  'same rows. Errors TR243, TR550.';
