-- reads pg_attribute, pg_type; errors TR542
CREATE OR REPLACE FUNCTION internal.trial_judge(p_optimization research.optimizations)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_params text[] := ARRAY(SELECT k FROM jsonb_object_keys(p_optimization.parameters) AS k);
  v_broken text;
BEGIN
  SELECT string_agg(format('WHEN %s IS NOT TRUE THEN %L', e.sql, left(c.text, 200) || ' does not hold'), ' '
                    ORDER BY c.place)
    INTO v_broken
    FROM unnest(p_optimization.constraints) WITH ORDINALITY AS c (text, place)
    CROSS JOIN LATERAL internal.expression_sql(c.text, v_params, 'boolean') AS e
   WHERE e.reads_statistics;
  RETURN format('SELECT CASE WHEN o.objective > ''-Infinity'' AND o.objective < ''Infinity'' THEN o.objective END, '
                'CASE %s END FROM (SELECT ($1).*) AS t CROSS JOIN LATERAL (SELECT %s AS objective) AS o',
                coalesce(v_broken, 'WHEN false THEN '''''),
                (internal.expression_sql(p_optimization.objective, v_params, 'float8')).sql);
END
$$;
COMMENT ON FUNCTION internal.trial_judge(research.optimizations) IS
  'A statement that says of a row of research.trials ($1) what its objective is (NULL where there is none that is '
  'finite), and which constraint on its statistics it breaks (NULL: none). Error TR542.';
