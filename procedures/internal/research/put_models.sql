-- writes research.models; errors TR524
CREATE OR REPLACE FUNCTION internal.put_models(p_names text[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_name text;
BEGIN
  FOR v_name IN
    SELECT DISTINCT n FROM unnest(p_names) AS n WHERE NOT EXISTS (SELECT FROM research.models AS m WHERE m.name = n)
     ORDER BY n
  LOOP
    IF (v_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$') IS NOT TRUE THEN
      RAISE EXCEPTION 'a model needs a name'
        USING ERRCODE = 'TR524', DETAIL = format('name %L.', left(v_name, 100)),
              HINT = 'Up to 63 letters, digits, dots, underscores and hyphens, a letter or digit first.';
    END IF;
    INSERT INTO research.models (name) VALUES (v_name) ON CONFLICT ON CONSTRAINT models_name_key DO NOTHING;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.put_models(text[]) IS 'Makes models known by their names. Error TR524.';
