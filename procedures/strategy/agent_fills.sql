-- reads strategy.agents, trading.fills, trading.orders, trading.position_adjustments, trading.settlements,
-- market.instruments; errors TR211, TR503
CREATE OR REPLACE FUNCTION strategy.agent_fills(portfolio text, agent text)
RETURNS TABLE (place bigint, instrument_id int, symbol text, trade_no int, at timestamptz, kind text, fill_id bigint,
               order_id bigint, side trading.order_side, quantity numeric, price numeric, fee numeric, pnl numeric,
               owned numeric, cost numeric, rate numeric)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_agent      strategy.agents := internal.find_agent(agent_fills.portfolio, agent_fills.agent, 'read');
  v_currency   text;
  v_instrument market.instruments;
  v_event      record;  -- a fill, a split or a settlement, by instrument and in their order
  v_move       record;
BEGIN
  place := 0;
  SELECT p.currency INTO v_currency FROM trading.portfolios AS p WHERE p.portfolio_id = v_agent.portfolio_id;
  FOR v_event IN
    WITH RECURSIVE own AS (
      SELECT f.* FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id)
       WHERE f.portfolio_id = v_agent.portfolio_id AND o.agent_id = v_agent.agent_id
    ), places AS (  -- a correction stands where the fill stood that it corrects
      SELECT o.fill_id, o.fill_id AS place FROM own AS o WHERE o.corrects_fill_id IS NULL AND o.busts_fill_id IS NULL
      UNION ALL
      SELECT o.fill_id, n.place FROM own AS o JOIN places AS n ON n.fill_id = o.corrects_fill_id
    ), traded AS (
      SELECT o.instrument_id, min(o.fill_id) AS since FROM own AS o GROUP BY o.instrument_id
    )
    SELECT o.instrument_id, n.place, 0 AS turn, 'fill' AS kind, o.at, o.fill_id, o.order_id, o.side, o.quantity,
           o.price, o.value, o.fee, NULL::numeric AS factor, NULL::numeric AS settled
      FROM own AS o JOIN places AS n USING (fill_id)
     -- Hashed, whatever the planner takes own for.
     WHERE o.fill_id NOT IN (SELECT b.busts_fill_id FROM own AS b WHERE b.busts_fill_id IS NOT NULL)
    UNION ALL
    SELECT a.instrument_id, a.after_fill_id, 1, 'split', a.at, NULL, NULL, NULL, NULL, a.lieu_price, NULL, 0,
           a.numerator / a.denominator, NULL
      FROM trading.position_adjustments AS a JOIN traded AS t USING (instrument_id)
     WHERE a.portfolio_id = v_agent.portfolio_id AND a.after_fill_id >= t.since
    UNION ALL
    SELECT s.instrument_id, s.after_fill_id, 1, s.kind::text, s.at, NULL, NULL, NULL, NULL, s.price, NULL,
           CASE s.kind WHEN 'daily' THEN 0 ELSE s.fees END, NULL, abs(s.quantity)
      FROM trading.settlements AS s JOIN traded AS t USING (instrument_id)
     WHERE s.portfolio_id = v_agent.portfolio_id AND s.after_fill_id >= t.since
     ORDER BY 1, 2, 3, 5
  LOOP
    IF v_event.instrument_id IS DISTINCT FROM v_instrument.instrument_id THEN
      SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_event.instrument_id;
      SELECT l.instrument_id, l.symbol, 0, 0, 0 INTO instrument_id, symbol, trade_no, owned, cost
        FROM market.listings AS l WHERE l.instrument_id = v_event.instrument_id;
    END IF;
    CONTINUE WHEN owned = 0 AND v_event.kind <> 'fill';
    place := place + 1;
    at := v_event.at;
    kind := v_event.kind;
    fill_id := v_event.fill_id;
    order_id := v_event.order_id;
    side := v_event.side;
    quantity := v_event.quantity;
    price := v_event.price;
    rate := CASE v_instrument.currency WHEN v_currency THEN 1
                                       ELSE internal.base_rate(v_instrument.currency, v_currency, v_event.at) END;
    fee := v_event.fee;
    pnl := 0;
    IF v_event.kind = 'fill' THEN
      IF owned = 0 THEN
        trade_no := trade_no + 1;
      END IF;
      v_move := internal.move_position(side, quantity, v_event.value, owned, cost, 0, v_instrument);
      pnl := v_move.realised;
      owned := v_move.held;
      cost := cost + v_move.cost_change;
    ELSIF v_event.kind = 'split' THEN
      owned := round(owned * v_event.factor, 8);
    ELSE
      pnl := round(owned * v_event.price * v_instrument.multiplier, 8) - cost;
      cost := cost + pnl;
      IF v_event.kind <> 'daily' THEN
        fee := round(v_event.fee * least(abs(owned) / v_event.settled, 1), 8);
        SELECT 0, 0 INTO owned, cost;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION strategy.agent_fills(text, text) IS
  'What an agent made of its own orders: each of its fills, with the splits and settlements that came upon what it '
  'owns, and after each what it owns then, at its own average cost. What others hold of the same instrument does '
  'not count. place numbers the rows, trade_no its trades in an instrument, each from flat to flat. '
  'Amounts are in the instrument''s currency, rate makes them the portfolio''s; pnl is before the fee. Busted fills '
  'are left out. portfolio NULL: the only one that has an agent of this name. Errors TR211, TR503.';
REVOKE ALL ON FUNCTION strategy.agent_fills(text, text) FROM PUBLIC;
