-- writes trading.lots; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.split_lots(
  p_portfolio_id int, p_action market.corporate_actions, p_quantity numeric, p_due timestamptz DEFAULT 'infinity')
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_lot    trading.lots;
  v_last   bigint;        -- the last lot that is still one
  v_total  numeric;       -- after the split, of all lots that it concerns
  v_before numeric := 0;  -- units of the lots so far, before the split
  v_after  numeric := 0;  -- and after it
  v_cost   numeric := 0;  -- of lots that came to nothing
  v_pnl    numeric := 0;  -- what settlements had paid for them
  v_upto   numeric;
  v_end    bigint;
BEGIN
  SELECT p_quantity - coalesce(sum(l.quantity) FILTER (WHERE l.opened_at >= p_due), 0),
         max(l.fill_id) FILTER (WHERE l.opened_at < p_due)
    INTO v_total, v_end
    FROM trading.lots AS l WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id;
  -- The sums are rounded, not each lot by itself: so they add up to the position, and none changes its sign.
  FOR v_lot IN
    SELECT l.* FROM trading.lots AS l
     WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id AND l.opened_at < p_due
     ORDER BY l.fill_id
  LOOP
    v_before := v_before + v_lot.quantity;
    v_upto := CASE v_lot.fill_id WHEN v_end THEN v_total
                                 ELSE round(v_before * p_action.numerator / p_action.denominator, 8) END;
    IF v_upto = v_after THEN
      v_cost := v_cost + v_lot.cost;
      v_pnl := v_pnl + v_lot.settled_pnl;
      DELETE FROM trading.lots AS l
       WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id AND l.fill_id = v_lot.fill_id;
    ELSE
      UPDATE trading.lots AS l
         SET quantity = v_upto - v_after, cost = l.cost + v_cost, settled_pnl = l.settled_pnl + v_pnl
       WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id AND l.fill_id = v_lot.fill_id;
      v_cost := 0;
      v_pnl := 0;
      v_last := v_lot.fill_id;
    END IF;
    v_after := v_upto;
  END LOOP;
  IF v_cost <> 0 THEN
    UPDATE trading.lots AS l
       SET cost = l.cost + v_cost, settled_pnl = l.settled_pnl + v_pnl
     WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id AND l.fill_id = v_last;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.split_lots(int, market.corporate_actions, numeric, timestamptz) IS
  'Restates the lots of an instrument that were opened before a split in the shares after it; all lots together are '
  'p_quantity. One that comes to nothing leaves its cost to its neighbour.';
