-- writes research.models; errors TR524
CREATE OR REPLACE FUNCTION research.create_model(name text, description text DEFAULT NULL)
RETURNS research.models
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_model research.models;
BEGIN
  PERFORM internal.put_models(ARRAY[create_model.name]);
  UPDATE research.models AS m SET description = left(create_model.description, 10000)
   WHERE m.name = create_model.name AND create_model.description IS NOT NULL;
  SELECT * INTO v_model FROM research.models AS m WHERE m.name = create_model.name;
  RETURN v_model;
END
$$;
COMMENT ON FUNCTION research.create_model(text, text) IS
  'Makes a model known, or gives it another description. A model also comes to be with its first prediction. Error '
  'TR524.';
REVOKE ALL ON FUNCTION research.create_model(text, text) FROM PUBLIC;
