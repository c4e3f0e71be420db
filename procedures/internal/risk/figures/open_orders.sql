-- reads trading.orders, trading.portfolios, strategy.agents, market.instruments
-- The index of open orders, whatever a plan of a small table would be: hence the settings.
CREATE OR REPLACE FUNCTION internal.open_orders(
  p_order internal.order_terms, p_scope risk.scope, p_most int, p_username text DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
DECLARE
  v_of        record := internal.orders_of(p_order, p_scope);
  v_portfolio record;
  v_count     int := 1;  -- this one
BEGIN
  FOR v_portfolio IN
    SELECT p.portfolio_id, p.owner = p_username AS is_theirs FROM trading.portfolios AS p
     WHERE p.portfolio_id = p_order.portfolio_id OR p_scope = 'user' AND p.owner = p_username
  LOOP
    v_count := v_count + (
      SELECT count(*)
        FROM (SELECT FROM trading.orders AS o
               WHERE o.portfolio_id = v_portfolio.portfolio_id AND o.closed_at IS NULL
                 AND (o.order_id <> p_order.order_id OR p_order.order_id IS NULL
                      OR o.portfolio_id <> p_order.portfolio_id)
                 AND (v_of.agents IS NULL OR o.agent_id = ANY (v_of.agents))
                 AND (v_of.instruments IS NULL OR o.instrument_id = ANY (v_of.instruments))
                 AND (p_scope <> 'user' OR v_portfolio.is_theirs OR o.submitted_by = p_username)
               LIMIT p_most + 1 - v_count) AS x);
    EXIT WHEN v_count > p_most;
  END LOOP;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION internal.open_orders(internal.order_terms, risk.scope, int, text) IS
  'Orders of the portfolio that are not closed, this one included: those that work, wait for their parent or for a '
  'second person. Of an agent, strategy, instrument or sector only its own; of a user all of the user''s portfolios, '
  'and in others what the user sent. It stops counting above p_most.';
