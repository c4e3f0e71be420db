-- reads nothing
CREATE OR REPLACE FUNCTION research.draw_blocks(
  p_logs float8[], p_heights float8[], p_sums float8[], p_squares float8[], p_length int, p_mean_length float8,
  p_key bigint, p_points int, OUT level float8, OUT fall float8, OUT low float8, OUT sum float8, OUT squares float8,
  OUT path float8[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
  v_n      int := cardinality(p_logs) / 2;
  v_decay  float8 := CASE WHEN p_mean_length > 1 THEN ln(1 - 1 / p_mean_length) ELSE '-Infinity' END;
  v_bits   bigint;
  v_draws  int := 0;
  v_place  int := 0;  -- so many are drawn
  v_from   int;
  v_length int;
  v_level  float8 := 0;
  v_peak   float8 := 0;
  v_fall   float8 := 0;
  v_low    float8 := 0;
  v_points int := 0;
BEGIN
  sum := 0;
  squares := 0;
  path := '{}';
  WHILE v_place < v_n LOOP
    v_draws := v_draws + 1;
    v_bits := research.random_bits(p_key, v_draws);
    v_from := ((v_bits >> 32) & 4294967295) * v_n >> 32;
    -- Of a geometric distribution: each return is the last of its block with the same probability.
    v_length := least(v_n - v_place,
                      coalesce(p_length,
                               1 + floor(ln(((v_bits & 4294967295) + 1) / 4294967296.0::float8) / v_decay)));
    WHILE v_points < p_points AND v_n::bigint * (v_points + 1) / p_points <= v_place + v_length LOOP
      v_points := v_points + 1;
      path := path || exp(greatest(-700, least(700, v_level - p_heights[v_from + 1]
        + p_heights[v_from + 1 + v_n::bigint * v_points / p_points - v_place])));
    END LOOP;
    sum := sum + p_sums[v_from + 1 + v_length] - p_sums[v_from + 1];
    squares := squares + p_squares[v_from + 1 + v_length] - p_squares[v_from + 1];
    v_place := v_place + v_length;
    FOR v_at IN v_from + 1 .. v_from + v_length LOOP
      v_level := v_level + p_logs[v_at];
      IF v_level > v_peak THEN
        v_peak := v_level;
      ELSE
        IF v_peak - v_level > v_fall THEN
          v_fall := v_peak - v_level;
        END IF;
        IF v_level < v_low THEN
          v_low := v_level;
        END IF;
      END IF;
    END LOOP;
  END LOOP;
  level := v_level;
  fall := v_fall;
  low := v_low;
END
$$;
COMMENT ON FUNCTION research.draw_blocks(float8[], float8[], float8[], float8[], int, float8, bigint, int) IS
  'One resample of returns by blocks of a length, or of random lengths with a mean, from the sequence of a key. '
  'Given are logarithms of 1 + return, all of them twice, and their sums, those of the returns and of their squares '
  'before each place; returned are the logarithm of the worth at the end, how far it fell from its peak, its lowest '
  'value, the sums, and the worth at the ends of so many equal parts.';
