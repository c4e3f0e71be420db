-- reads strategy.agents, market.instruments
CREATE OR REPLACE FUNCTION internal.orders_of(
  p_order internal.order_terms, p_scope risk.scope, OUT agents int[], OUT instruments int[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  CASE p_scope
    WHEN 'agent' THEN
      agents := ARRAY[p_order.agent_id];
    WHEN 'strategy' THEN
      agents := ARRAY(SELECT a.agent_id
                        FROM strategy.agents AS a
                        JOIN strategy.agents AS n USING (portfolio_id, strategy_id)
                       WHERE n.portfolio_id = p_order.portfolio_id AND n.agent_id = p_order.agent_id);
    WHEN 'instrument' THEN
      instruments := ARRAY[p_order.instrument_id];
    WHEN 'sector' THEN
      instruments := ARRAY(SELECT i.instrument_id
                             FROM market.instruments AS i
                             JOIN market.instruments AS n USING (sector)
                            WHERE n.instrument_id = p_order.instrument_id);
    ELSE
      NULL;
  END CASE;
END
$$;
COMMENT ON FUNCTION internal.orders_of(internal.order_terms, risk.scope) IS
  'Which orders of its portfolio a limit of this scope counts beside an order: those of these agents, in these '
  'instruments; NULL: of all.';
