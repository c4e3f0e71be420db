-- reads strategy.strategies, strategy.strategy_versions, market.instruments; errors TR101, TR103, TR501, TR502, TR510
CREATE OR REPLACE FUNCTION strategy.parameters_with(strategy text, params jsonb)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (internal.with_params(internal.named_version($1), $2)).parameters
$$;
COMMENT ON FUNCTION strategy.parameters_with(text, jsonb) IS
  'The parameters of a strategy (its latest version, or name@version) with values of one''s own for the named ones, as '
  'an agent with these params has them. Errors TR101, TR103, TR501, TR502, TR510.';
REVOKE ALL ON FUNCTION strategy.parameters_with(text, jsonb) FROM PUBLIC;
