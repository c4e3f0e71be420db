-- errors TR101, TR103, TR502
CREATE OR REPLACE FUNCTION internal.leg_symbols(p_version strategy.strategy_versions, p_params jsonb)
RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_params  jsonb := coalesce(p_version.parameters -> 'params', '{}') || p_params;
  v_leg     record;
  v_symbols text[] := ARRAY[]::text[];
BEGIN
  FOR v_leg IN
    SELECT e.leg_no, CASE WHEN starts_with(e.leg ->> 'symbol', '$') THEN v_params ->> substr(e.leg ->> 'symbol', 2)
                          ELSE e.leg ->> 'symbol' END AS symbol
      FROM jsonb_array_elements(coalesce(p_version.parameters -> 'legs', '[]')) WITH ORDINALITY AS e (leg, leg_no)
     ORDER BY e.leg_no
  LOOP
    IF v_leg.symbol IS NULL OR v_leg.leg_no > 4 THEN
      RAISE EXCEPTION 'leg % of the strategy cannot be traded', v_leg.leg_no
        USING ERRCODE = 'TR502', DETAIL = format('Its symbol is %s.', coalesce(v_leg.symbol, 'missing')),
              HINT = 'Each of at most 4 legs names a symbol, or a parameter such as $other that is one.';
    END IF;
    PERFORM market.instrument_id(v_leg.symbol);
    v_symbols := v_symbols || v_leg.symbol;
  END LOOP;
  RETURN v_symbols;
END
$$;
COMMENT ON FUNCTION internal.leg_symbols(strategy.strategy_versions, jsonb) IS
  'Symbols of the legs of a version, in their order, with an agent''s own values of named parameters. Errors TR101, '
  'TR103, TR502.';
