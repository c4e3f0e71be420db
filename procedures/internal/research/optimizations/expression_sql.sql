-- reads pg_attribute, pg_type; errors TR542
CREATE OR REPLACE FUNCTION internal.expression_sql(
  p_expression text, p_params text[], p_type regtype, OUT sql text, OUT reads_statistics boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_words   constant text[] := '{and,or,not,case,when,then,else,end,is,null,between,in,true,false}'::text[];
  v_calls   constant text[] := '{abs,ceil,coalesce,exp,floor,greatest,least,ln,nullif,power,round,sign,sqrt}'::text[];
  v_known   text[];
  v_token   record;
  v_fault   text;
BEGIN
  SELECT array_agg(a.attname) INTO v_known
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
   WHERE a.attrelid = 'research.trials'::regclass AND a.attnum > 0 AND NOT a.attisdropped
     AND coalesce(nullif(t.typbasetype, 0), t.oid)::regtype IN ('float8', 'int4', 'int8', 'numeric', 'interval')
     AND a.attname NOT IN ('optimization_id', 'trial', 'window_no', 'objective', 'duration');
  sql := '';
  reads_statistics := false;
  IF p_expression IS NULL OR length(p_expression) > 1000 THEN
    v_fault := 'an expression has at most 1000 characters';
  END IF;
  -- Nothing but these words reaches the server, each by itself; names become columns or members of params.
  FOR v_token IN
    SELECT m[1] AS number, lower(m[2]) AS name, m[2] AS written, m[3] AS sign, m[4] AS other
      FROM regexp_matches(p_expression, '([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)|(\$?[A-Za-z_][A-Za-z0-9_]*)'
                                        '|(<=|>=|<>|[-+*/^()<>=,])|(\S)', 'g') AS m
  LOOP
    EXIT WHEN v_fault IS NOT NULL;
    IF v_token.other IS NOT NULL THEN
      v_fault := format('it has %L in it', v_token.other);
    ELSIF v_token.number IS NOT NULL THEN
      sql := format('%s %L::float8', sql, v_token.number);
    ELSIF v_token.sign IS NOT NULL THEN
      sql := format('%s %s', sql, v_token.sign);
    ELSIF ltrim(v_token.written, '$') = ANY (p_params) THEN
      sql := format('%s (t.params ->> %L)::float8', sql, ltrim(v_token.written, '$'));
    ELSIF v_token.name = ANY (v_known) THEN
      reads_statistics := true;
      sql := sql || CASE WHEN (SELECT a.atttypid = 'interval'::regtype FROM pg_attribute AS a
                                WHERE a.attrelid = 'research.trials'::regclass AND a.attname = v_token.name)
                         THEN format(' extract(epoch FROM t.%I)::float8', v_token.name)
                         ELSE format(' t.%I::float8', v_token.name) END;
    ELSIF v_token.name = ANY (v_words || v_calls) THEN
      sql := format('%s %s', sql, v_token.name);
    ELSE
      v_fault := format('there is no statistic or parameter %s that is a number', left(v_token.written, 64));
    END IF;
  END LOOP;
  IF v_fault IS NULL AND sql = '' THEN
    v_fault := 'it is empty';
  END IF;
  IF v_fault IS NULL THEN
    BEGIN
      sql := format('(%s)::%s', ltrim(sql), p_type);
      -- For a row of NULLs, to see whether the server understands it.
      EXECUTE format('SELECT %s FROM (SELECT (NULL::research.trials).*) AS t', coalesce(sql, 'NULL'));
    EXCEPTION WHEN syntax_error_or_access_rule_violation OR data_exception OR feature_not_supported
                   OR statement_too_complex THEN
      v_fault := SQLERRM;
    END;
  END IF;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'this is no expression over statistics and parameters: %', coalesce(left(p_expression, 100), 'NULL')
      USING ERRCODE = 'TR542', DETAIL = v_fault || '.',
            HINT = format('Statistics are columns of research.trials, such as sharpe or max_drawdown; parameters are '
                          '%s; write for example sharpe * sqrt(trades), or fast < slow.',
                          coalesce(nullif(array_to_string(p_params, ', '), ''), 'not known here'));
  END IF;
END
$$;
COMMENT ON FUNCTION internal.expression_sql(text, text[], regtype) IS
  'An objective or a constraint as SQL over a row t of research.trials, made of numbers, operators, a few functions, '
  'the row''s statistics (as float8, intervals as seconds) and these parameters alone; and whether it looks at '
  'statistics. Error TR542.';
