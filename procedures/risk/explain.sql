-- reads what risk.check_order reads, writes nothing; errors TR101, TR103, TR205, TR211, TR503
CREATE OR REPLACE FUNCTION risk.explain(p_order trading.orders)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text, reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio  trading.portfolios;
  v_instrument market.instruments;
  v_position   trading.positions;
  v_reference  numeric;
  v_judged     record;
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.portfolio_id = p_order.portfolio_id;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = p_order.instrument_id;
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = p_order.portfolio_id AND p.instrument_id = p_order.instrument_id;
  v_position.quantity := coalesce(v_position.quantity, 0);
  -- An order that is open already does not count twice.
  v_position.open_buy_quantity := greatest(coalesce(v_position.open_buy_quantity, 0)
    - CASE WHEN p_order.side = 'buy' AND p_order.closed_at IS NULL AND p_order.status <> 'new' THEN p_order.quantity - p_order.filled_quantity ELSE 0 END, 0);
  v_position.open_sell_quantity := greatest(coalesce(v_position.open_sell_quantity, 0)
    - CASE WHEN p_order.side = 'sell' AND p_order.closed_at IS NULL AND p_order.status <> 'new' THEN p_order.quantity - p_order.filled_quantity ELSE 0 END, 0);
  IF p_order.closed_at IS NOT NULL THEN
    p_order.filled_quantity := 0;  -- as if it came again
  END IF;
  p_order.opening_quantity := CASE WHEN p_order.reduce_only THEN 0 ELSE greatest(p_order.quantity - p_order.filled_quantity - greatest(
    CASE p_order.side WHEN 'sell' THEN v_position.quantity - v_position.open_sell_quantity ELSE -v_position.quantity - v_position.open_buy_quantity END, 0), 0) END;
  v_reference := coalesce(p_order.limit_price, p_order.stop_price, (SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = p_order.instrument_id));
  v_judged := risk.check_order(p_order, v_portfolio, v_instrument, v_position, v_reference, true);

  -- What was recorded when it was submitted, and then what each rule says now.
  RETURN QUERY
    SELECT coalesce(b.metric::text, CASE WHEN b.scope IS NULL THEN 'lock' ELSE 'state' END), b.scope, b.figure, b.bound, b.action, 'at submission: ' || CASE b.action WHEN 'warn' THEN 'warned' ELSE 'rejected' END,
           b.code, b.reason
      FROM risk.breaches AS b
     WHERE b.portfolio_id = p_order.portfolio_id AND b.order_id = p_order.order_id AND p_order.status <> 'new'
     ORDER BY b.number;
  IF NOT EXISTS (SELECT FROM unnest(v_judged.verdicts) AS v WHERE v.rule = 'state') THEN
    RETURN QUERY SELECT 'state', NULL::risk.scope, NULL::numeric, NULL::numeric, NULL::risk.action, 'passes', NULL::text, 'active';
  END IF;
  RETURN QUERY
    SELECT v.rule, v.scope, v.figure, v.bound, v.action,
           CASE WHEN v.is_breach THEN CASE v.action WHEN 'warn' THEN 'warns' ELSE 'rejects' END
                WHEN p_order.opening_quantity = 0 AND v.rule <> 'price_collar' THEN 'passes: only reduces'
                WHEN v.figure IS NULL THEN 'passes: does not concern it' ELSE 'passes' END,
           CASE WHEN v.is_breach THEN v.code END, v.reason
      FROM unnest(v_judged.verdicts) AS v;
END
$$;
COMMENT ON FUNCTION risk.explain(trading.orders) IS
  'What each rule that concerns an order says of it now: figure, bound and verdict; before that the breaches that were recorded when it was submitted.';
REVOKE ALL ON FUNCTION risk.explain(trading.orders) FROM PUBLIC;

