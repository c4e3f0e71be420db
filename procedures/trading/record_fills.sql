-- the array form for programs; locks ledger.books; writes as trading.apply_fill, and ops.events; errors TR205, TR209, TR219, TR604
CREATE OR REPLACE FUNCTION trading.record_fills(
  portfolio_ids int[], order_ids bigint[], quantities numeric[], prices numeric[], broker text, execution_ids text[], times timestamptz[],
  liquidities text[] DEFAULT NULL)
RETURNS TABLE (portfolio_id int, order_id bigint, fill_id bigint, code text, fee numeric, status trading.order_status, quantity numeric, filled_quantity numeric, position_quantity numeric,
               position_cost numeric, links_changed boolean)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_item   record;
  v_result record;
  v_order  trading.orders;
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(order_ids), cardinality(quantities), cardinality(prices), cardinality(execution_ids), cardinality(times),
                                                  coalesce(cardinality(liquidities), cardinality(order_ids))])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of fills differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s executions.', cardinality(portfolio_ids), cardinality(execution_ids)),
            HINT = 'Give one element per fill in each array, at most 100,000.';
  END IF;
  PERFORM ledger.lock_books(portfolio_ids);
  IF trading.record_plain_fills(portfolio_ids, order_ids, quantities, prices, record_fills.broker, execution_ids, times,
       coalesce(liquidities::trading.liquidity[], array_fill(NULL::trading.liquidity, ARRAY[cardinality(order_ids)]))) THEN
    RETURN QUERY
      SELECT o.portfolio_id, o.order_id, o.last_fill_id, NULL::text, f.fee::numeric, o.status, o.quantity::numeric, o.filled_quantity::numeric, p.quantity::numeric, p.cost::numeric, false
        FROM unnest(portfolio_ids, order_ids) WITH ORDINALITY AS n (portfolio_id, order_id, position)
        JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id
        JOIN trading.fills AS f ON f.portfolio_id = n.portfolio_id AND f.fill_id = o.last_fill_id
        JOIN trading.positions AS p ON p.portfolio_id = n.portfolio_id AND p.instrument_id = o.instrument_id
       ORDER BY n.position;
    RETURN;
  END IF;
  FOR v_item IN
    SELECT * FROM unnest(portfolio_ids, order_ids, quantities, prices, execution_ids, times, liquidities)
                  WITH ORDINALITY AS n (portfolio_id, order_id, quantity, price, execution_id, at, liquidity, position)
     ORDER BY n.position
  LOOP
    SELECT * INTO v_result FROM trading.apply_fill(v_item.portfolio_id, v_item.order_id, v_item.quantity, v_item.price, record_fills.broker,
                                                   v_item.execution_id, NULL, coalesce(v_item.liquidity, 'taker')::trading.liquidity, v_item.at);
    v_order := trading.find_order(v_item.portfolio_id, v_item.order_id, NULL);
    IF v_result.code IS NOT NULL THEN
      -- Dropped and journaled; the rest of the batch goes on. An order that cannot be paid would fail again at every tick.
      PERFORM ops.emit_event('fill.refused', v_item.at, v_item.portfolio_id, v_order.instrument_id, v_item.order_id,
        jsonb_build_object('code', v_result.code, 'reason', v_result.reason, 'quantity', v_item.quantity, 'price', v_item.price, 'execution_id', v_item.execution_id));
      IF v_result.code = 'TR401' THEN
        v_order := trading.end_order(v_order, 'cancelled', v_result.code, v_result.reason, v_item.at);
      END IF;
    END IF;
    portfolio_id := v_order.portfolio_id;
    order_id := v_order.order_id;
    fill_id := v_result.fill_id;
    code := v_result.code;
    fee := v_result.fee;
    status := v_order.status;
    quantity := v_order.quantity;
    filled_quantity := v_order.filled_quantity;
    SELECT p.quantity, p.cost INTO position_quantity, position_cost FROM trading.positions AS p
     WHERE p.portfolio_id = v_order.portfolio_id AND p.instrument_id = v_order.instrument_id;
    links_changed := v_result.links_changed;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.record_fills(int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], text[]) IS
  'Records a batch of executions in this order. A fill that its order cannot take is dropped and journaled as fill.refused with its code; the others are booked. liquidities are maker or taker, NULL: taker. Returns one row each, with the order as it stands then; links_changed says that the fill changed other orders of its portfolio. Errors TR205, TR209, TR219, TR604.';
REVOKE ALL ON FUNCTION trading.record_fills(int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], text[]) FROM PUBLIC;
