-- reads trading.portfolios, trading.positions, trading.orders, trading.fills, trading.lots, trading.fee_schedules, market.instruments,
-- market.quotes, ledger.books, ledger.accounts, ledger.balances, risk.protections; the caller holds the portfolios' locks
-- refusals TR208, TR210, TR220, TR401
CREATE OR REPLACE FUNCTION internal.decide_fills(p_reports internal.fill_report[])
RETURNS internal.fill_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- One statement, as internal.decide_orders and for the same reason.
  RETURN (
    SELECT array_agg(ROW (
             m.number, m.target_id, m.instrument_id, m.side, m.size, m.paid_price, m.value, m.fee_sum, coalesce(m.liquidity, 'taker'), m.at_broker,
             m.from_status, CASE WHEN m.filled = m.ordered THEN 'filled' ELSE 'partially_filled' END::trading.order_status, m.version + 1, m.filled,
             m.filled_value, m.maker_value, m.fees + m.fee_sum, CASE WHEN m.lines IS NOT NULL THEN trading.add_lines(m.fee_lines, m.lines) END, m.need,
             round(m.filled_value / (m.filled * m.multiplier), 8), m.changed_at,
             m.held + m.direction * m.size, m.cost + m.cost_change, m.realised,
             coalesce((SELECT sum(c.value - c.cost) FROM unnest(m.closures) AS c), 0), m.closed, m.margin_change,
             CASE WHEN m.oco_group_id IS NULL THEN m.size ELSE internal.kept_less(m.portfolio_id, m.target_id, m.size) END,
             internal.position_value(m.held + m.direction * m.size, m.cost + m.cost_change, m.multiplier,
                                     m.kind = 'future', m.last_price),
             trading.intraday_part(m.intraday + CASE m.product WHEN 'intraday' THEN m.direction * m.size ELSE 0 END, m.held + m.direction * m.size),
             CASE WHEN s.code IS NULL AND m.fault IS NULL AND NOT m.is_known THEN
               internal.fill_movements(m.portfolio_id, m.target_id, m.number, m.at, m.money, m.accounts,
                 m.debits || array_fill('cash'::ledger.account_kind, ARRAY[cardinality(m.lines)]),
                 m.credits || array_fill('fees'::ledger.account_kind, ARRAY[cardinality(m.lines)]), m.amounts || m.lines,
                 m.kinds || array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(m.lines)]),
                 array_fill(NULL::text, ARRAY[cardinality(m.amounts)]) || (enum_range(NULL::trading.fee_component)::text[])[: cardinality(m.lines)],
                 m.reservation_id, CASE WHEN m.side = 'sell' OR m.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind,
                 m.reserved - m.need) END,
             m.closures, m.direction * (m.size - m.closed), m.direction * m.opened_value,
             s.code,
             CASE s.code
               WHEN 'TR210' THEN format('the order is %s', m.from_status)
               WHEN 'TR208' THEN format('%s are open, the fill is of %s', trim_scale(m.ordered - m.filled + m.size), trim_scale(m.size))
               WHEN 'TR220' THEN format('%s are held, the fill of an order that may only reduce is of %s', trim_scale(m.held), trim_scale(m.size))
               WHEN 'TR401' THEN format('%s %s are available, the fill costs %s', trim_scale(m.free + m.reserved - m.need), m.money,
                                        trim_scale(m.fee_sum - m.cash)) END,
             m.fault, m.is_known, m.is_linked, m.is_linked OR m.is_watched OR m.is_again)::internal.fill_decision ORDER BY m.ordinality)
      FROM (
        SELECT c.*,
               -- What was decided before it takes or brings its money first.
               c.available + coalesce(sum(c.reserved - c.need + c.cash - c.fee_sum) OVER (PARTITION BY c.portfolio_id, c.accounts[1] ORDER BY c.ordinality
                                                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS free
          FROM (
            SELECT f.*, x1.*, x2.*, x3.*, x4.*, x5.*
              FROM (
                -- What there is.
                SELECT n.ordinality, n.portfolio_id, n.quantity, n.price, n.fee, n.liquidity, n.at, n.execution_id, coalesce(n.broker, p.broker) AS at_broker,
                       o.order_id AS target_id, o.instrument_id, o.side, o.product, o.status AS from_status, o.version, o.quantity AS ordered,
                       o.filled_quantity AS filled_before, o.filled_value AS value_before, o.maker_value AS maker_before, o.busted_quantity AS busted,
                       o.fees, o.fee_lines, o.reserved, o.reservation_id, o.opening_quantity, o.reserve_price, o.reduce_only, o.oco_group_id, o.submitted_at,
                       greatest(n.at, o.updated_at) AS changed_at, o.closed_at, p.fee_schedule, i, i.multiplier, i.kind, i.currency AS money,
                       s.quantity AS held, s.cost, s.margin, s.intraday_quantity AS intraday, q.last::numeric AS last_price, a.accounts, a.available,
                       x.fill_id IS NOT NULL AS is_known, x.order_id AS known_order_id, x.quantity AS known_quantity, x.price AS known_price,
                       x.fee AS known_fee,
                       k.next_fill_id - 1 + row_number() OVER (PARTITION BY n.portfolio_id ORDER BY n.ordinality) AS number,
                       row_number() OVER (PARTITION BY n.portfolio_id, o.instrument_id ORDER BY n.ordinality) > 1
                         OR row_number() OVER (PARTITION BY n.portfolio_id, n.execution_id ORDER BY n.ordinality) > 1 AS is_again,
                       o.oco_group_id IS NOT NULL OR o.parent_order_id IS NOT NULL
                         OR EXISTS (SELECT FROM trading.orders AS c WHERE c.portfolio_id = n.portfolio_id AND c.parent_order_id = o.order_id)
                         OR b.closes AND EXISTS (SELECT FROM trading.orders AS c WHERE c.portfolio_id = n.portfolio_id
                                                    AND c.instrument_id = o.instrument_id AND c.closed_at IS NULL AND c.reduce_only) AS is_linked,
                       b.closes AND EXISTS (SELECT FROM risk.protections) AS is_watched
                  FROM unnest(p_reports) WITH ORDINALITY AS n
                  JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
                  JOIN ledger.books AS k ON k.portfolio_id = n.portfolio_id
                  LEFT JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id
                        AND o.order_id = coalesce(n.order_id, (SELECT c.order_id FROM trading.orders AS c
                                                                WHERE c.portfolio_id = n.portfolio_id AND c.client_order_id = n.client_order_id))
                        AND (n.client_order_id IS NULL OR o.client_order_id = n.client_order_id)
                  LEFT JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
                  LEFT JOIN market.quotes AS q ON q.instrument_id = o.instrument_id
                  LEFT JOIN trading.positions AS s ON s.portfolio_id = n.portfolio_id AND s.instrument_id = o.instrument_id
                  LEFT JOIN trading.fills AS x ON x.portfolio_id = n.portfolio_id AND x.broker = coalesce(n.broker, p.broker)
                                              AND x.execution_id = n.execution_id
                  CROSS JOIN LATERAL (SELECT s.quantity * CASE o.side WHEN 'sell' THEN 1 ELSE -1 END > 0 AS closes) AS b
                  CROSS JOIN LATERAL (
                    SELECT array_agg(t.account_id ORDER BY t.kind) AS accounts,
                           sum(l.credits_posted - l.debits_posted - l.debits_pending) FILTER (WHERE t.kind = 'cash') AS available
                      FROM ledger.accounts AS t JOIN ledger.balances AS l USING (portfolio_id, account_id)
                     WHERE t.portfolio_id = n.portfolio_id AND t.currency = i.currency) AS a
              ) AS f
              -- What makes no sense, whatever the order.
              CROSS JOIN LATERAL (
                SELECT t.*, f.filled_before + t.size AS filled, f.value_before + t.value AS filled_value,
                       f.maker_before + CASE f.liquidity WHEN 'maker' THEN t.value ELSE 0 END AS maker_value,
                       CASE WHEN f.target_id IS NULL THEN 'order'
                            WHEN (t.size > 0 AND t.size < 1e10 AND t.paid_price > 0 AND t.paid_price < 1e10 AND coalesce(f.fee, 0) >= 0
                                  AND coalesce(f.fee, 0) < 1e20 AND isfinite(f.at) AND f.at_broker <> '' AND f.execution_id <> '') IS NOT TRUE THEN 'report'
                            WHEN f.is_known AND ((f.known_order_id, f.known_quantity, f.known_price) IS DISTINCT FROM (f.target_id, t.size, t.paid_price)
                                                 OR f.known_fee <> round(f.fee, 8)) THEN 'execution' END AS fault
                  FROM (SELECT r.*, round(r.size * r.paid_price * f.multiplier, 8) AS value
                          FROM (SELECT round(f.quantity, 8) AS size, round(f.price, 8) AS paid_price) AS r) AS t
                OFFSET 0) AS x1
              CROSS JOIN LATERAL (
                SELECT CASE WHEN x1.fault IS NOT NULL OR f.is_known THEN NULL
                            WHEN f.closed_at IS NOT NULL OR f.from_status IN ('held', 'pending_approval') THEN 'TR210'
                            WHEN x1.filled > f.ordered THEN 'TR208'
                            WHEN f.reduce_only AND x1.size > greatest(CASE f.side WHEN 'sell' THEN f.held ELSE -f.held END, 0) THEN 'TR220' END AS first_code,
                       CASE f.side WHEN 'buy' THEN 1 ELSE -1 END AS direction
                OFFSET 0) AS x2
              LEFT JOIN LATERAL internal.move_position(f.side, x1.size, x1.value, f.held, f.cost, f.margin, f.i) AS x3
                     ON x1.fault IS NULL AND NOT f.is_known AND x2.first_code IS NULL
              -- The order pays for all of it that has filled, the fill the difference.
              CROSS JOIN LATERAL (
                SELECT t.lines, coalesce((SELECT sum(l) FROM unnest(t.lines) AS l), 0) AS fee_sum
                  FROM (SELECT CASE WHEN x3.closed IS NULL THEN NULL
                                    WHEN f.fee IS NOT NULL THEN ARRAY[round(f.fee, 8)]
                                    ELSE (SELECT array_agg(greatest(l.amount - coalesce(f.fee_lines[l.n], 0), 0) ORDER BY l.n)
                                            FROM unnest(trading.order_fees(f.fee_schedule, f.submitted_at, f.side, f.product, x1.filled - f.busted,
                                                                           x1.filled_value, x1.maker_value)) WITH ORDINALITY AS l (amount, n))
                                    END AS lines
                        OFFSET 0) AS t
                OFFSET 0) AS x4
              CROSS JOIN LATERAL (
                SELECT CASE WHEN f.reserved = 0 OR x1.filled >= f.ordered OR x3.closed IS NULL THEN 0
                            ELSE least(f.reserved, internal.reserved_need(f.fee_schedule, f.submitted_at, f.side, f.product, f.ordered, x1.filled, f.busted,
                                                    x1.filled_value, x1.maker_value, f.fees + x4.fee_sum, f.opening_quantity, f.reserve_price, f.i)) END AS need,
                       CASE WHEN x3.closed > 0
                            THEN internal.find_closures(f.portfolio_id, f.instrument_id, x3.closed, x3.closed_value, f.number, f.at) END AS closures
                OFFSET 0) AS x5
          ) AS c
      ) AS m
      CROSS JOIN LATERAL (
        SELECT coalesce(m.first_code, CASE WHEN m.fault IS NULL AND NOT m.is_known AND m.free + m.reserved - m.need + m.cash < m.fee_sum
                                           THEN 'TR401' END) AS code OFFSET 0) AS s);
END
$$;
COMMENT ON FUNCTION internal.decide_fills(internal.fill_report[]) IS
  'What becomes of executions, one decision for each in their order, as if all before it were booked: fill, order, position, lots and ledger after it; or why its order or the cash cannot take it. The first decision that is not booked is the last that counts (internal.record_fills), and one that is_alone counts only when it is the first. Nothing is written.';
