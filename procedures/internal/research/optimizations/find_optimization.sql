-- reads research.optimizations; errors TR543
CREATE OR REPLACE FUNCTION internal.find_optimization(p_optimization_id bigint)
RETURNS research.optimizations
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_optimization research.optimizations;
BEGIN
  SELECT o.* INTO v_optimization
    FROM research.optimizations AS o
   WHERE o.optimization_id = p_optimization_id
     AND (o.owner = (SELECT ops.actor()) OR (SELECT identity.is_staff()));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no optimization %', coalesce(p_optimization_id::text, 'NULL')
      USING ERRCODE = 'TR543', DETAIL = 'None of yours has this number.',
            HINT = 'SELECT * FROM research.progress lists them; research.optimize(...) begins one.';
  END IF;
  RETURN v_optimization;
END
$$;
COMMENT ON FUNCTION internal.find_optimization(bigint) IS
  'The optimization with this number, of who acts, or for staff of anybody. Error TR543.';
