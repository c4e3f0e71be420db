-- reads nothing; errors TR243, TR550, TR604
CREATE OR REPLACE FUNCTION research.random_entries(
  closes float8[], first int[], candles int[], bars int[], amounts float8[], fees float8[], capital float8,
  resamples int DEFAULT 1000, seed bigint DEFAULT 1, points int DEFAULT 1)
RETURNS TABLE (resample int, total_return float8, max_drawdown float8, lowest float8, path float8[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
  v_amounts float8[] := research.sample_values(random_entries.amounts, random_entries.resamples, random_entries.points,
                                               random_entries.seed);
  v_n       int := coalesce(cardinality(v_amounts), 0);
  v_known   int := coalesce(cardinality(random_entries.closes), 0);
  v_fault   text;
  v_key     bigint;
  v_at      int;
  v_level   float8;
  v_peak    float8;
  v_least   float8;
  v_low     float8;
BEGIN
  IF (random_entries.capital BETWEEN 1e-8 AND 1e30) IS NOT TRUE THEN
    RAISE EXCEPTION 'trades need a capital'
      USING ERRCODE = 'TR550', DETAIL = format('It is %s.', coalesce(random_entries.capital::text, 'NULL')),
            HINT = 'Give what there was at the beginning, in the currency of the amounts.';
  END IF;
  SELECT concat_ws(', ', 'trade ' || t.place, t.first, t.candles, t.bars, t.amount, t.fee) INTO v_fault
    FROM unnest(random_entries.first, random_entries.candles, random_entries.bars, random_entries.amounts,
                random_entries.fees) WITH ORDINALITY AS t (first, candles, bars, amount, fee, place)
   WHERE (t.first >= 1 AND t.candles >= 2 AND t.first::bigint + t.candles - 1 <= v_known AND t.bars >= 0
          AND t.amount IS NOT NULL AND abs(t.fee) <= 1e30) IS NOT TRUE
   LIMIT 1;
  IF FOUND OR EXISTS (SELECT FROM unnest(random_entries.closes) AS c (close)
                       WHERE (c.close > 0 AND c.close <= 1e30) IS NOT TRUE) THEN
    RAISE EXCEPTION 'trades need the candles among which they are drawn'
      USING ERRCODE = 'TR604',
            DETAIL = concat_ws(' ', format('%s closes.', v_known), 'The first that has none: ' || v_fault),
            HINT = 'Closes are above zero; of each trade give the place of the first close of its instrument, how many '
                   'there are, how many candles it was held, its amount and its fees.';
  END IF;
  FOR v_resample IN 1 .. CASE WHEN v_n = 0 THEN 0 ELSE random_entries.resamples END LOOP
    v_key := research.random_bits(random_entries.seed, v_resample);
    v_level := random_entries.capital;
    v_peak := v_level;
    v_least := 1;
    v_low := v_level;
    path := '{}';
    FOR v_point IN 1 .. random_entries.points LOOP
      FOR v_place IN (v_point - 1)::bigint * v_n / random_entries.points + 1
                     .. v_point::bigint * v_n / random_entries.points LOOP
        v_at := random_entries.first[v_place]
                + (((research.random_bits(v_key, v_place) >> 32) & 4294967295)
                   * greatest(random_entries.candles[v_place] - random_entries.bars[v_place], 1) >> 32);
        v_level := v_level - random_entries.fees[v_place]
                   + v_amounts[v_place]
                     * (random_entries.closes[
                          least(v_at + random_entries.bars[v_place],
                                random_entries.first[v_place] + random_entries.candles[v_place] - 1)]
                        / random_entries.closes[v_at] - 1);
        IF v_level > v_peak THEN
          v_peak := v_level;
        ELSIF v_level < v_peak * v_least THEN
          v_least := v_level / v_peak;
        END IF;
        IF v_level < v_low THEN
          v_low := v_level;
        END IF;
      END LOOP;
      path := path || v_level / random_entries.capital;
    END LOOP;
    resample := v_resample;
    total_return := v_level / random_entries.capital - 1;
    max_drawdown := v_least - 1;
    lowest := v_low / random_entries.capital;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION research.random_entries(
  float8[], int[], int[], int[], float8[], float8[], float8, int, bigint, int) IS
  'What trades would have made that begin at random: each as large, in the same direction, held as many candles and '
  'at the same fees, but from a candle by chance. closes: of all instruments, one behind the other; of each trade '
  'first and candles say which of them are its instrument''s, bars how many candles it was held, amounts its value '
  '(negative: short). A row for each resample, as research.resample_trades has them. Errors TR243, TR550, TR604.';
