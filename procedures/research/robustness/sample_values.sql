-- reads nothing; errors TR243, TR550
CREATE OR REPLACE FUNCTION research.sample_values(p_values float8[], p_resamples int, p_points int, p_seed bigint)
RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_known float8[] := array_remove(p_values, NULL);
  v_fault text;
BEGIN
  SELECT v.value::text INTO v_fault FROM unnest(v_known) AS v (value) WHERE NOT abs(v.value) <= 1e30 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'what is resampled are finite numbers'
      USING ERRCODE = 'TR243', DETAIL = format('The first that is not: %s.', v_fault),
            HINT = 'Give NULL, which is left out, where a value is not known.';
  END IF;
  IF (p_resamples BETWEEN 1 AND 100000 AND p_points BETWEEN 1 AND 10000 AND p_seed IS NOT NULL) IS NOT TRUE
     OR cardinality(v_known)::bigint * p_resamples > 200000000 OR p_points::bigint * p_resamples > 10000000 THEN
    RAISE EXCEPTION 'so much cannot be resampled'
      USING ERRCODE = 'TR550',
            DETAIL = format('%s values, %s resamples, %s points of each, seed %s.', coalesce(cardinality(v_known), 0),
                            coalesce(p_resamples::text, 'NULL'), coalesce(p_points::text, 'NULL'),
                            coalesce(p_seed::text, 'NULL')),
            HINT = 'Ask for 1 to 100000 resamples with 1 to 10000 points, of no more than 200 million values and 10 '
                   'million points in all.';
  END IF;
  RETURN v_known;
END
$$;
COMMENT ON FUNCTION research.sample_values(float8[], int, int, bigint) IS
  'The values that are to be resampled, those that are not known left out, once it is sure that they are finite and '
  'not too many. Errors TR243, TR550.';
