-- reads nothing; errors TR540, TR541, TR542
CREATE OR REPLACE FUNCTION internal.search_trials(
  p_dimensions internal.search_dimension[], p_method research.search_method, p_seed bigint, p_trials int,
  p_conditions text, p_windows int)
RETURNS TABLE (place int, params jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_candidates bigint := least(4 * p_trials::bigint + 200, 400000);
  v_places     text := 'internal.draw($2, c.n || ''/'' || d.name)';
  v_loose      text := (SELECT string_agg(d.name, ', ') FROM unnest(p_dimensions) AS d WHERE d.size IS NULL);
  v_most       bigint := CASE WHEN p_conditions IS NULL THEN 100000 / p_windows ELSE 200000 END;
BEGIN
  IF p_method = 'grid' THEN
    IF v_loose IS NOT NULL THEN
      RAISE EXCEPTION 'a grid needs a step for each parameter'
        USING ERRCODE = 'TR540', DETAIL = format('Without one: %s.', v_loose),
              HINT = 'Give {"from": 0.5, "to": 2, "step": 0.5} or a list, or use another method, such as random.';
    END IF;
    v_candidates := 1;
    FOR v_place IN 1 .. cardinality(p_dimensions) LOOP
      v_candidates := v_candidates * p_dimensions[v_place].size;
      IF v_candidates > v_most THEN
        RAISE EXCEPTION 'the grid has too many combinations'
          USING ERRCODE = 'TR541',
                DETAIL = format('%s alone have %s; %s is the most.',
                                (SELECT string_agg(d.name, ', ') FROM unnest(p_dimensions[:v_place]) AS d),
                                v_candidates, v_most),
                HINT = 'Take longer steps, or a number of trials with the method random, latin_hypercube or tpe.';
      END IF;
      p_dimensions[v_place].is_log := false;
    END LOOP;
    -- The last parameter changes first.
    v_places := '((c.n - 1) / d.stride % d.size + 0.5) / d.size';
  ELSIF p_method IN ('latin_hypercube', 'tpe') THEN
    -- Slice by slice, and then as at random, where values were tried before or a constraint forbids them.
    v_places := format('CASE WHEN c.n <= $3 THEN (row_number() OVER (PARTITION BY d.name, c.n <= $3 '
                       'ORDER BY internal.draw($2, c.n || ''/'' || d.name || ''/slice''), c.n) - 1 + %1$s) / $3 '
                       'ELSE %1$s END', v_places);
  END IF;
  FOR place, params IN EXECUTE format($sql$
    SELECT (row_number() OVER (ORDER BY min(t.n)))::int, t.params
      FROM (SELECT p.n, jsonb_object_agg(p.name, internal.dimension_value(p.d, p.place)) AS params
              FROM (SELECT c.n, d.name, d.d, (%s)::float8 AS place
                      FROM generate_series(1, $4) AS c (n)
                      CROSS JOIN (
                        SELECT u.name, u.size, $1[u.ordinality] AS d,
                               coalesce((SELECT round(exp(sum(ln(w.size::numeric))))
                                           FROM unnest($1) WITH ORDINALITY AS w WHERE w.ordinality > u.ordinality),
                                        1)::bigint AS stride
                          FROM unnest($1) WITH ORDINALITY AS u) AS d) AS p
             GROUP BY p.n) AS t
     WHERE %s
     GROUP BY t.params ORDER BY min(t.n) LIMIT $3 $sql$, v_places, coalesce(p_conditions, 'true'))
    USING p_dimensions, p_seed, p_trials, v_candidates
  LOOP
    RETURN NEXT;
  END LOOP;
EXCEPTION WHEN data_exception THEN
  RAISE EXCEPTION 'a constraint cannot be computed for all parameters'
    USING ERRCODE = 'TR542', DETAIL = SQLERRM || '.', HINT = 'Write it so that it has a value for all of them.';
END
$$;
COMMENT ON FUNCTION internal.search_trials(
  internal.search_dimension[], research.search_method, bigint, int, text, int) IS
  'Values to try, each once, in the order in which they are: all of a grid, or as many as p_trials of draws that '
  'depend on the seed alone. p_conditions: SQL over t.params that they have to meet; NULL: none. Errors TR540, TR541, '
  'TR542.';
