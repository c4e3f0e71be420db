-- reads trading.positions, market.bars, market.ticks, market.corporate_actions
CREATE OR REPLACE FUNCTION internal.correlation(
  p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN coalesce((
    WITH own AS MATERIALIZED (
      SELECT r.day, r.return FROM internal.day_returns(p_instrument_id, p_at) AS r
    )
    SELECT max(c.value)
      FROM trading.positions AS p
      CROSS JOIN LATERAL (
        SELECT corr(own.return, r.return)::numeric * sign(p.quantity)
                 * CASE p_side WHEN 'buy' THEN 1 ELSE -1 END AS value
          FROM own JOIN internal.day_returns(p.instrument_id, p_at) AS r USING (day)
        HAVING count(*) >= 20) AS c
     WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id <> p_instrument_id AND p.quantity <> 0), -1);
END
$$;
COMMENT ON FUNCTION internal.correlation(int, int, trading.order_side, timestamptz) IS
  'Highest correlation of an instrument''s daily returns with those of what is held, over up to 60 days of which both '
  'have at least 20; its sign turns where one is bought and the other short. -1 when nothing can be compared.';
