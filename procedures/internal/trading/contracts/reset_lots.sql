-- writes trading.lots; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.reset_lots(
  p_portfolio_id int, p_instrument_id int, p_price numeric, p_multiplier numeric, p_cost numeric)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_before     numeric;
  v_difference numeric;
BEGIN
  SELECT coalesce(sum(l.cost), 0), p_cost - coalesce(sum(round(l.quantity * p_price * p_multiplier, 8)), 0)
    INTO v_before, v_difference
    FROM trading.lots AS l WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id;
  -- Each lot is rounded by itself; the largest takes the difference, so that they add up to the position.
  UPDATE trading.lots AS l
     SET cost = c.cost, settled_pnl = l.settled_pnl + c.cost - l.cost
    FROM (SELECT n.fill_id,
                 round(n.quantity * p_price * p_multiplier, 8)
                   + CASE row_number() OVER (ORDER BY abs(n.quantity) DESC, n.fill_id) WHEN 1 THEN v_difference
                                                                                      ELSE 0 END AS cost
            FROM trading.lots AS n
           WHERE n.portfolio_id = p_portfolio_id AND n.instrument_id = p_instrument_id) AS c
   WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id AND l.fill_id = c.fill_id;
  RETURN p_cost - v_before;
END
$$;
COMMENT ON FUNCTION internal.reset_lots(int, int, numeric, numeric, numeric) IS
  'Restates the lots of a future at a settlement price, together p_cost, and returns the profit that this realises '
  'first in first out.';
