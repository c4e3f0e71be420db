-- reads trading.positions, trading.orders, market.instruments, market.quotes
CREATE OR REPLACE FUNCTION internal.heat(p_portfolio_id int, p_currency text, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT CASE WHEN count(*) > count(h.price * h.unit) THEN NULL
                ELSE coalesce(sum((CASE WHEN s.quantity > h.quantity THEN s.distance * h.quantity / s.quantity
                                        ELSE coalesce(s.distance, 0) END
                                   + greatest(h.quantity - coalesce(s.quantity, 0), 0) * h.price) * h.unit), 0) END
      FROM (
        SELECT p.instrument_id, sign(p.quantity) AS direction, abs(p.quantity) AS quantity,
               coalesce((SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = p.instrument_id),
                        p.average_price) AS price,
               p.multiplier * CASE WHEN p.is_foreign
                                     THEN internal.measuring_rate((SELECT i.currency FROM market.instruments AS i
                                                                    WHERE i.instrument_id = p.instrument_id),
                                                                          p_currency, p_at)
                                   ELSE 1 END AS unit
          FROM trading.positions AS p
         WHERE p.portfolio_id = p_portfolio_id AND p.quantity <> 0
        OFFSET 0) AS h
      CROSS JOIN LATERAL (
        SELECT sum(o.quantity - o.filled_quantity) AS quantity,
               sum((o.quantity - o.filled_quantity) * greatest(h.direction * (h.price - o.stop_price), 0)) AS distance
          FROM trading.orders AS o
         WHERE o.portfolio_id = p_portfolio_id AND o.instrument_id = h.instrument_id AND o.closed_at IS NULL
           AND o.status NOT IN ('held', 'pending_approval')
           AND o.side = CASE WHEN h.direction > 0 THEN 'sell' ELSE 'buy' END::trading.order_side
           AND o.type IN ('stop', 'stop_limit', 'trailing_stop')) AS s);
END
$$;
COMMENT ON FUNCTION internal.heat(int, text, timestamptz) IS
  'What a portfolio loses, in its currency, when each resting stop of what it holds is hit; what no stop covers counts '
  'in full.';
