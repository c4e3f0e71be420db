-- reads trading.fills, trading.position_adjustments, trading.settlements
CREATE OR REPLACE FUNCTION trading.held_before(p_portfolio_id int, p_instrument_id int, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(n.quantity), 0)
      FROM (SELECT CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END
              FROM trading.fills AS f
              -- What the exchange took back never happened, whenever it did so.
              LEFT JOIN trading.fills AS b ON b.portfolio_id = f.portfolio_id AND b.fill_id = f.busts_fill_id
             WHERE f.portfolio_id = p_portfolio_id AND f.instrument_id = p_instrument_id AND coalesce(b.at, f.at) < p_at
            UNION ALL
            SELECT a.quantity_delta FROM trading.position_adjustments AS a
             WHERE a.portfolio_id = p_portfolio_id AND a.instrument_id = p_instrument_id AND a.at < p_at
            UNION ALL
            SELECT s.quantity_delta FROM trading.settlements AS s
             WHERE s.portfolio_id = p_portfolio_id AND s.instrument_id = p_instrument_id AND s.at < p_at) AS n (quantity));
END
$$;
COMMENT ON FUNCTION trading.held_before(int, int, timestamptz) IS 'Units of an instrument that a portfolio held just before a time, negative when short, as far as its fills are known now.';
