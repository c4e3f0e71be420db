CREATE OR REPLACE FUNCTION internal.is_figures(p_type strategy.strategy_type, p_parameters jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT p_type = 'trend' AND NOT p_parameters ?| '{entry,short_entry,exit,short_exit,exits,params,legs}'
$$;
COMMENT ON FUNCTION internal.is_figures(strategy.strategy_type, jsonb) IS
  'Whether a strategy is written as the figures of its two averages: it has no rules that could be parsed.';
