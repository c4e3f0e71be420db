-- errors: none; bytes that are no JSON object are NULL
CREATE OR REPLACE FUNCTION internal.json_object(p_bytes bytea)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_json json;
BEGIN
  v_json := convert_from(p_bytes, 'UTF8')::json;
  -- A name that comes twice means one thing to one reader and another to the next.
  RETURN CASE WHEN json_typeof(v_json) = 'object'
                   AND (SELECT count(*) = count(DISTINCT k.name) FROM json_object_keys(v_json) AS k (name))
              THEN v_json::jsonb END;
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character OR invalid_text_representation
               OR statement_too_complex OR numeric_value_out_of_range THEN
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.json_object(bytea) IS
  'The JSON object that the bytes are; NULL when they are none, or one in which a name comes twice.';
