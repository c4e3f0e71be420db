-- reads trading.fills, trading.lot_closures, trading.orders, strategy.signals
-- What the exchange took back does not count. It goes back from the portfolio's last fill, so its cost does not depend
-- on how many there are.
CREATE OR REPLACE FUNCTION internal.closed_trades(
  p_portfolio_id int, p_instrument_id int, p_agent_id int, p_from timestamptz, p_at timestamptz, OUT trades int,
  OUT stopped int, OUT profit numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET enable_seqscan = off
SET enable_sort = off
AS $$
DECLARE
  v_fill     record;
  v_closed   bigint[] := ARRAY[]::bigint[];
  v_stopped  bigint[] := ARRAY[]::bigint[];
BEGIN
  profit := 0;
  FOR v_fill IN
    SELECT f.at, f.order_id, f.realised_pnl + internal.settled_pnl(f) AS realised_pnl, f.fee, f.instrument_id,
           f.closed_quantity > 0 AS is_close, o.agent_id, o.type, o.client_order_id
      FROM trading.fills AS f
      JOIN trading.orders AS o USING (portfolio_id, order_id)
     WHERE f.portfolio_id = p_portfolio_id AND f.busts_fill_id IS NULL
       AND NOT EXISTS (SELECT FROM trading.fills AS b
                        WHERE b.portfolio_id = f.portfolio_id AND b.busts_fill_id = f.fill_id)
     ORDER BY f.fill_id DESC
     LIMIT 10000
  LOOP
    EXIT WHEN v_fill.at <= p_from;
    CONTINUE WHEN NOT v_fill.is_close OR v_fill.at > p_at OR v_fill.instrument_id <> p_instrument_id
      OR (p_agent_id IS NOT NULL AND v_fill.agent_id IS DISTINCT FROM p_agent_id);
    profit := profit + v_fill.realised_pnl - v_fill.fee;
    -- An order that fills in parts is one trade.
    IF v_fill.order_id <> ALL (v_closed) THEN
      v_closed := v_closed || v_fill.order_id;
    END IF;
    IF v_fill.order_id <> ALL (v_stopped) AND v_fill.realised_pnl < 0
       AND internal.is_stop(p_portfolio_id, v_fill.agent_id, v_fill.instrument_id, v_fill.type, v_fill.client_order_id)
    THEN
      v_stopped := v_stopped || v_fill.order_id;
    END IF;
  END LOOP;
  trades := cardinality(v_closed);
  stopped := cardinality(v_stopped);
END
$$;
COMMENT ON FUNCTION internal.closed_trades(int, int, int, timestamptz, timestamptz) IS
  'Orders of a portfolio that closed a position after p_from and up to p_at, how many of them were stopped out at a '
  'loss, and their profit after fees; NULL for the instrument or the agent: of all. At most the last 10,000 fills are '
  'looked at.';
