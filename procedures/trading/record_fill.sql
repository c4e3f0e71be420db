-- locks ledger.books; writes trading.fills, trading.orders, trading.positions, ledger.*; errors TR205, TR208-TR211, TR219, TR401
CREATE OR REPLACE FUNCTION trading.record_fill(
  portfolio text, quantity numeric, price numeric, execution_id text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL,
  fee numeric DEFAULT NULL, broker text DEFAULT NULL, at timestamptz DEFAULT now(), liquidity trading.liquidity DEFAULT 'taker')
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio trading.portfolios;
  v_order     trading.orders;
  v_result    record;
  v_fill      trading.fills;
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.name = record_fill.portfolio;
  IF NOT FOUND THEN
    v_portfolio.portfolio_id := trading.portfolio_id(record_fill.portfolio);  -- says so
  END IF;
  v_fill := trading.record_plain_fill(v_portfolio.portfolio_id, record_fill.order_id, record_fill.client_order_id, record_fill.quantity, record_fill.price,
    coalesce(record_fill.broker, v_portfolio.broker), record_fill.execution_id, record_fill.fee, record_fill.liquidity, record_fill.at);
  IF v_fill.fill_id IS NOT NULL THEN
    RETURN v_fill;
  END IF;
  PERFORM ledger.lock_book(v_portfolio.portfolio_id);
  v_order := trading.find_order(v_portfolio.portfolio_id, record_fill.order_id, record_fill.client_order_id);
  SELECT * INTO v_result FROM trading.apply_fill(v_portfolio.portfolio_id, v_order.order_id, record_fill.quantity, record_fill.price,
    coalesce(record_fill.broker, v_portfolio.broker), record_fill.execution_id, record_fill.fee, record_fill.liquidity, record_fill.at);
  IF v_result.code IS NOT NULL THEN
    RAISE EXCEPTION 'the fill was not booked: %', v_result.reason
      USING ERRCODE = v_result.code, DETAIL = format('Order %s, execution %s: %s at %s.', v_order.order_id, record_fill.execution_id, record_fill.quantity, record_fill.price),
            HINT = 'Compare the order with the broker''s report: SELECT * FROM trading.order_history.';
  END IF;
  PERFORM ops.ring_doorbell(v_portfolio.portfolio_id);
  SELECT * INTO v_fill FROM trading.fills AS f WHERE f.portfolio_id = v_portfolio.portfolio_id AND f.fill_id = v_result.fill_id;
  RETURN v_fill;
END
$$;
COMMENT ON FUNCTION trading.record_fill(text, numeric, numeric, text, bigint, text, numeric, text, timestamptz, trading.liquidity) IS
  'Records an execution of an order, fee by the portfolio''s schedule unless given. The same execution_id again answers the first fill. Errors TR205, TR208 to TR211, TR219, TR220, TR401.';
REVOKE ALL ON FUNCTION trading.record_fill(text, numeric, numeric, text, bigint, text, numeric, text, timestamptz, trading.liquidity) FROM PUBLIC;
