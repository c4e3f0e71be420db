-- reads trading.fills, trading.position_adjustments, trading.settlements, market.corporate_actions
CREATE OR REPLACE FUNCTION trading.held_before(p_portfolio_id int, p_instrument_id int, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    WITH RECURSIVE known AS (
      SELECT f.fill_id, f.corrects_fill_id, f.at,
             CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END AS quantity
        FROM trading.fills AS f
       WHERE f.portfolio_id = p_portfolio_id AND f.instrument_id = p_instrument_id AND f.busts_fill_id IS NULL
    ), happened AS (  -- a correction happened when the fill did that it corrects
      SELECT k.fill_id, k.at, k.quantity FROM known AS k WHERE k.corrects_fill_id IS NULL
      UNION ALL
      SELECT k.fill_id, h.at, k.quantity FROM known AS k JOIN happened AS h ON h.fill_id = k.corrects_fill_id
    )
    SELECT coalesce(sum(n.quantity), 0)
      FROM (SELECT h.quantity FROM happened AS h
             -- What the exchange took back never happened, whenever it did so.
             WHERE h.at < p_at
               AND NOT EXISTS (SELECT FROM trading.fills AS b
                                WHERE b.portfolio_id = p_portfolio_id AND b.busts_fill_id = h.fill_id)
            UNION ALL
            -- A split counts from its ex-date on, whenever it was applied.
            SELECT a.quantity_delta
              FROM trading.position_adjustments AS a
              JOIN market.corporate_actions AS c USING (action_id)
              JOIN market.instruments AS i ON i.instrument_id = a.instrument_id
             WHERE a.portfolio_id = p_portfolio_id AND a.instrument_id = p_instrument_id
               AND market.day_start(i.exchange_id, c.ex_date) < p_at
            UNION ALL
            SELECT s.quantity_delta FROM trading.settlements AS s
             WHERE s.portfolio_id = p_portfolio_id AND s.instrument_id = p_instrument_id
               AND s.at < p_at) AS n (quantity));
END
$$;
COMMENT ON FUNCTION trading.held_before(int, int, timestamptz) IS
  'Units of an instrument that a portfolio held just before a time, negative when short, as far as its fills are known '
  'now.';
