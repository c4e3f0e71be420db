-- locks ledger.books; writes what internal.write_orders writes; errors of internal.decide_order, TR204, TR211
CREATE OR REPLACE FUNCTION internal.submit_orders(p_orders trading.orders[], p_stop_loss numeric DEFAULT NULL, p_created_at timestamptz DEFAULT clock_timestamp())
RETURNS trading.orders[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_orders    trading.orders[] := p_orders;
  v_order     trading.orders;
  v_first     int := 1;
  v_at        int;
  v_facts     internal.order_facts[];
  v_fact      internal.order_facts;
  v_decision  internal.order_decision;
  v_decided   internal.order_decision[];
  v_size      int := 500;
  v_place     int;
  -- What was decided and not written yet has moved on from the facts: by portfolio, by account, by position.
  v_portfolios  int[];     v_next_orders bigint[];    v_next_transfers bigint[];
  v_accounts    bigint[];  v_available   numeric[];
  v_holdings    bigint[];  v_positions   trading.positions[];
  v_position    trading.positions;
  v_keys        text[];  v_key text;
  v_account     bigint;
  v_holding     bigint;
BEGIN
  PERFORM internal.lock_books(ARRAY(SELECT DISTINCT (o).portfolio_id FROM unnest(p_orders) AS o));
  WHILE v_first <= cardinality(p_orders) LOOP
    v_facts := internal.order_facts(p_orders[v_first : v_first + v_size - 1]);
    v_decided := '{}';
    v_portfolios := '{}'; v_accounts := '{}'; v_holdings := '{}'; v_keys := '{}';
    v_at := v_first;
    FOREACH v_fact IN ARRAY v_facts LOOP
      v_order := p_orders[v_at];
      v_key := v_order.portfolio_id || '/' || v_order.client_order_id;
      EXIT WHEN v_key = ANY (v_keys);  -- the same again: it is known by now
      IF v_fact.is_known AND trading.is_known_order(v_order) THEN
        v_orders[v_at] := trading.find_order(v_order.portfolio_id, NULL, v_order.client_order_id);
        v_at := v_at + 1;
        CONTINUE;
      END IF;
      -- An order that counts others, or hangs on one, needs what was decided before in the tables.
      IF cardinality(v_decided) > 0
         AND (num_nonnulls(v_order.parent_order_id, v_order.oco_group_id, v_order.replaces_order_id) > 0 OR internal.reads_orders(v_fact.limits)) THEN
        PERFORM internal.write_orders(v_decided);
        v_decided := '{}';
      END IF;
      v_place := array_position(v_portfolios, v_order.portfolio_id);
      IF v_place IS NOT NULL THEN
        v_fact.next_order_id := v_next_orders[v_place];
        v_fact.next_transfer_id := v_next_transfers[v_place];
        v_place := array_position(v_accounts, (v_order.portfolio_id::bigint << 16) + v_fact.cash_id);
        IF v_place IS NOT NULL THEN
          v_fact.available := v_available[v_place];
        END IF;
        v_place := array_position(v_holdings, (v_order.portfolio_id::bigint << 32) + v_order.instrument_id);
        IF v_place IS NOT NULL THEN
          v_fact.position := v_positions[v_place];
        END IF;
      END IF;

      v_order.created_at := p_created_at;
      v_decision := internal.decide_order(v_order, v_fact, p_stop_loss);
      v_decided := v_decided || v_decision;
      v_order := v_decision.order_row;
      v_orders[v_at] := v_order;
      v_at := v_at + 1;
      CONTINUE WHEN cardinality(p_orders) = 1;
      EXIT WHEN internal.changes_state(v_decision.verdicts);  -- what comes after it meets another state of the portfolio

      v_keys := v_keys || v_key;
      v_place := coalesce(array_position(v_portfolios, v_order.portfolio_id), cardinality(v_portfolios) + 1);
      v_portfolios[v_place] := v_order.portfolio_id;
      v_next_orders[v_place] := v_fact.next_order_id + 1;
      v_next_transfers[v_place] := v_fact.next_transfer_id + (v_order.reserved > 0)::int;
      IF v_order.reserved > 0 THEN
        v_account := (v_order.portfolio_id::bigint << 16) + v_fact.cash_id;
        v_place := coalesce(array_position(v_accounts, v_account), cardinality(v_accounts) + 1);
        v_accounts[v_place] := v_account;
        v_available[v_place] := v_fact.available - v_order.reserved;
      END IF;
      IF v_decision.kept <> 0 THEN
        v_position := v_fact.position;
        IF v_position.portfolio_id IS NULL THEN
          v_position.portfolio_id := v_order.portfolio_id;
          v_position.quantity := 0;
          v_position.open_buy_quantity := 0;
          v_position.open_sell_quantity := 0;
        END IF;
        IF v_order.side = 'buy' THEN
          v_position.open_buy_quantity := v_position.open_buy_quantity + v_decision.kept;
        ELSE
          v_position.open_sell_quantity := v_position.open_sell_quantity + v_decision.kept;
        END IF;
        v_holding := (v_order.portfolio_id::bigint << 32) + v_order.instrument_id;
        v_place := coalesce(array_position(v_holdings, v_holding), cardinality(v_holdings) + 1);
        v_holdings[v_place] := v_holding;
        v_positions[v_place] := v_position;
      END IF;
    END LOOP;
    IF cardinality(v_decided) > 0 THEN
      PERFORM internal.write_orders(v_decided);
    END IF;
    -- Where each order asks for a new look, it is not at hundreds.
    v_size := CASE WHEN v_at < v_first + cardinality(v_facts) THEN 8 ELSE least(4 * v_size, 500) END;
    v_first := v_at;
  END LOOP;
  RETURN v_orders;
END
$$;
COMMENT ON FUNCTION internal.submit_orders(trading.orders[], numeric, timestamptz) IS
  'Locks the portfolios of new orders, decides one order after the other, with the cash and the positions that the ones before leave, and writes them; returns their rows in this order. An order that is known by its client_order_id is returned as it is. p_stop_loss is where their protective stop will be. Errors TR101, TR201 to TR204, TR211, TR212.';
