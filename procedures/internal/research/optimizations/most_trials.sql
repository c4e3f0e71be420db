-- reads nothing; errors TR540, TR541
CREATE OR REPLACE FUNCTION internal.most_trials(p_method text, p_trials int, p_seed bigint)
RETURNS int
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF (p_method IN ('grid', 'random', 'latin_hypercube', 'tpe') AND p_seed IS NOT NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'an optimization cannot search like this'
      USING ERRCODE = 'TR540',
            DETAIL = format('The method is %s, the seed %s.', coalesce(left(p_method, 40), 'NULL'),
                            coalesce(p_seed::text, 'NULL')),
            HINT = 'Methods are grid, random, latin_hypercube and tpe; a seed is a whole number, 0 unless given.';
  ELSIF p_method = 'grid' AND p_trials IS NOT NULL THEN
    RAISE EXCEPTION 'a grid tries all of its combinations'
      USING ERRCODE = 'TR540', DETAIL = format('trials is %s.', p_trials),
            HINT = 'Leave trials out, or choose the method random, latin_hypercube or tpe.';
  ELSIF p_trials < 1 OR p_trials > 100000 THEN
    RAISE EXCEPTION 'an optimization has 1 to 100000 trials'
      USING ERRCODE = 'TR541', DETAIL = format('trials is %s.', p_trials), HINT = 'Leave it out for 100.';
  END IF;
  RETURN coalesce(p_trials, CASE p_method WHEN 'grid' THEN 200000 ELSE 100 END);
END
$$;
COMMENT ON FUNCTION internal.most_trials(text, int, bigint) IS
  'So many trials may a window of an optimization have. Errors TR540, TR541.';
