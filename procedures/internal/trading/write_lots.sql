-- writes trading.lots, trading.lot_closures; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_lots(p_closures trading.lot_closures[], p_opened trading.lots[] DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  IF cardinality(p_closures) > 0 THEN
    -- A lot that is closed in whole is gone; a CHECK forbids one of nothing.
    WITH gone AS (
      DELETE FROM trading.lots AS l USING unnest(p_closures) AS c
       WHERE l.portfolio_id = c.portfolio_id AND l.instrument_id = c.instrument_id AND l.fill_id = c.lot_fill_id AND l.quantity = c.quantity
    ), smaller AS (
      UPDATE trading.lots AS l SET quantity = l.quantity - c.quantity, cost = l.cost - c.cost
        FROM unnest(p_closures) AS c
       WHERE l.portfolio_id = c.portfolio_id AND l.instrument_id = c.instrument_id AND l.fill_id = c.lot_fill_id AND l.quantity <> c.quantity
    )
    INSERT INTO trading.lot_closures (portfolio_id, fill_id, lot_fill_id, instrument_id, quantity, cost, value, opened_at, closed_at)
    SELECT c.portfolio_id, c.fill_id, c.lot_fill_id, c.instrument_id, c.quantity, c.cost, c.value, c.opened_at, c.closed_at
      FROM unnest(p_closures) AS c;
  END IF;
  IF cardinality(p_opened) > 0 THEN
    INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
    SELECT l.portfolio_id, l.fill_id, l.instrument_id, l.opened_at, l.quantity, l.cost FROM unnest(p_opened) AS l;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.write_lots(trading.lot_closures[], trading.lots[]) IS 'Closes lots, in whole or part, and opens others.';
