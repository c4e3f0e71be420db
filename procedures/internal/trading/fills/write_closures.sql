-- writes trading.lots, trading.lot_closures; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_closures(p_closures trading.lot_closures[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- A lot that is closed in whole is gone; a CHECK forbids one of nothing.
  WITH gone AS (
    DELETE FROM trading.lots AS l USING unnest(p_closures) AS c
     WHERE l.portfolio_id = c.portfolio_id AND l.instrument_id = c.instrument_id AND l.fill_id = c.lot_fill_id
       AND l.quantity = c.quantity
  ), smaller AS (
    UPDATE trading.lots AS l SET quantity = l.quantity - c.quantity, cost = l.cost - c.cost,
                                settled_pnl = l.settled_pnl - c.settled_pnl
      FROM unnest(p_closures) AS c
     WHERE l.portfolio_id = c.portfolio_id AND l.instrument_id = c.instrument_id AND l.fill_id = c.lot_fill_id
       AND l.quantity <> c.quantity
  )
  INSERT INTO trading.lot_closures (portfolio_id, fill_id, lot_fill_id, instrument_id, quantity, cost, value, opened_at,
                                    closed_at, settled_pnl)
  SELECT c.portfolio_id, c.fill_id, c.lot_fill_id, c.instrument_id, c.quantity, c.cost, c.value, c.opened_at,
         c.closed_at, c.settled_pnl
    FROM unnest(p_closures) AS c;
END
$$;
COMMENT ON FUNCTION internal.write_closures(trading.lot_closures[]) IS 'Closes lots, in whole or part.';
