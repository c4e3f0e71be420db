-- reads nothing; errors TR243, TR550
CREATE OR REPLACE FUNCTION research.block_length(returns float8[], method text DEFAULT 'stationary')
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_values  float8[] := research.sample_values(block_length.returns, 1, 1, 1);
  v_n       int := coalesce(cardinality(v_values), 0);
  v_mean    float8;
  v_run     int;     -- so many correlations that are no more than noise end the memory
  v_most    int;     -- longest lag
  v_noise   float8;
  v_spread  float8;  -- G of the paper
  v_spectre float8;  -- the spectral density at 0
BEGIN
  IF (block_length.method IN ('stationary', 'circular')) IS NOT TRUE THEN
    RAISE EXCEPTION 'there are two bootstraps by blocks'
      USING ERRCODE = 'TR550', DETAIL = format('The method is %s.', coalesce(block_length.method, 'NULL')),
            HINT = 'Write stationary or circular.';
  END IF;
  IF v_n < 10 THEN
    RETURN 1;
  END IF;
  SELECT avg(v.value), stddev_samp(v.value) INTO v_mean, v_spread FROM unnest(v_values) AS v (value);
  IF NOT v_spread > 1e-14 * (1 + abs(v_mean)) THEN
    RETURN 1;
  END IF;
  v_run := greatest(5, floor(log(v_n::numeric))::int);
  v_most := least(ceil(sqrt(v_n))::int + v_run, v_n - 2);
  v_noise := 2 * sqrt(log(v_n::numeric)::float8 / v_n);

  WITH series AS MATERIALIZED (
    SELECT v.place::int AS place, v.value - v_mean AS value
      FROM unnest(v_values) WITH ORDINALITY AS v (value, place)
  ), ends AS (
    -- Squares of all but the last, and but the first, so many.
    SELECT s.place, sum(s.value ^ 2) OVER (ORDER BY s.place) AS head,
           sum(s.value ^ 2) OVER (ORDER BY s.place DESC) AS tail
      FROM series AS s
  ), lags AS MATERIALIZED (
    SELECT l.lag, p.product / v_n AS covariance,
           abs(p.product) / sqrt(h.head * t.tail) < v_noise AS is_noise
      FROM generate_series(0, v_most) AS l (lag)
      CROSS JOIN LATERAL (
        SELECT sum(a.value * b.value) AS product
          FROM unnest(v_values[1 : v_n - l.lag], v_values[1 + l.lag : v_n]) AS n (a, b)
          CROSS JOIN LATERAL (SELECT n.a - v_mean AS value) AS a
          CROSS JOIN LATERAL (SELECT n.b - v_mean AS value) AS b) AS p
      LEFT JOIN ends AS h ON h.place = v_n - l.lag - 1
      LEFT JOIN ends AS t ON t.place = l.lag + 2
  ), memory AS (
    SELECT least(CASE WHEN count(*) > 0 THEN 2 * greatest(min(l.lag), 1) END, v_most) AS lags
      FROM (SELECT n.lag, count(*) FILTER (WHERE n.is_noise) OVER w AS quiet
              FROM lags AS n
            WINDOW w AS (ORDER BY n.lag ROWS BETWEEN CURRENT ROW AND v_run - 1 FOLLOWING)) AS l
     WHERE l.quiet = v_run AND l.lag + v_run <= v_most
  )
  SELECT sum(2 * w.weight * l.lag * l.covariance) FILTER (WHERE l.lag > 0),
         sum(CASE l.lag WHEN 0 THEN 1 ELSE 2 * w.weight END * l.covariance)
    INTO v_spread, v_spectre
    FROM memory AS m
    JOIN lags AS l ON l.lag <= m.lags
    CROSS JOIN LATERAL (SELECT least(1, 2 * (1 - l.lag::float8 / m.lags)) AS weight) AS w
   GROUP BY m.lags;
  RETURN greatest(1, least(
    ceil(least(3 * sqrt(v_n), v_n / 3.0::float8)),
    power(2 * v_spread ^ 2 / (CASE block_length.method WHEN 'stationary' THEN 2 ELSE 4 / 3.0::float8 END
                              * v_spectre ^ 2) * v_n, 1 / 3.0::float8)));
END
$$;
COMMENT ON FUNCTION research.block_length(float8[], text) IS
  'How long blocks of returns should be that a bootstrap draws, by how long they remember (Politis and White 2004, '
  'corrected by Patton, Politis and White 2009): the mean length for method stationary, the length for circular. 1 '
  'for less than ten returns, and for those that do not differ. Errors TR243, TR550.';
