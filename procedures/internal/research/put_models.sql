-- writes research.models; errors TR524
CREATE OR REPLACE FUNCTION internal.put_models(p_names text[])
RETURNS TABLE (name text, model_id int)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  -- What those record who serve the whole house is the house's.
  v_owner text := CASE WHEN NOT identity.is_staff() THEN ops.actor() END;
  v_name  text;
BEGIN
  FOR v_name IN
    SELECT DISTINCT n FROM unnest(p_names) AS n
     WHERE NOT EXISTS (SELECT FROM research.models AS m WHERE m.owner IS NOT DISTINCT FROM v_owner AND m.name = n)
     ORDER BY n
  LOOP
    IF (v_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$') IS NOT TRUE THEN
      RAISE EXCEPTION 'a model needs a name'
        USING ERRCODE = 'TR524', DETAIL = format('name %L.', left(v_name, 100)),
              HINT = 'Up to 63 letters, digits, dots, underscores and hyphens, a letter or digit first.';
    END IF;
    INSERT INTO research.models (owner, name) VALUES (v_owner, v_name)
    ON CONFLICT ON CONSTRAINT models_owner_name_key DO NOTHING;
  END LOOP;
  RETURN QUERY
    SELECT m.name, m.model_id FROM research.models AS m
     WHERE m.owner IS NOT DISTINCT FROM v_owner AND m.name = ANY (p_names);
END
$$;
COMMENT ON FUNCTION internal.put_models(text[]) IS
  'Makes models of who acts known by their names, and returns their identifiers; those of administrators and runners '
  'are the house''s. Error TR524.';
