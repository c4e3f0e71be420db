-- reads trading.orders; writes trading.contradictions, ops.events, trading.orders and what its triggers write; the
-- caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.record_objections(p_fill trading.fills, p_objections internal.objection[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_objection       internal.objection;
  v_client_order_id text := (SELECT o.client_order_id FROM trading.orders AS o
                              WHERE o.portfolio_id = p_fill.portfolio_id AND o.order_id = p_fill.order_id);
BEGIN
  INSERT INTO trading.contradictions (portfolio_id, fill_id, code, reason)
  SELECT p_fill.portfolio_id, p_fill.fill_id, n.code, n.reason FROM unnest(p_objections) AS n;
  FOREACH v_objection IN ARRAY p_objections LOOP
    PERFORM internal.emit_event('fill.contradicted', p_fill.at, p_fill.portfolio_id, p_fill.instrument_id,
                                p_fill.order_id,
                                jsonb_build_object('client_order_id', v_client_order_id,
                                                   'fill_id', p_fill.fill_id, 'code', v_objection.code,
                                                   'reason', v_objection.reason, 'quantity', p_fill.quantity,
                                                   'price', p_fill.price, 'execution_id', p_fill.execution_id));
  END LOOP;
  -- Of what is sold now, open orders of a cash account may have wanted to sell a part.
  IF p_fill.side = 'sell' THEN
    PERFORM internal.bound_sells(p, i, p_fill.at)
       FROM trading.portfolios AS p CROSS JOIN market.instruments AS i
      WHERE p.portfolio_id = p_fill.portfolio_id AND p.account_type = 'cash' AND i.instrument_id = p_fill.instrument_id;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.record_objections(trading.fills, internal.objection[]) IS
  'Keeps and journals what contradicts a fill that was booked all the same, and takes from open sells of a cash '
  'account what they want more than is held now.';
