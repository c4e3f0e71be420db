-- reads nothing; errors TR243, TR550
CREATE OR REPLACE FUNCTION research.resample_returns(
  returns float8[], resamples int DEFAULT 1000, method text DEFAULT 'stationary', block float8 DEFAULT NULL,
  seed bigint DEFAULT 1, points int DEFAULT 1, periods_per_year float8 DEFAULT 252)
RETURNS TABLE (resample int, total_return float8, max_drawdown float8, lowest float8, sharpe float8, path float8[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_values  float8[] := research.sample_values(resample_returns.returns, resample_returns.resamples,
                                               resample_returns.points, resample_returns.seed);
  v_n       int := coalesce(cardinality(v_values), 0);
  v_block   float8 := least(coalesce(resample_returns.block,
                                     research.block_length(v_values, resample_returns.method)), greatest(v_n, 1));
  v_mean    float8;
  v_logs    float8[];  -- of 1 + return: all of them twice, so that a block goes on at the beginning
  v_heights float8[];  -- their sums before each place
  v_sums    float8[];  -- of returns likewise
  v_squares float8[];  -- of squares likewise
BEGIN
  IF (v_block >= 1 AND coalesce(resample_returns.block, 1) <= 1e9
      AND resample_returns.periods_per_year BETWEEN 1 AND 1e6) IS NOT TRUE THEN
    RAISE EXCEPTION 'blocks of returns are drawn, of one return at least'
      USING ERRCODE = 'TR550',
            DETAIL = format('Block %s, %s periods a year.', coalesce(resample_returns.block, v_block),
                            coalesce(resample_returns.periods_per_year::text, 'NULL')),
            HINT = 'Leave block out for research.block_length, and give 252 periods a year for trading days.';
  END IF;
  IF v_n = 0 THEN
    RETURN;
  END IF;
  SELECT avg(v.value) INTO v_mean FROM unnest(v_values) AS v (value);
  SELECT array_agg(s.log ORDER BY s.place), 0::float8 || array_agg(s.height ORDER BY s.place),
         0::float8 || array_agg(s.sum ORDER BY s.place), 0::float8 || array_agg(s.square ORDER BY s.place)
    INTO v_logs, v_heights, v_sums, v_squares
    FROM (SELECT n.place, n.log, sum(n.log) OVER w AS height, sum(n.value - v_mean) OVER w AS sum,
                 sum((n.value - v_mean) ^ 2) OVER w AS square
            FROM (SELECT d.value, d.place,
                         -- What lost everything stays where it is.
                         CASE WHEN d.value > -1 THEN ln(1 + d.value) ELSE -700 END AS log
                    FROM unnest(v_values || v_values) WITH ORDINALITY AS d (value, place)) AS n
          WINDOW w AS (ORDER BY n.place)) AS s;
  RETURN QUERY
    SELECT r.resample, exp(greatest(-700, least(700, d.level))) - 1, exp(-least(700, d.fall)) - 1,
           exp(greatest(-700, d.low)),
           CASE WHEN v.variance > 1e-28 * (1 + abs(v_mean)) ^ 2
                THEN (v_mean + d.sum / v_n) / sqrt(v.variance) * sqrt(resample_returns.periods_per_year) END,
           d.path
      FROM generate_series(1, resample_returns.resamples) AS r (resample)
      CROSS JOIN LATERAL research.draw_blocks(
        v_logs, v_heights, v_sums, v_squares,
        CASE resample_returns.method WHEN 'circular' THEN round(v_block)::int END, v_block,
        research.random_bits(resample_returns.seed, r.resample), resample_returns.points) AS d
      CROSS JOIN LATERAL (
        SELECT (d.squares - d.sum ^ 2 / v_n) / nullif(v_n - 1, 0) AS variance) AS v;
END
$$;
COMMENT ON FUNCTION research.resample_returns(float8[], int, text, float8, bigint, int, float8) IS
  'What might have come of returns: as many returns as there were, in blocks that keep their order, drawn again and '
  'again. method: stationary (blocks of random lengths, of which block is the mean; Politis and Romano 1994) or '
  'circular (all as long; Politis and Romano 1992); block unless given is what research.block_length says. A row for '
  'each resample: total_return, max_drawdown and sharpe as trading.return_stats has them, lowest is the lowest worth '
  'as a share of the beginning (below 0.5: half was lost), and path the worth at the ends of so many equal parts. '
  'The same seed gives the same rows. Errors TR243, TR550.';
