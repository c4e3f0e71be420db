-- reads what the query reads; errors TR804, TR805, and those of the query
CREATE OR REPLACE FUNCTION internal.condition_rows(p_query text, p_bound float8, p_limit int)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_cursor refcursor;
  v_row    record;
  v_fields jsonb;
  v_rows   jsonb := jsonb '[]';
BEGIN
  -- A cursor takes one query, whatever the text: nothing can be appended to it.
  OPEN v_cursor NO SCROLL FOR EXECUTE p_query USING p_bound;
  LOOP
    FETCH v_cursor INTO v_row;
    EXIT WHEN NOT FOUND;
    v_fields := to_jsonb(v_row);
    IF jsonb_path_query_array(v_fields, '$.*') IN ('[false]', '[null]') THEN
      CONTINUE;  -- a single boolean that says no
    END IF;
    IF jsonb_array_length(v_rows) >= p_limit THEN
      RAISE EXCEPTION 'the condition returns too many rows'
        USING ERRCODE = 'TR804', DETAIL = format('More than %s.', p_limit),
              HINT = 'Group them, or raise rows_per_condition of ops.alert_settings.';
    END IF;
    v_rows := v_rows || jsonb_build_object(
      'subject', left(coalesce(v_fields ->> 'subject', ''), 300), 'portfolio', left(v_fields ->> 'portfolio', 400),
      'value', CASE WHEN abs((v_fields ->> 'value')::float8) < 'Infinity' THEN (v_fields ->> 'value')::float8 END,
      'detail', left(v_fields ->> 'detail', 1000));
  END LOOP;
  CLOSE v_cursor;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.condition_rows(text, float8, int) IS
  'What the condition of a rule returns, as objects of subject, portfolio, value and detail; a row that is only false '
  'or NULL counts for nothing. Error TR804.';
