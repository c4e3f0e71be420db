-- reads trading.portfolios, trading.positions, trading.orders, trading.fills, trading.lots, trading.fee_schedules, market.instruments,
-- market.quotes, ledger.portfolio_clocks, ledger.accounts, ledger.balances, risk.protections; the caller holds the portfolios' locks
-- refusals TR208, TR210, TR220, TR401
CREATE OR REPLACE FUNCTION internal.decide_fills(p_reports internal.fill_report[], p_ahead internal.fills_ahead[] DEFAULT NULL)
RETURNS internal.fill_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- One statement, as internal.decide_orders and for the same reason.
  RETURN ARRAY(
    SELECT ROW (
             greatest(k.stream_xid, pg_current_xact_id_if_assigned()), k.next_fill_id + coalesce(n.fills, 0), o.order_id, o.client_order_id, o.quantity, o.limit_price,
             o.stop_price, o.reason_code, o.reason, o.instrument_id, o.side, x1.size, x1.paid_price, x1.value, x4.fee_sum,
             coalesce(n.liquidity, 'taker'), coalesce(n.broker, p.broker), o.status,
             CASE WHEN o.filled_quantity + x1.size = o.quantity THEN 'filled' ELSE 'partially_filled' END::trading.order_status, o.version + 1,
             o.filled_quantity + x1.size, x1.filled_value, x1.maker_value, o.fees + x4.fee_sum,
             CASE WHEN x4.lines IS NOT NULL THEN internal.add_fee_lines(o.fee_lines, x4.lines) END, x5.need,
             round(x1.filled_value / ((o.filled_quantity + x1.size) * i.multiplier), 8), greatest(n.at, o.updated_at),
             x3.held, h.cost + x3.cost_change, x3.realised, coalesce((SELECT sum(c.value - c.cost) FROM unnest(x5.closures) AS c), 0), x3.closed,
             x3.margin_change, CASE WHEN o.oco_group_id IS NULL THEN x1.size ELSE internal.freed_open_quantity(n.portfolio_id, o.order_id, x1.size) END,
             internal.position_value(x3.held, h.cost + x3.cost_change, i.multiplier, i.kind = 'future', q.last::numeric),
             CASE WHEN h.intraday_quantity = 0 AND o.product <> 'intraday' THEN 0
                  ELSE internal.intraday_part(h.intraday_quantity + CASE o.product WHEN 'intraday' THEN x3.held - h.quantity ELSE 0 END, x3.held) END,
             CASE WHEN s.code IS NULL AND x4.lines IS NOT NULL THEN
               internal.fill_movements(n.portfolio_id, o.order_id, k.next_fill_id + coalesce(n.fills, 0), n.at, i.currency, a.accounts,
                 x3.debits || array_fill('cash'::ledger.account_kind, ARRAY[cardinality(x4.lines)]),
                 x3.credits || array_fill('fees'::ledger.account_kind, ARRAY[cardinality(x4.lines)]), x3.amounts || x4.lines,
                 x3.kinds || array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(x4.lines)]),
                 array_fill(NULL::text, ARRAY[cardinality(x3.amounts)]) || (enum_range(NULL::trading.fee_component)::text[])[: cardinality(x4.lines)],
                 o.reservation_id, CASE WHEN o.side = 'sell' OR i.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind,
                 o.reserved - x5.need) END,
             x5.closures, x3.opened, x3.opened_cost, a.accounts[1], a.available, o.reserved - x5.need + x3.cash - x4.fee_sum,
             s.code,
             CASE s.code
               WHEN 'TR210' THEN format('the order is %s', o.status)
               WHEN 'TR208' THEN format('%s are open, the fill is of %s', trim_scale(o.quantity - o.filled_quantity), trim_scale(x1.size))
               WHEN 'TR220' THEN format('%s are held, the fill of an order that may only reduce is of %s', trim_scale(h.quantity), trim_scale(x1.size))
               WHEN 'TR401' THEN format('%s %s are available, the fill costs %s', trim_scale(a.available + o.reserved - x5.need), i.currency,
                                        trim_scale(x4.fee_sum - x3.cash)) END,
             x1.fault, x1.is_known, l.is_linked,
             -- A foreign position revalues the whole portfolio, what is written with it included.
             l.is_linked OR l.is_watched OR i.currency <> p.currency OR n.is_again)::internal.fill_decision
      -- What there is.
      FROM ROWS FROM (unnest(p_reports), unnest(p_ahead)) WITH ORDINALITY AS n
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.portfolio_clocks AS k ON k.portfolio_id = n.portfolio_id
      LEFT JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id
            AND o.order_id = coalesce(n.order_id, (SELECT c.order_id FROM trading.orders AS c
                                                    WHERE c.portfolio_id = n.portfolio_id AND c.client_order_id = n.client_order_id))
            AND (n.client_order_id IS NULL OR o.client_order_id = n.client_order_id)
      LEFT JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
      LEFT JOIN market.quotes AS q ON q.instrument_id = o.instrument_id
      LEFT JOIN trading.positions AS h ON h.portfolio_id = n.portfolio_id AND h.instrument_id = o.instrument_id
      LEFT JOIN trading.fills AS x ON x.portfolio_id = n.portfolio_id AND x.broker = coalesce(n.broker, p.broker) AND x.execution_id = n.execution_id
      CROSS JOIN LATERAL (
        SELECT array_agg(t.account_id ORDER BY t.kind) AS accounts,
               sum(b.credits_posted - b.debits_posted - b.debits_pending) FILTER (WHERE t.kind = 'cash') AS available
          FROM ledger.accounts AS t JOIN ledger.balances AS b USING (portfolio_id, account_id)
         WHERE t.portfolio_id = n.portfolio_id AND t.currency = i.currency) AS a
      CROSS JOIN LATERAL (
        SELECT o.oco_group_id IS NOT NULL OR o.parent_order_id IS NOT NULL
                 OR EXISTS (SELECT FROM trading.orders AS c WHERE c.portfolio_id = n.portfolio_id AND c.parent_order_id = o.order_id)
                 OR t.closes AND EXISTS (SELECT FROM trading.orders AS c WHERE c.portfolio_id = n.portfolio_id AND c.instrument_id = o.instrument_id
                                            AND c.closed_at IS NULL AND c.reduce_only) AS is_linked,
               t.closes AND EXISTS (SELECT FROM risk.protections) AS is_watched
          FROM (SELECT sign(h.quantity) = CASE o.side WHEN 'sell' THEN 1 ELSE -1 END AS closes) AS t
        OFFSET 0) AS l
      -- What makes no sense, whatever the order.
      CROSS JOIN LATERAL (
        SELECT t.size, t.paid_price, t.value, o.filled_value + t.value AS filled_value, x.fill_id IS NOT NULL AS is_known,
               o.maker_value + CASE n.liquidity WHEN 'maker' THEN t.value ELSE 0 END AS maker_value,
               CASE WHEN o.order_id IS NULL THEN 'order'
                    WHEN (t.size > 0 AND t.size < 1e10 AND t.paid_price > 0 AND t.paid_price < 1e10 AND coalesce(n.fee, 0) >= 0
                          AND coalesce(n.fee, 0) < 1e20 AND isfinite(n.at) AND coalesce(n.broker, p.broker) <> '' AND n.execution_id <> '') IS NOT TRUE
                      THEN 'report'
                    WHEN (x.order_id, x.quantity, x.price) IS DISTINCT FROM (o.order_id, t.size, t.paid_price) AND x.fill_id IS NOT NULL
                         OR x.fee <> round(n.fee, 8) THEN 'execution' END AS fault
          FROM (SELECT round(n.quantity, 8) AS size, round(n.price, 8) AS paid_price,
                       round(round(n.quantity, 8) * round(n.price, 8) * i.multiplier, 8) AS value) AS t
        OFFSET 0) AS x1
      CROSS JOIN LATERAL (
        SELECT CASE WHEN x1.fault IS NOT NULL OR x1.is_known THEN NULL
                    WHEN o.closed_at IS NOT NULL OR o.status IN ('held', 'pending_approval') THEN 'TR210'
                    WHEN o.filled_quantity + x1.size > o.quantity THEN 'TR208'
                    WHEN o.reduce_only AND x1.size > greatest(CASE o.side WHEN 'sell' THEN h.quantity ELSE -h.quantity END, 0) THEN 'TR220' END AS code
        OFFSET 0) AS x2
      LEFT JOIN LATERAL internal.move_position(o.side, x1.size, x1.value, h.quantity, h.cost, h.margin, i) AS x3
             ON x1.fault IS NULL AND NOT x1.is_known AND x2.code IS NULL
      -- The order pays for all of it that has filled, the fill the difference.
      CROSS JOIN LATERAL (
        SELECT t.lines, coalesce((SELECT sum(f) FROM unnest(t.lines) AS f), 0) AS fee_sum
          FROM (SELECT CASE WHEN x3.closed IS NULL THEN NULL
                            WHEN n.fee IS NOT NULL THEN ARRAY[round(n.fee, 8)]
                            ELSE (SELECT array_agg(greatest(f.amount - coalesce(o.fee_lines[f.n], 0), 0) ORDER BY f.n)
                                    FROM unnest(trading.order_fees(p.fee_schedule, o.submitted_at, o.side, o.product,
                                                                   o.filled_quantity + x1.size - o.busted_quantity, x1.filled_value, x1.maker_value))
                                         WITH ORDINALITY AS f (amount, n)) END AS lines OFFSET 0) AS t
        OFFSET 0) AS x4
      CROSS JOIN LATERAL (
        SELECT CASE WHEN o.reserved = 0 OR o.filled_quantity + x1.size >= o.quantity OR x3.closed IS NULL THEN 0
                    ELSE least(o.reserved, trading.required_reservation(p.fee_schedule, o.submitted_at, o.side, o.product, o.quantity, o.filled_quantity + x1.size,
                                             o.busted_quantity, x1.filled_value, x1.maker_value, o.fees + x4.fee_sum, o.opening_quantity, o.reserve_price,
                                             i)) END AS need,
               CASE WHEN x3.closed > 0 THEN internal.find_closures(n.portfolio_id, o.instrument_id, x3.closed, x3.closed_value,
                                                                   k.next_fill_id + coalesce(n.fills, 0), n.at) END AS closures
        OFFSET 0) AS x5
      CROSS JOIN LATERAL (
        SELECT coalesce(x2.code, CASE WHEN x4.lines IS NOT NULL AND a.available + o.reserved - x5.need + x3.cash < x4.fee_sum THEN 'TR401' END) AS code
        OFFSET 0) AS s
     ORDER BY n.ordinality);
END
$$;
COMMENT ON FUNCTION internal.decide_fills(internal.fill_report[], internal.fills_ahead[]) IS
  'What becomes of executions, one decision for each in their order: fill, order, position, lots and ledger after it; or why its order or the cash cannot take it. p_ahead says what of a batch comes before each; the cash that those take or bring is left to internal.record_fills. Nothing is written.';
