-- reads trading.positions and what internal.return_correlations reads
CREATE OR REPLACE FUNCTION internal.correlation(
  p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN coalesce((
    SELECT max(c.correlation::numeric * sign(p.quantity) * CASE p_side WHEN 'buy' THEN 1 ELSE -1 END)
      FROM internal.return_correlations(
             ARRAY[p_instrument_id],
             ARRAY(SELECT h.instrument_id FROM trading.positions AS h
                    WHERE h.portfolio_id = p_portfolio_id AND h.quantity <> 0), p_at) AS c
      JOIN trading.positions AS p ON p.portfolio_id = p_portfolio_id AND p.instrument_id = c.other_id), -1);
END
$$;
COMMENT ON FUNCTION internal.correlation(int, int, trading.order_side, timestamptz) IS
  'Highest correlation of an instrument''s daily returns with those of what is held, over up to 60 days of which both '
  'have at least 20; its sign turns where one is bought and the other short. -1 when nothing can be compared.';
