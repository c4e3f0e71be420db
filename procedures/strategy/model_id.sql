-- reads research.models
CREATE OR REPLACE FUNCTION strategy.model_id(model text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor text := ops.actor();  -- by itself, so that an index finds it
BEGIN
  RETURN (SELECT m.model_id FROM research.models AS m
           WHERE m.name = model_id.model AND (m.owner = v_actor OR m.owner IS NULL) ORDER BY m.owner LIMIT 1);
END
$$;
COMMENT ON FUNCTION strategy.model_id(text) IS
  'Identifier of the model that rules mean by this name: one''s own, or else the house''s. NULL when there is none.';
