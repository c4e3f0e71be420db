CREATE OR REPLACE FUNCTION trading.kelly_value(p_terms jsonb, p_equity numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_win_rate numeric := (p_terms ->> 'win_rate')::numeric;
  v_payoff   numeric := (p_terms ->> 'payoff')::numeric;
  v_edge     numeric := v_win_rate * v_payoff - (1 - v_win_rate);
  v_percent  numeric := CASE WHEN v_edge > 0 THEN div(v_edge * 1e10, v_payoff) * 1e-8 ELSE 0 END;
BEGIN
  RETURN round(p_equity * least(round(v_percent * (p_terms ->> 'fraction')::numeric, 8),
                                (p_terms ->> 'cap_percent')::numeric) * 0.01, 8);
END
$$;
COMMENT ON FUNCTION trading.kelly_value(jsonb, numeric) IS
  'Value of the fraction of Kelly''s share of the equity, win rate − (1 − win rate) ÷ payoff, that sizing terms ask '
  'for, within their cap; 0 without an edge.';
