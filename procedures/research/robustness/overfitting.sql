-- reads nothing; errors TR243, TR551
CREATE OR REPLACE FUNCTION research.overfitting(returns float8[], blocks int DEFAULT NULL)
RETURNS TABLE (trials int, days int, block_count int, splits int, probability float8, loss float8, slope float8,
               intercept float8, favourite int, favourite_share float8, logits float8[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
-- The planner does not know how many rows arrays have.
SET jit = off SET enable_nestloop = off SET work_mem = '64MB'
AS $$
#variable_conflict use_column
DECLARE
  v_trials int := CASE array_ndims(overfitting.returns) WHEN 2 THEN array_length(overfitting.returns, 1) ELSE 0 END;
  v_days   int := CASE array_ndims(overfitting.returns) WHEN 2 THEN array_length(overfitting.returns, 2) ELSE 0 END;
  v_blocks int := overfitting.blocks;
  v_half   int;
  v_fault  text;
BEGIN
  IF v_blocks IS NULL THEN
    -- As many as take a second or two.
    SELECT max(b.blocks) INTO v_blocks
      FROM (VALUES (2, 2), (4, 6), (6, 20), (8, 70), (10, 252), (12, 924), (14, 3432), (16, 12870))
           AS b (blocks, splits)
     WHERE b.blocks * 2 <= greatest(v_days, 4) AND (b.splits::bigint * v_trials <= 2000000 OR b.blocks = 2);
  END IF;
  v_half := v_blocks / 2;
  IF v_trials NOT BETWEEN 2 AND 100000 OR v_days < 2 * v_blocks::bigint
     OR v_blocks NOT IN (2, 4, 6, 8, 10, 12, 14, 16) THEN
    RAISE EXCEPTION 'the returns of two trials or more are compared, in blocks of at least two days'
      USING ERRCODE = 'TR551',
            DETAIL = format('%s trials of %s days, %s blocks; the array has %s dimensions.', v_trials, v_days, v_blocks,
                            coalesce(array_ndims(overfitting.returns), 0)),
            HINT = 'Give array_agg(returns) of arrays of the same length, and an even number of blocks from 2 to 16.';
  END IF;
  SELECT coalesce(v.value::text, 'NULL') INTO v_fault
    FROM unnest(overfitting.returns) AS v (value) WHERE (abs(v.value) <= 1e30) IS NOT TRUE LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'returns of trials are finite numbers'
      USING ERRCODE = 'TR243', DETAIL = format('The first that is not: %s.', v_fault),
            HINT = 'Give 0 for a day on which nothing was held.';
  END IF;
  RETURN QUERY
    WITH cells AS MATERIALIZED (
      -- Of each trial in each block: days, sum of returns and of their squares. The first blocks have a day more.
      SELECT v.trial, b.block, count(*) AS n, sum(v.value) AS sum, sum(v.value * v.value) AS squares
        FROM (SELECT (u.place - 1) / v_days AS trial, (u.place - 1) % v_days AS day, u.value
                FROM unnest(overfitting.returns) WITH ORDINALITY AS u (value, place)) AS v
        CROSS JOIN LATERAL (
          SELECT CASE WHEN v.day < (v_days / v_blocks + 1) * (v_days % v_blocks) THEN v.day / (v_days / v_blocks + 1)
                      ELSE (v.day - v_days % v_blocks) / (v_days / v_blocks) END::int AS block) AS b
       GROUP BY v.trial, b.block
    ), halves AS MATERIALIZED (
      -- Each choice among the first half of the blocks, and among the second: an array has a place for each trial.
      SELECT p.part, p.choice, bit_count(p.choice::bit(8)) AS size, max(p.n) AS n,
             array_agg(p.sum ORDER BY p.trial) AS sums, array_agg(p.squares ORDER BY p.trial) AS squares
        FROM (SELECT h.part, m.choice, c.trial,
                     coalesce(sum(c.n) FILTER (WHERE k.is_chosen), 0)::float8 AS n,
                     coalesce(sum(c.sum) FILTER (WHERE k.is_chosen), 0) AS sum,
                     coalesce(sum(c.squares) FILTER (WHERE k.is_chosen), 0) AS squares
                FROM generate_series(0, 1) AS h (part)
                CROSS JOIN generate_series(0, (1 << v_half) - 1) AS m (choice)
                JOIN cells AS c ON c.block / v_half = h.part
                CROSS JOIN LATERAL (SELECT (m.choice >> c.block % v_half) & 1 = 1 AS is_chosen) AS k
               GROUP BY h.part, m.choice, c.trial) AS p
       GROUP BY p.part, p.choice
    ), ratios AS MATERIALIZED (
      -- Each half of all blocks, with x = sum / sqrt(squares) of each trial in it. It has the order of the Sharpe
      -- ratios, which are x * sqrt((n - 1) / n / (n - x^2)); where a trial always does the same it is 0.
      SELECT a.choice | (b.choice << v_half) AS choice, a.n + b.n AS n,
             ARRAY(SELECT CASE WHEN (t.sum1 + t.sum2) * (t.sum1 + t.sum2)
                                    < (a.n + b.n) * (1 - 1e-13) * (t.squares1 + t.squares2)
                               THEN (t.sum1 + t.sum2) / sqrt(t.squares1 + t.squares2) ELSE 0 END
                     FROM unnest(a.sums, b.sums, a.squares, b.squares) AS t (sum1, sum2, squares1, squares2)) AS ratios
        FROM halves AS a
        JOIN halves AS b ON b.size = v_half - a.size
       WHERE a.part = 0 AND b.part = 1
    ), best AS MATERIALIZED (
      SELECT r.choice, r.n, r.ratios, (SELECT max(u.value) FROM unnest(r.ratios) AS u (value)) AS ratio FROM ratios AS r
    ), chosen AS MATERIALIZED (
      -- The best of each half, and how it did in the other one.
      SELECT array_position(i.ratios, i.ratio) AS place, i.ratio, i.n, o.n AS other_n, o.ratios,
             o.ratios[array_position(i.ratios, i.ratio)] AS other_ratio
        FROM best AS i
        JOIN ratios AS o ON o.choice = (1 << v_blocks) - 1 - i.choice
    ), ranked AS MATERIALIZED (
      SELECT c.place, c.ratio * sqrt((c.n - 1) / c.n / (c.n - c.ratio ^ 2)) AS inside,
             c.other_ratio * sqrt((c.other_n - 1) / c.other_n / (c.other_n - c.other_ratio ^ 2)) AS outside,
             (SELECT count(*) FILTER (WHERE u.value < c.other_ratio)
                     + (count(*) FILTER (WHERE u.value = c.other_ratio) + 1) / 2.0::float8
                FROM unnest(c.ratios) AS u (value)) AS rank
        FROM chosen AS c
    ), judged AS MATERIALIZED (
      SELECT r.place, r.inside, r.outside, ln(r.rank / (v_trials + 1 - r.rank)) AS logit FROM ranked AS r
    ), favourites AS MATERIALIZED (
      SELECT j.place, count(*) AS splits FROM judged AS j GROUP BY j.place ORDER BY 2 DESC, 1 LIMIT 1
    )
    SELECT v_trials, v_days, v_blocks, count(*)::int, avg((j.logit <= 0)::int)::float8,
           avg((j.outside < 0)::int)::float8, regr_slope(j.outside, j.inside), regr_intercept(j.outside, j.inside),
           max(f.place), max(f.splits)::float8 / count(*), array_agg(j.logit ORDER BY j.logit)
      FROM judged AS j CROSS JOIN favourites AS f;
END
$$;
COMMENT ON FUNCTION research.overfitting(float8[], int) IS
  'How likely it is that the best of several trials was chosen by luck: combinatorially symmetric cross-validation '
  '(Bailey, Borwein, López de Prado and Zhu 2017). returns: one row of the array for each trial, one column for each '
  'day. The days are cut into blocks (an even number, 16 unless that takes long); each half of the blocks chooses '
  'the trial with the best Sharpe ratio, and the other half judges it. probability: share of the splits in which the '
  'chosen one is not above the median of all there; loss: in which it loses; slope, intercept: of its ratio outside '
  'over that inside, both of a day; favourite: the trial (counted from 1) that is chosen most often, and in which '
  'share of the splits; logits: of its rank in each split, in order. Errors TR243, TR551.';
