-- errors TR242
CREATE OR REPLACE FUNCTION trading.sizing_terms(p_sizing jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_terms  jsonb := jsonb_build_object('method', p_sizing ->> 'method');
  v_term   record;
  v_figure numeric;
  v_fault  text;
BEGIN
  -- The same keys, ranges and standards as PositionSizing of TradingCore.
  FOR v_term IN
    SELECT t.key, t.maximum, t.standard
      FROM (VALUES ('fixed_quantity', 'quantity', 9999999999.99999999, NULL::numeric),
            ('fixed_value', 'value', 99999999999999999999.99999999, NULL), ('fixed_fractional', 'risk_percent', 100, 1),
            ('volatility', 'risk_percent', 100, 1), ('volatility', 'atr_multiple', 100, 2),
                   ('deviation', 'risk_percent', 100, 1), ('deviation', 'deviations', 100, 2),
                   ('deviation', 'period', 10000, 20), ('kelly', 'win_rate', 1, NULL),
                   ('kelly', 'payoff', 1000000, NULL), ('kelly', 'fraction', 1, 0.5), ('kelly', 'cap_percent', 100, 25))
           AS t (method, key, maximum, standard)
     WHERE t.method = p_sizing ->> 'method'
  LOOP
    v_figure := v_term.standard;
    IF p_sizing ? v_term.key THEN
      v_figure := CASE jsonb_typeof(p_sizing -> v_term.key) WHEN 'number'
                                                              THEN round((p_sizing ->> v_term.key)::numeric, 8) END;
    END IF;
    IF (v_figure > 0 AND v_figure <= v_term.maximum
        AND (v_term.key <> 'period' OR v_figure >= 2 AND v_figure = trunc(v_figure))) IS NOT TRUE THEN
      v_fault := format('%s must be a number above 0 and at most %s', v_term.key, v_term.maximum);
    END IF;
    v_terms := v_terms || jsonb_build_object(v_term.key, v_figure);
  END LOOP;
  IF v_fault IS NULL AND jsonb_typeof(p_sizing) = 'object'
     AND v_terms <> jsonb_build_object('method', p_sizing ->> 'method')
     AND NOT EXISTS (SELECT FROM jsonb_object_keys(p_sizing) AS k WHERE NOT v_terms ? k) THEN
    RETURN v_terms;
  END IF;
  RAISE EXCEPTION 'a position cannot be sized like this'
    USING ERRCODE = 'TR242',
          DETAIL = format('%s: %s.', left(coalesce(p_sizing::text, 'NULL'), 200),
                          coalesce(v_fault, 'unknown method or key')),
          HINT = 'method is fixed_quantity (quantity), fixed_value (value), fixed_fractional (risk_percent), '
                 'volatility (risk_percent, atr_multiple), deviation (risk_percent, deviations, period) or kelly '
                 '(win_rate, payoff, fraction, cap_percent).';
END
$$;
COMMENT ON FUNCTION trading.sizing_terms(jsonb) IS 'A way of sizing with what was left out filled in. Error TR242.';
