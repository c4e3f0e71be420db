-- reads trading.portfolios, trading.positions, trading.orders, trading.fee_schedules, market.instruments, market.quotes, ledger.books,
-- ledger.accounts, ledger.balances, strategy.agents, strategy.strategies, risk.limits, risk.halts, risk.locks and what the rules in force
-- need; the caller holds the portfolios' locks; errors TR205, TR212 of a child
-- refusals TR105, TR107, TR220, TR225, TR226, TR240, TR3xx, TR401, TR402
CREATE OR REPLACE FUNCTION internal.decide_orders(p_orders internal.order_terms[], p_explain boolean DEFAULT false)
RETURNS internal.order_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- One statement: PL/pgSQL prepares each of its expressions anew in every transaction, and there would be a hundred. Each step reads what
  -- the steps before it have found; OFFSET 0 keeps the planner from computing one for each of its readers.
  RETURN (
    SELECT array_agg(ROW (
             m.number, s.status, m.size, m.planned_size, m.stop, m.group_id, m.ends_at, m.active_at, coalesce(m.opening, 0), m.reserve_price,
             CASE WHEN s.is_accepted AND m.cost > 0 THEN
               ROW (m.portfolio_id, m.cash_id, m.reserved_for_id, m.cost, m.money, 'reservation', NULL, 'pending', m.at, m.number, NULL, NULL, NULL,
                    NULL)::internal.movement END,
             CASE WHEN s.is_accepted AND m.cost > 0 THEN m.next_transfer_id + m.reservations_ahead END,
             CASE WHEN NOT s.is_accepted THEN 0
                  WHEN m.oco_group_id IS NULL THEN m.unfilled
                  ELSE trading.group_open(m.portfolio_id, m.group_id, m.number, m.oco_leg, m.unfilled) - m.group_open END,
             s.code,
             CASE s.code
               WHEN 'TR107' THEN format('%s takes no new orders', m.symbol)
               WHEN 'TR105' THEN format('no price of %s is known', m.symbol)
               WHEN 'TR240' THEN format('the fee schedule "%s" has no terms for %s', m.fee_schedule, (m.submitted_at AT TIME ZONE 'UTC')::date)
               WHEN 'TR220' THEN format('%s %s can be closed, the order is of %s and may only reduce',
                                        trim_scale(greatest(m.capacity, 0)), m.symbol, trim_scale(m.size))
               WHEN 'TR402' THEN format('%s %s are held, %s of them promised to open sells, %s are to be sold',
                                        trim_scale(m.held), m.symbol, trim_scale(m.sells), trim_scale(m.size))
               WHEN 'TR225' THEN format('%s is dealt on margin, the portfolio has a cash account', m.symbol)
               WHEN 'TR226' THEN format('%s cannot be sold short; %s more than can be closed', m.symbol, trim_scale(m.opening))
               WHEN 'TR401' THEN format('%s %s are available, %s are needed', trim_scale(coalesce(m.free, 0)), m.money, trim_scale(m.cost))
               ELSE CASE WHEN s.code IS NOT NULL THEN (m.rules).reason END END,
             m.multiplier, m.kind = 'future', m.money <> m.base, m.exchange_id, m.rules, m.fault, m.is_known,
             m.is_twice OR num_nonnulls(m.parent_order_id, m.oco_group_id, m.replaces_order_id) > 0
               OR m.limits IS NOT NULL AND internal.reads_orders(m.limits))::internal.order_decision ORDER BY m.ordinality)
      FROM (
        SELECT c.*,
               -- What was decided before it takes its money first.
               c.available - coalesce(sum(c.cost) OVER (PARTITION BY c.portfolio_id, c.cash_id ORDER BY c.ordinality
                                                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS free,
               count(*) FILTER (WHERE c.cost > 0) OVER (PARTITION BY c.portfolio_id ORDER BY c.ordinality
                                                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reservations_ahead
          FROM (
            SELECT f.*, x1.*, x2.*, x3.*, x4.*, x5.*, x6.*,
                   CASE WHEN x4.opening > 0 AND NOT x3.waits AND x1.fault IS NULL AND NOT f.is_known AND coalesce(x5.first_code, (x6.rules).code) IS NULL
                        THEN internal.opening_cost(f.side, x4.opening, x4.reserve_price, f.i, x5.fees, f.paid) ELSE 0 END AS cost
              FROM (
                -- What there is.
                SELECT n.*, i, i.symbol, i.kind, i.lot_size, i.tick_size, i.multiplier, i.currency AS money, i.sector, i.exchange_id, i.is_active,
                       i.is_shortable, i.expires_on, p.currency AS base, p.broker, p.account_type, p.fee_schedule, p.market_order_buffer,
                       p.requires_approval OR coalesce(g.requires_approval, false) AS needs_approval, k.next_order_id, k.next_transfer_id,
                       c.account_id AS cash_id, r.account_id AS reserved_for_id, q.last::numeric AS last_price, coalesce(s.quantity, 0) AS held,
                       b.credits_posted - b.debits_posted - b.debits_pending + coalesce(x.reserved, 0) AS available,
                       n.order_id IS NULL AND EXISTS (SELECT FROM trading.orders AS d WHERE d.portfolio_id = n.portfolio_id
                                                                                        AND d.client_order_id = n.client_order_id) AS is_known,
                       x.status AS former_status, coalesce(x.filled_quantity, 0) AS filled, coalesce(x.filled_value, 0) AS filled_value,
                       coalesce(x.maker_value, 0) AS maker_value, coalesce(x.busted_quantity, 0) AS busted, coalesce(x.fees, 0) AS paid,
                       u.subjects, l.limits,
                       EXISTS (SELECT FROM risk.halts AS h WHERE h.subject = ANY (u.subjects) AND h.resumed_at IS NULL)
                         OR EXISTS (SELECT FROM risk.locks AS h WHERE h.portfolio_id = n.portfolio_id AND h.released_at IS NULL) AS has_stops,
                       row_number() OVER (PARTITION BY n.portfolio_id ORDER BY n.ordinality) - 1 AS orders_ahead,
                       row_number() OVER (PARTITION BY n.portfolio_id, n.client_order_id ORDER BY n.ordinality) > 1 AS is_twice,
                       -- What is open already: what was decided before it counts, it does not count itself.
                       coalesce(s.open_buy_quantity, 0) - CASE n.side WHEN 'buy' THEN o.own ELSE 0 END
                         + coalesce(sum(n.quantity) FILTER (WHERE n.side = 'buy') OVER ahead, 0) AS buys,
                       coalesce(s.open_sell_quantity, 0) - CASE n.side WHEN 'sell' THEN o.own ELSE 0 END
                         + coalesce(sum(n.quantity) FILTER (WHERE n.side = 'sell') OVER ahead, 0) AS sells
                  FROM unnest(p_orders) WITH ORDINALITY AS n
                  JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
                  JOIN ledger.books AS k ON k.portfolio_id = n.portfolio_id
                  LEFT JOIN market.instruments AS i ON i.instrument_id = n.instrument_id
                  LEFT JOIN market.quotes AS q ON q.instrument_id = n.instrument_id
                  LEFT JOIN trading.positions AS s ON s.portfolio_id = n.portfolio_id AND s.instrument_id = n.instrument_id
                  LEFT JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = i.currency AND c.kind = 'cash'
                  -- What is sold short or dealt on margin is backed by collateral, what is bought is paid.
                  LEFT JOIN ledger.accounts AS r ON r.portfolio_id = n.portfolio_id AND r.currency = i.currency
                        AND r.kind = CASE WHEN n.side = 'sell' OR i.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind
                  LEFT JOIN ledger.balances AS b ON b.portfolio_id = n.portfolio_id AND b.account_id = c.account_id
                  LEFT JOIN trading.orders AS x ON x.portfolio_id = n.portfolio_id AND x.order_id = n.order_id
                  LEFT JOIN strategy.agents AS a ON a.portfolio_id = n.portfolio_id AND a.agent_id = n.agent_id
                  LEFT JOIN strategy.strategies AS g ON g.strategy_id = a.strategy_id
                  CROSS JOIN LATERAL (
                    SELECT CASE WHEN x.order_id IS NULL OR x.closed_at IS NOT NULL OR x.status IN ('held', 'pending_approval') THEN 0
                                WHEN x.oco_group_id IS NULL THEN x.quantity - x.filled_quantity
                                ELSE trading.promised(x) - trading.group_open(x.portfolio_id, x.oco_group_id, x.order_id, x.oco_leg, 0) END AS own) AS o
                  CROSS JOIN LATERAL (
                    SELECT ARRAY['system', 'user:' || n.submitted_by, 'portfolio:' || n.portfolio_id, 'instrument:' || n.instrument_id,
                                 'sector:' || i.sector, 'agent:' || n.agent_id, 'strategy:' || a.strategy_id] AS subjects OFFSET 0) AS u
                  CROSS JOIN LATERAL (
                    SELECT array_agg(t ORDER BY t.metric, t.bound, t.limit_id) AS limits FROM risk.limits AS t
                     WHERE t.subject = ANY (u.subjects) AND (t.instrument_id IS NULL OR t.instrument_id = n.instrument_id)) AS l
                WINDOW ahead AS (PARTITION BY n.portfolio_id, n.instrument_id ORDER BY n.ordinality ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
              ) AS f
              -- What makes no sense, whatever the market and the books. An order that is judged again was sound.
              CROSS JOIN LATERAL (
                SELECT CASE
                  WHEN f.order_id IS NOT NULL THEN NULL
                  WHEN f.symbol IS NULL THEN 'instrument'
                  WHEN num_nulls(f.side, f.type, f.time_in_force, f.product, f.client_order_id) > 0 THEN 'missing'
                  WHEN isfinite(f.submitted_at) IS NOT TRUE THEN 'time'
                  -- Splits and brokers leave fractions of a lot behind: they may be sold (bought back) with the whole position, and stay in
                  -- an order that is replaced.
                  WHEN (f.quantity > 0 AND (f.quantity % f.lot_size = 0 OR f.quantity = CASE f.side WHEN 'sell' THEN f.held ELSE -f.held END
                        OR f.replaces_order_id IS NOT NULL AND f.quantity = internal.unfilled_quantity(f.portfolio_id, f.replaces_order_id))) IS NOT TRUE
                    THEN 'quantity'
                  WHEN (f.limit_price IS NOT NULL) <> (f.type IN ('limit', 'stop_limit', 'limit_if_touched'))
                       OR (f.stop_price IS NOT NULL) <> (f.type IN ('stop', 'stop_limit', 'limit_if_touched')) AND f.type <> 'trailing_stop'
                       OR num_nonnulls(f.trail_amount, f.trail_percent) <> (f.type = 'trailing_stop')::int THEN 'prices'
                  WHEN f.limit_price <= 0 OR f.stop_price <= 0 OR f.trail_amount <= 0 OR f.trail_percent NOT BETWEEN 0.00000001 AND 99.99999999
                       OR f.limit_price % f.tick_size <> 0 OR f.stop_price % f.tick_size <> 0 OR f.trail_amount % f.tick_size <> 0 THEN 'grid'
                  WHEN f.time_in_force <> 'gtd' AND f.expires_at IS NOT NULL
                       OR f.time_in_force = 'gtd' AND (f.expires_at > f.submitted_at) IS NOT TRUE THEN 'expiry'
                  WHEN f.time_in_force IN ('at_open', 'at_close') AND f.type NOT IN ('market', 'limit')
                       OR f.post_only AND (f.type <> 'limit' OR f.time_in_force IN ('ioc', 'fok', 'at_open', 'at_close')) THEN 'combination'
                  WHEN num_nonnulls(f.oco_group_id, f.oco_leg) > 0 AND NOT f.is_known AND NOT internal.links_fit(p_orders[f.ordinality::int]) THEN 'links'
                  END AS fault OFFSET 0) AS x1
              -- Its number, its price, its size: a child lives by its parent's fills.
              CROSS JOIN LATERAL (
                SELECT w.*, CASE w.grown WHEN 0 THEN f.quantity ELSE coalesce(w.grown, f.quantity) END AS size,
                       CASE WHEN w.grown IS NOT NULL THEN f.quantity END AS planned_size,
                       CASE WHEN f.type = 'trailing_stop' AND f.stop_price IS NULL AND w.price IS NOT NULL
                            THEN trading.trail_price(f.side, f.trail_amount, f.trail_percent, w.price, f.tick_size) ELSE f.stop_price END AS stop,
                       CASE f.oco_group_id WHEN 0 THEN w.number ELSE f.oco_group_id END AS group_id,
                       CASE WHEN f.oco_group_id > 0 THEN trading.group_open(f.portfolio_id, f.oco_group_id, w.number, f.oco_leg, 0) ELSE 0 END AS group_open
                  FROM (SELECT coalesce(f.order_id, f.next_order_id + f.orders_ahead) AS number,
                               CASE WHEN x1.fault IS NOT NULL THEN NULL
                                    ELSE coalesce(f.limit_price, f.stop_price, f.last_price, trading.reference_price(f.instrument_id, f.at)) END AS price,
                               CASE WHEN x1.fault IS NULL AND f.order_id IS NULL AND f.parent_order_id IS NOT NULL AND NOT f.is_known
                                    THEN trading.child_quantity(f.portfolio_id, f.parent_order_id, f.quantity, 0, f.lot_size) END AS grown
                        OFFSET 0) AS w
                OFFSET 0) AS x2
              -- What it waits for, and what it closes.
              CROSS JOIN LATERAL (
                SELECT x2.size - f.filled AS unfilled, coalesce(f.limit_price, x2.stop, x2.price) AS reference,
                       x2.grown IS NOT DISTINCT FROM 0
                         OR f.needs_approval AND f.approved_by IS NULL AND NOT f.reduce_only
                            AND coalesce(f.former_status IN ('held', 'pending_approval'), true)
                            AND NOT risk.reduces_position(f.side, x2.size, f.held, f.buys, f.sells) AS waits,
                       CASE f.side WHEN 'sell' THEN f.held - f.sells ELSE -f.held - f.buys END
                         -- What the position keeps for the other legs serves this one too; what it keeps for its own leg does not.
                         + CASE WHEN f.oco_group_id > 0
                                THEN x2.group_open - internal.leg_open(f.portfolio_id, f.oco_group_id, f.oco_leg, x2.number) ELSE 0 END AS capacity
                OFFSET 0) AS x3
              CROSS JOIN LATERAL (
                SELECT o.opening,
                       -- What a market buy may lose on the way is reserved too.
                       round(CASE WHEN o.opening = 0 THEN NULL WHEN f.limit_price IS NOT NULL OR f.side = 'sell' THEN x3.reference
                                  ELSE x3.reference * (1 + f.market_order_buffer) END, 8) AS reserve_price
                  FROM (SELECT greatest(x3.unfilled - greatest(x3.capacity, 0), 0) AS opening) AS o
                OFFSET 0) AS x4
              CROSS JOIN LATERAL (
                SELECT t.*, CASE WHEN x1.fault IS NOT NULL THEN NULL
                                 WHEN NOT f.is_active OR f.at >= market.day_start(f.exchange_id, f.expires_on + 1) THEN 'TR107'
                                 WHEN x3.reference IS NULL AND x4.opening > 0 OR x2.stop IS NULL AND f.type = 'trailing_stop' THEN 'TR105'
                                 WHEN t.fees IS NULL THEN 'TR240'
                                 WHEN f.reduce_only AND x4.opening > 0 THEN 'TR220' END AS first_code
                  FROM (SELECT CASE WHEN x1.fault IS NULL AND NOT f.is_known AND (NOT x3.waits OR p_explain) THEN trading.order_fees(
                                      f.fee_schedule, f.submitted_at, f.side, f.product, x2.size - f.busted,
                                      f.filled_value + round(x3.unfilled * x4.reserve_price * f.multiplier, 8), f.maker_value) END AS fees,
                               CASE WHEN f.order_id IS NOT NULL OR x1.fault IS NOT NULL THEN f.expires_at
                                    WHEN f.time_in_force = 'day' THEN coalesce(market.session_close(f.exchange_id, f.submitted_at),
                                                                               f.submitted_at + interval '1 day')
                                    WHEN f.time_in_force = 'at_open' THEN market.session_open(f.exchange_id, f.submitted_at) + interval '1 hour'
                                    WHEN f.time_in_force = 'at_close' THEN market.session_close(f.exchange_id, f.submitted_at) + interval '1 hour'
                                    ELSE f.expires_at END AS ends_at
                        OFFSET 0) AS t
                OFFSET 0) AS x5
              CROSS JOIN LATERAL (
                SELECT CASE WHEN f.time_in_force IN ('at_open', 'at_close') AND f.order_id IS NULL THEN x5.ends_at - interval '1 hour' END AS active_at,
                       -- Nearly always there is no rule; what only closes is judged by its limit price alone.
                       CASE WHEN (f.limits IS NOT NULL OR f.has_stops) AND x1.fault IS NULL AND NOT f.is_known
                                 AND (p_explain OR NOT x3.waits AND x5.first_code IS NULL AND (x4.opening > 0 OR f.limit_price IS NOT NULL))
                            THEN internal.check_rules(
                                   p_orders[f.ordinality::int], x2.number, x3.unfilled, x4.opening,
                                   CASE f.side WHEN 'buy' THEN f.held + f.buys + x3.unfilled ELSE f.held - f.sells - x3.unfilled END, x3.reference,
                                   x3.reference * f.multiplier * CASE f.money WHEN f.base THEN 1 ELSE risk.rate(f.money, f.base, f.at) END,
                                   f.base, f.sector, f.exchange_id, f.last_price, f.limits, f.subjects, f.has_stops, p_explain) END AS rules
                OFFSET 0) AS x6
          ) AS c
      ) AS m
      CROSS JOIN LATERAL (
        SELECT t.*, t.code IS NULL AND m.fault IS NULL AND NOT m.is_known AND NOT m.waits AS is_accepted,
               CASE WHEN m.grown = 0 THEN 'held' WHEN m.waits THEN 'pending_approval' WHEN t.code IS NOT NULL THEN 'rejected'
                    WHEN m.broker LIKE 'paper%' THEN 'accepted' ELSE 'pending_submit' END::trading.order_status AS status
          FROM (SELECT CASE WHEN m.waits AND NOT p_explain THEN NULL
                            ELSE coalesce(m.first_code, (m.rules).code,
                              CASE WHEN m.opening = 0 THEN NULL
                                   WHEN m.account_type = 'cash' AND m.side = 'sell' AND m.kind <> 'future' THEN 'TR402'
                                   WHEN m.account_type = 'cash' AND m.kind = 'future' THEN 'TR225'
                                   WHEN m.side = 'sell' AND NOT m.is_shortable AND m.kind <> 'future' THEN 'TR226'
                                   WHEN (m.cost < 1e20 AND m.cost <= m.free) IS NOT TRUE THEN 'TR401' END) END AS code OFFSET 0) AS t
        OFFSET 0) AS s);
END
$$;
COMMENT ON FUNCTION internal.decide_orders(internal.order_terms[], boolean) IS
  'What becomes of orders, one decision for each in their order, as if all before it were accepted: accepted (pending_submit when it goes to a real broker) with what it reserves, or rejected with code and figures; held while its parent has not filled, pending_approval while it waits for a second person. The first decision that is anything else than accepted is the last that counts (internal.submit_orders), and one that is_alone counts only when it is the first. Nothing is written. p_explain: also what waits is judged, and verdicts tell of all rules.';
