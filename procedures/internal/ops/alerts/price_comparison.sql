CREATE OR REPLACE FUNCTION internal.price_comparison(p_rule text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
RETURN regexp_match(p_rule, '^\s*close\s*(<=|>=|<|>)\s*([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*$');
COMMENT ON FUNCTION internal.price_comparison(text) IS
  'Comparison and number of a rule that compares the close with a number alone; NULL: it says something else.';
