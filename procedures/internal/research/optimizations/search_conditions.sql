-- reads pg_attribute, pg_type; errors TR540, TR542
CREATE OR REPLACE FUNCTION internal.search_conditions(p_objective text, p_constraints text[], p_params text[])
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_conditions text;
BEGIN
  IF (cardinality(p_constraints) <= 20) IS NOT TRUE THEN
    RAISE EXCEPTION 'an optimization has at most 20 constraints'
      USING ERRCODE = 'TR540',
            DETAIL = format('There are %s.', coalesce(cardinality(p_constraints)::text, 'NULL of them')),
            HINT = 'Put some together with "and"; {} is none.';
  ELSIF NOT (internal.expression_sql(p_objective, p_params, 'float8')).reads_statistics THEN
    RAISE EXCEPTION 'an objective looks at a statistic'
      USING ERRCODE = 'TR542', DETAIL = format('It is %s.', left(p_objective, 100)),
            HINT = 'Such as sharpe, or total_return / (1 - max_drawdown).';
  END IF;
  SELECT string_agg(e.sql, ' AND ') FILTER (WHERE NOT e.reads_statistics) INTO v_conditions
    FROM unnest(p_constraints) AS c (text)
    CROSS JOIN LATERAL internal.expression_sql(c.text, p_params, 'boolean') AS e;
  RETURN v_conditions;
END
$$;
COMMENT ON FUNCTION internal.search_conditions(text, text[], text[]) IS
  'Those constraints that are about parameters alone, as SQL over t.params; NULL: none. Checks them all, and the '
  'objective. Errors TR540, TR542.';