CREATE OR REPLACE FUNCTION risk.explain(portfolio text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text, reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_order trading.orders;
BEGIN
  SELECT o.* INTO v_order FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id)
   WHERE p.name = explain.portfolio AND (o.order_id = explain.order_id OR explain.order_id IS NULL AND o.client_order_id = explain.client_order_id);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'portfolio "%" has no such order', explain.portfolio
      USING ERRCODE = 'TR205', DETAIL = format('order_id %s, client_order_id %s.', explain.order_id, coalesce(quote_literal(explain.client_order_id), 'NULL')),
            HINT = 'Give one of both; for an order that is not submitted give its symbol, side and quantity.';
  END IF;
  RETURN QUERY SELECT * FROM risk.explain(v_order);
END
$$;
COMMENT ON FUNCTION risk.explain(text, bigint, text) IS 'The same for an order by its number or client_order_id. Error TR205.';
REVOKE ALL ON FUNCTION risk.explain(text, bigint, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION risk.explain(
  portfolio text, symbol text, side trading.order_side, quantity numeric, type trading.order_type DEFAULT 'market',
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, time_in_force trading.time_in_force DEFAULT 'day', agent text DEFAULT NULL,
  reduce_only boolean DEFAULT false, at timestamptz DEFAULT now(), stop_loss numeric DEFAULT NULL)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text, reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_order trading.orders;
BEGIN
  SELECT p.portfolio_id, b.next_order_id INTO v_order.portfolio_id, v_order.order_id
    FROM trading.portfolios AS p JOIN ledger.books AS b USING (portfolio_id) WHERE p.name = explain.portfolio;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown portfolio "%"', coalesce(explain.portfolio, 'NULL')
      USING ERRCODE = 'TR211', DETAIL = format('%s portfolios are known.', (SELECT count(*) FROM trading.portfolios)), HINT = 'SELECT name FROM trading.portfolios.';
  END IF;
  IF num_nulls(explain.symbol, explain.side, explain.quantity, explain.type, explain.time_in_force, explain.reduce_only, explain.at) > 0 
     OR NOT (explain.quantity > 0 AND explain.quantity < 1e10 AND coalesce(explain.stop_loss, 1) > 0 AND coalesce(explain.stop_loss, 1) < 1e10) THEN
    RAISE EXCEPTION 'an order has a symbol, a side, a quantity, a type and a time'
      USING ERRCODE = 'TR212', DETAIL = format('symbol %s, side %s, quantity %s, stop_loss %s.', explain.symbol, explain.side, explain.quantity, explain.stop_loss), HINT = 'Give what trading.submit_order(...) would get.';
  END IF;
  IF explain.agent IS NOT NULL THEN
    v_order.agent_id := risk.scope_id('agent', explain.portfolio || '/' || explain.agent);
  END IF;
  v_order.instrument_id := market.instrument_id(explain.symbol);
  v_order.side := explain.side;
  v_order.type := explain.type;
  v_order.time_in_force := explain.time_in_force;
  v_order.quantity := explain.quantity; v_order.filled_quantity := 0;
  v_order.limit_price := explain.limit_price; v_order.stop_price := explain.stop_price;
  v_order.reduce_only := explain.reduce_only;
  v_order.status := 'new';
  v_order.submitted_by := session_user;
  v_order.submitted_at := explain.at; v_order.updated_at := explain.at;
  PERFORM set_config('bourse.protective_stop', explain.stop_loss::text, true);
  RETURN QUERY SELECT * FROM risk.explain(v_order);
  PERFORM set_config('bourse.protective_stop', '', true);
END
$$;
COMMENT ON FUNCTION risk.explain(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, text, boolean, timestamptz, numeric) IS
  'The same for an order that is not submitted, by the arguments of trading.submit_order; stop_loss is where its protective stop would be. Errors TR101, TR103, TR211, TR212, TR306.';
REVOKE ALL ON FUNCTION risk.explain(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, text, boolean, timestamptz, numeric) FROM PUBLIC;
