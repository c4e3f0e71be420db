-- reads what internal.decide_orders reads; writes nothing; errors TR101, TR103, TR201-TR203, TR205, TR211, TR212, TR503
CREATE OR REPLACE FUNCTION risk.explain(p_order trading.orders)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text,
               reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.require_portfolios(ARRAY[p_order.portfolio_id], 'read');
  RETURN QUERY SELECT * FROM internal.explain_order(internal.terms_of(p_order, p_order.quantity, p_order.updated_at));
END
$$;
COMMENT ON FUNCTION risk.explain(trading.orders) IS
  'What each rule that concerns an order says of it now: figure, bound and verdict, and what refuses it besides; '
  'before that the breaches that were recorded when it was submitted.';
REVOKE ALL ON FUNCTION risk.explain(trading.orders) FROM PUBLIC;

CREATE OR REPLACE FUNCTION risk.explain(portfolio text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text,
               reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(explain.portfolio);
  v_order        trading.orders;
BEGIN
  SELECT * INTO v_order FROM trading.orders AS o
   WHERE o.portfolio_id = v_portfolio_id
     AND (o.order_id = explain.order_id OR explain.order_id IS NULL AND o.client_order_id = explain.client_order_id);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'portfolio "%" has no such order', explain.portfolio
      USING ERRCODE = 'TR205',
            DETAIL = format('order_id %s, client_order_id %s.', explain.order_id,
                            coalesce(quote_literal(explain.client_order_id), 'NULL')),
            HINT = 'Give one of both; for an order that is not submitted give its symbol, side and quantity.';
  END IF;
  RETURN QUERY SELECT * FROM internal.explain_order(internal.terms_of(v_order, v_order.quantity, v_order.updated_at));
END
$$;
COMMENT ON FUNCTION risk.explain(text, bigint, text) IS
  'The same for an order by its number or client_order_id. Errors TR205, TR211.';
REVOKE ALL ON FUNCTION risk.explain(text, bigint, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION risk.explain(
  portfolio text, symbol text, side trading.order_side, quantity numeric, type trading.order_type DEFAULT 'market',
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, time_in_force trading.time_in_force DEFAULT 'day',
  agent text DEFAULT NULL,
  reduce_only boolean DEFAULT false, at timestamptz DEFAULT now(), stop_loss numeric DEFAULT NULL)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text,
               reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_order internal.order_terms;
BEGIN
  IF num_nulls(explain.symbol, explain.side, explain.quantity, explain.type, explain.time_in_force, explain.reduce_only,
               explain.at) > 0
     OR NOT (explain.quantity > 0 AND explain.quantity < 1e10 AND coalesce(explain.stop_loss, 1) > 0
             AND coalesce(explain.stop_loss, 1) < 1e10) THEN
    RAISE EXCEPTION 'an order has a symbol, a side, a quantity, a type and a time'
      USING ERRCODE = 'TR212',
            DETAIL = format('symbol %s, side %s, quantity %s, stop_loss %s.', explain.symbol, explain.side,
                            explain.quantity, explain.stop_loss),
                            HINT = 'Give what trading.submit_order(...) would get.';
  END IF;
  v_order := internal.order_terms(explain.portfolio, explain.symbol, explain.side, explain.quantity, explain.type,
                                  explain.limit_price, explain.stop_price, explain.time_in_force, p_at => explain.at,
                                  p_reduce_only => explain.reduce_only, p_stop_loss => explain.stop_loss,
                                  p_agent => explain.agent, p_right => 'read');
  RETURN QUERY SELECT * FROM internal.explain_order(v_order);
END
$$;
COMMENT ON FUNCTION risk.explain(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, text, boolean,
  timestamptz, numeric) IS
  'The same for an order that is not submitted, by the arguments of trading.submit_order; stop_loss is where its '
  'protective stop would be. Errors TR101, TR103, TR211, TR212, TR503.';
REVOKE ALL ON FUNCTION risk.explain(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, text, boolean,
  timestamptz, numeric)
    FROM PUBLIC;
