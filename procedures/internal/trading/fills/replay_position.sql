-- reads trading.fills, trading.orders, trading.position_adjustments, trading.settlements, market.corporate_actions;
-- writes trading.lots, trading.lot_closures; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.replay_position(
  p_position trading.positions, p_instrument market.instruments, p_instead trading.fills)
RETURNS trading.positions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_position trading.positions := p_position;
  v_event    record;
  v_move     record;
  v_signed   numeric;
  v_lieu     trading.position_adjustments;
BEGIN
  DELETE FROM trading.lots AS l
   WHERE l.portfolio_id = p_position.portfolio_id AND l.instrument_id = p_position.instrument_id;
  DELETE FROM trading.lot_closures AS c
   WHERE c.portfolio_id = p_position.portfolio_id AND c.instrument_id = p_position.instrument_id;
  v_position.quantity := 0;
  v_position.cost := 0;
  v_position.realised_pnl := 0;
  v_position.fifo_pnl := 0;
  v_position.margin := 0;
  v_position.intraday_quantity := 0;
  FOR v_event IN
    WITH RECURSIVE known AS (
      SELECT f.* FROM trading.fills AS f
       WHERE f.portfolio_id = p_position.portfolio_id AND f.instrument_id = p_position.instrument_id
         AND f.busts_fill_id IS NULL AND f.fill_id <> p_instead.fill_id
      UNION ALL
      SELECT p_instead.*
    ), places AS (  -- a correction stands where the fill stood that it corrects
      SELECT k.fill_id, k.fill_id AS place, k.at FROM known AS k WHERE k.corrects_fill_id IS NULL
      UNION ALL
      SELECT k.fill_id, n.place, n.at FROM known AS k JOIN places AS n ON n.fill_id = k.corrects_fill_id
    )
    SELECT n.place, 0 AS turn, n.at, k.fill_id, k.side, k.quantity, k.value, o.product, NULL::int AS action_id,
           NULL::trading.settlements AS settlement
      FROM known AS k JOIN places AS n USING (fill_id)
      JOIN trading.orders AS o ON o.portfolio_id = k.portfolio_id AND o.order_id = k.order_id
     WHERE k.quantity > 0
       AND NOT EXISTS (SELECT FROM trading.fills AS b
                        WHERE b.portfolio_id = k.portfolio_id AND b.busts_fill_id = k.fill_id)
    UNION ALL
    SELECT a.after_fill_id, 1, a.at, NULL, NULL, NULL, NULL, NULL, a.action_id, NULL
      FROM trading.position_adjustments AS a
     WHERE a.portfolio_id = p_position.portfolio_id AND a.instrument_id = p_position.instrument_id
    UNION ALL
    SELECT s.after_fill_id, 1, s.at, NULL, NULL, NULL, NULL, NULL, NULL, s
      FROM trading.settlements AS s
     WHERE s.portfolio_id = p_position.portfolio_id AND s.instrument_id = p_position.instrument_id
     ORDER BY 1, 2, 3, 9
  LOOP
    IF (v_event.settlement).day IS NOT NULL THEN
      v_position := internal.replay_settlement(v_position, v_event.settlement);
      CONTINUE;
    END IF;
    IF v_event.action_id IS NOT NULL THEN
      SELECT internal.split_quantity(v_position.quantity, a),
             round(v_position.intraday_quantity * a.numerator / a.denominator, 8)
        INTO v_position.quantity, v_position.intraday_quantity
        FROM market.corporate_actions AS a WHERE a.action_id = v_event.action_id;
      PERFORM internal.split_lots(p_position.portfolio_id, a, v_position.quantity::numeric)
         FROM market.corporate_actions AS a
        WHERE a.action_id = v_event.action_id;
      SELECT * INTO v_lieu FROM trading.position_adjustments AS a
       WHERE a.portfolio_id = p_position.portfolio_id AND a.action_id = v_event.action_id;
      IF v_lieu.lieu_quantity <> 0 THEN
        -- What was paid was paid; no fill from before it is taken back.
        v_position.fifo_pnl := v_position.fifo_pnl
          + internal.close_lots(p_position.portfolio_id, p_position.instrument_id, abs(v_lieu.lieu_quantity),
                                abs(v_lieu.lieu_amount), -v_event.action_id, v_event.at);
        v_position.quantity := v_position.quantity - v_lieu.lieu_quantity;
        v_position.cost := v_position.cost + v_lieu.realised_pnl - v_lieu.lieu_amount;
        v_position.realised_pnl := v_position.realised_pnl + v_lieu.realised_pnl;
        v_position.margin := v_position.margin + v_lieu.margin_delta;
        v_position.intraday_quantity := internal.intraday_part(v_position.intraday_quantity, v_position.quantity);
      END IF;
      CONTINUE;
    END IF;
    SELECT * INTO v_move
      FROM internal.move_position(v_event.side, v_event.quantity, v_event.value, v_position.quantity, v_position.cost,
                                  v_position.margin, p_instrument);
    v_signed := CASE v_event.side WHEN 'buy' THEN v_event.quantity ELSE -v_event.quantity END;
    IF v_move.closed > 0 THEN
      v_position.fifo_pnl := v_position.fifo_pnl
        + internal.close_lots(p_position.portfolio_id, p_position.instrument_id, v_move.closed, v_move.closed_value,
                              v_event.fill_id, v_event.at);
    END IF;
    IF v_move.opened <> 0 THEN
      INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
      VALUES (p_position.portfolio_id, v_event.place, p_position.instrument_id, v_event.at, v_move.opened,
              v_move.opened_cost);
    END IF;
    v_position.quantity := v_position.quantity + v_signed;
    v_position.cost := v_position.cost + v_move.cost_change;
    v_position.realised_pnl := v_position.realised_pnl + v_move.realised;
    v_position.margin := v_position.margin + v_move.margin_change;
    v_position.intraday_quantity := internal.intraday_part(
      v_position.intraday_quantity + CASE v_event.product WHEN 'intraday' THEN v_signed ELSE 0 END,
      v_position.quantity);
  END LOOP;
  RETURN v_position;
END
$$;
COMMENT ON FUNCTION internal.replay_position(trading.positions, market.instruments, trading.fills) IS
  'The position as it would be if p_instead, a fill of this number, had been what it says from the start (quantity 0: '
  'had never been): all fills, splits and settlements in their order once more, lots included.';
