-- reads trading.fills, trading.orders; errors TR205, TR236, TR250
CREATE OR REPLACE FUNCTION internal.find_fill(
  p_portfolio_id int, p_fill_id bigint, p_execution_id text, p_order_id bigint, p_client_order_id text)
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_fills trading.fills[];
  v_order trading.orders;
BEGIN
  IF num_nonnulls(p_order_id, p_client_order_id) > 0 THEN
    v_order := internal.find_order(p_portfolio_id, p_order_id, p_client_order_id);
  END IF;
  v_fills := ARRAY(SELECT f FROM trading.fills AS f
                    WHERE f.portfolio_id = p_portfolio_id
                      AND (f.fill_id = p_fill_id OR p_fill_id IS NULL AND f.execution_id = p_execution_id)
                      AND (p_execution_id IS NULL OR f.execution_id = p_execution_id)
                      AND (v_order.order_id IS NULL OR f.order_id = v_order.order_id)
                    ORDER BY f.fill_id);
  IF cardinality(v_fills) = 0 THEN
    RAISE EXCEPTION 'unknown fill'
      USING ERRCODE = 'TR236',
            DETAIL = format('fill_id %s, execution_id %s, order %s in portfolio %s.', coalesce(p_fill_id::text, 'NULL'),
                            coalesce(quote_literal(left(p_execution_id, 256)), 'NULL'),
                            coalesce(v_order.order_id::text, 'NULL'), p_portfolio_id),
            HINT = 'Give fill_id => ... or execution_id => ...; trading.fills lists them.';
  ELSIF cardinality(v_fills) > 1 THEN
    RAISE EXCEPTION 'execution_id "%" names % fills', p_execution_id, cardinality(v_fills)
      USING ERRCODE = 'TR250',
            DETAIL = (SELECT string_agg(format('Fill %s of order %s: %s %s at %s.', f.fill_id, f.order_id, f.side,
                                               trim_scale(f.quantity), trim_scale(f.price)), ' ' ORDER BY f.fill_id)
                        FROM unnest(v_fills) AS f),
            HINT = 'Give the order, too: order_id => ... or client_order_id => ...; or the fill: fill_id => ....';
  END IF;
  RETURN v_fills[1];
END
$$;
COMMENT ON FUNCTION internal.find_fill(int, bigint, text, bigint, text) IS
  'The fill with this number, or else with this execution_id, of this order where one is given: the number of an '
  'exchange''s match names two fills when both sides are the portfolio''s. Errors TR205, TR236, TR250.';
