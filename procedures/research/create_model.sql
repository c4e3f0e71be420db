-- writes research.models; errors TR524
CREATE OR REPLACE FUNCTION research.create_model(name text, description text DEFAULT NULL)
RETURNS research.models
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_model_id int := (SELECT p.model_id FROM internal.put_models(ARRAY[create_model.name]) AS p);
  v_model    research.models;
BEGIN
  UPDATE research.models AS m SET description = left(create_model.description, 10000)
   WHERE m.model_id = v_model_id AND create_model.description IS NOT NULL;
  SELECT * INTO v_model FROM research.models AS m WHERE m.model_id = v_model_id;
  RETURN v_model;
END
$$;
COMMENT ON FUNCTION research.create_model(text, text) IS
  'Makes a model of one''s own known, or gives it another description; one of an administrator or runner is the '
  'house''s. A model also comes to be with its first prediction. Error TR524.';
REVOKE ALL ON FUNCTION research.create_model(text, text) FROM PUBLIC;
