-- reads trading.lot_closures
CREATE OR REPLACE FUNCTION internal.settled_pnl(p_fill trading.fills)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE WHEN p_fill.closed_quantity = 0 THEN 0
              ELSE (SELECT coalesce(sum(c.settled_pnl), 0) FROM trading.lot_closures AS c
                     WHERE c.portfolio_id = p_fill.portfolio_id AND c.fill_id = p_fill.fill_id) END;
END
$$;
COMMENT ON FUNCTION internal.settled_pnl(trading.fills) IS
  'What daily settlements had paid for the lots that a fill closed: with its realised profit the profit of the trade.';
