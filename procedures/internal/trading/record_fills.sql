-- locks ledger.books; writes what internal.write_fills writes, the orders that depend on those that filled, ops.events;
-- errors TR205, TR209, TR211, TR219, and as p_drop says TR208, TR210, TR220, TR401
CREATE OR REPLACE FUNCTION internal.record_fills(p_reports internal.fill_report[], p_drop boolean)
RETURNS internal.fill_result[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_results  internal.fill_result[] := '{}';
  v_result   internal.fill_result;
  v_report   internal.fill_report;
  v_first    int := 1;
  v_at       int;
  v_size     int := 500;
  v_facts    internal.fill_facts[];
  v_fact     internal.fill_facts;
  v_decision internal.fill_decision;
  v_decided  internal.fill_decision[];
  v_order    trading.orders;
  v_place    int;
  -- What was decided and not written yet has moved on from the facts: by portfolio, by account. A position is decided about once.
  v_portfolios  int[];     v_next_fills bigint[];  v_next_transfers bigint[];
  v_accounts    bigint[];  v_available  numeric[];
  v_holdings    bigint[];  v_executions text[];
  v_holding     bigint;    v_account    bigint;
BEGIN
  PERFORM internal.lock_books(ARRAY(SELECT DISTINCT r.portfolio_id FROM unnest(p_reports) AS r));
  WHILE v_first <= cardinality(p_reports) LOOP
    v_facts := internal.fill_facts(p_reports[v_first : v_first + v_size - 1]);
    v_decided := '{}';
    v_portfolios := '{}'; v_accounts := '{}'; v_holdings := '{}'; v_executions := '{}';
    v_at := v_first;
    FOREACH v_fact IN ARRAY v_facts LOOP
      v_report := p_reports[v_at];
      v_order := v_fact.order_row;
      v_holding := (v_report.portfolio_id::bigint << 32) + v_order.instrument_id;
      -- Another fill of the same position, the same execution, or one that others depend on: it must find the ones before in the tables.
      EXIT WHEN v_at > v_first AND (v_holding = ANY (v_holdings) OR v_report.execution_id = ANY (v_executions) OR v_fact.is_linked OR v_fact.is_watched);
      v_place := array_position(v_portfolios, v_report.portfolio_id);
      IF v_place IS NOT NULL THEN
        v_fact.next_fill_id := v_next_fills[v_place];
        v_fact.next_transfer_id := v_next_transfers[v_place];
        v_place := array_position(v_accounts, (v_report.portfolio_id::bigint << 16) + v_fact.accounts[1]);
        IF v_place IS NOT NULL THEN
          v_fact.available := v_available[v_place];
        END IF;
      END IF;

      v_decision := internal.decide_fill(v_report, v_fact);
      v_at := v_at + 1;
      v_result.fill := v_decision.fill;
      v_result.order_row := v_decision.order_row;
      v_result.position_quantity := (v_decision.position).quantity;
      v_result.position_cost := (v_decision.position).cost;
      v_result.links_changed := false;
      v_result.code := v_decision.code;
      v_result.reason := v_decision.reason;
      IF v_decision.code IS NOT NULL THEN
        IF NOT p_drop THEN
          RAISE EXCEPTION 'the fill was not booked: %', v_decision.reason
            USING ERRCODE = v_decision.code, DETAIL = format('Order %s, execution %s: %s at %s.', (v_decision.order_row).order_id, v_report.execution_id,
                                                             v_report.quantity, v_report.price),
                  HINT = 'Compare the order with the broker''s report: SELECT * FROM trading.order_history.';
        END IF;
        -- Dropped and journaled, in its turn; the rest of the batch goes on.
        IF cardinality(v_decided) > 0 THEN
          PERFORM internal.write_fills(v_decided);
          v_decided := '{}';
        END IF;
        PERFORM ledger.lock_book(v_report.portfolio_id);
        PERFORM ops.emit_event('fill.refused', v_report.at, v_report.portfolio_id, (v_decision.order_row).instrument_id, (v_decision.order_row).order_id,
          jsonb_build_object('code', v_decision.code, 'reason', v_decision.reason, 'quantity', v_report.quantity, 'price', v_report.price,
                             'execution_id', v_report.execution_id));
        IF v_decision.code = 'TR401' THEN
          -- An order that cannot be paid would fail again at every tick.
          v_result.order_row := trading.end_order(v_decision.order_row, 'cancelled', v_decision.code, v_decision.reason, v_report.at);
          v_results := v_results || v_result;
          EXIT;  -- its money is free again
        END IF;
      ELSIF NOT v_decision.is_known THEN
        v_decided := v_decided || v_decision;
        IF v_fact.is_linked OR v_fact.is_watched THEN
          PERFORM internal.write_fills(v_decided);
          v_decided := '{}';
          IF v_fact.is_linked THEN
            v_result.links_changed := trading.settle_links(v_decision.order_row, (v_decision.fill).quantity, v_fact.portfolio, v_fact.instrument, v_report.at);
            v_result.order_row := trading.find_order(v_report.portfolio_id, (v_decision.order_row).order_id, NULL);
          END IF;
          v_results := v_results || v_result;
          EXIT;
        END IF;
        IF cardinality(p_reports) > 1 THEN
          v_holdings := v_holdings || v_holding;
          v_executions := v_executions || v_report.execution_id;
          v_place := coalesce(array_position(v_portfolios, v_report.portfolio_id), cardinality(v_portfolios) + 1);
          v_portfolios[v_place] := v_report.portfolio_id;
          v_next_fills[v_place] := v_fact.next_fill_id + 1;
          v_next_transfers[v_place] := v_fact.next_transfer_id + cardinality(v_decision.movements);
          v_account := (v_report.portfolio_id::bigint << 16) + v_fact.accounts[1];
          v_place := coalesce(array_position(v_accounts, v_account), cardinality(v_accounts) + 1);
          v_accounts[v_place] := v_account;
          v_available[v_place] := v_decision.available;
        END IF;
      END IF;
      v_results := v_results || v_result;
    END LOOP;
    IF cardinality(v_decided) > 0 THEN
      PERFORM internal.write_fills(v_decided);
    END IF;
    -- Where each fill asks for a new look, it is not at hundreds.
    v_size := CASE WHEN v_at < v_first + cardinality(v_facts) THEN 8 ELSE least(4 * v_size, 500) END;
    v_first := v_at;
  END LOOP;
  PERFORM ops.ring_doorbell(n.portfolio_id) FROM (SELECT DISTINCT r.portfolio_id FROM unnest(p_reports) AS r) AS n;
  RETURN v_results;
END
$$;
COMMENT ON FUNCTION internal.record_fills(internal.fill_report[], boolean) IS
  'Locks the portfolios of executions, decides one after the other, with the cash that the ones before leave, and writes them, and then what they mean for other orders. p_drop: one that cannot be booked is journaled as fill.refused and dropped (its order is cancelled when it is the cash that is missing); otherwise it is an error. One result for each, in their order. Errors TR205, TR208 to TR211, TR219, TR220, TR401.';
