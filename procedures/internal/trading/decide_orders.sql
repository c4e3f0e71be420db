-- reads trading.portfolios, trading.positions, trading.orders, trading.fee_schedules, market.instruments, market.quotes, ledger.portfolio_clocks,
-- ledger.accounts, ledger.balances, strategy.agents, strategy.strategies, risk.limits, risk.halts, risk.locks and what the rules in force
-- need; the caller holds the portfolios' locks; errors TR205, TR212 of a child
-- refusals TR105, TR107, TR220, TR225, TR226, TR240, TR3xx, TR401, TR402
CREATE OR REPLACE FUNCTION internal.decide_orders(
  p_orders internal.order_terms[], p_ahead internal.orders_ahead[] DEFAULT NULL, p_explain boolean DEFAULT false)
RETURNS internal.order_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- One statement: PL/pgSQL prepares each of its expressions anew in every transaction, and there would be a hundred. Each step reads what
  -- the steps before it have found; OFFSET 0 keeps the planner from computing one for each of its readers.
  RETURN ARRAY(
    SELECT ROW (
             greatest(k.stream_xid, pg_current_xact_id_if_assigned()),
             x3.number, s.status, x4.size, CASE WHEN x3.grown IS NOT NULL THEN n.quantity END,
             -- A trailing stop that waits finds its place when it comes to life.
             CASE WHEN x5.is_judged THEN x4.stop ELSE n.stop_price END,
             CASE n.oco_group_id WHEN 0 THEN x3.number ELSE n.oco_group_id END, x6.ends_at,
             CASE WHEN n.order_id IS NULL AND n.time_in_force IN ('at_open', 'at_close') THEN x6.ends_at - interval '1 hour' END,
             CASE WHEN x5.is_judged THEN coalesce(x5.opening, 0) ELSE 0 END,
             CASE WHEN x5.is_judged THEN x5.reserve_price END,
             CASE WHEN s.is_accepted AND x8.need > 0
                  THEN ROW (n.portfolio_id, c.account_id, r.account_id, x8.need, i.currency, 'reservation', NULL, 'pending', n.at, x3.number, NULL, NULL, NULL,
                            NULL)::internal.movement END,
             CASE WHEN s.is_accepted AND x8.need > 0 THEN k.next_transfer_id END, b.credits_posted - b.debits_posted - b.debits_pending + n.reserved,
             CASE WHEN NOT s.is_accepted THEN 0
                  WHEN n.oco_group_id IS NULL THEN x4.size - n.filled
                  ELSE internal.group_open_quantity(n.portfolio_id, CASE n.oco_group_id WHEN 0 THEN x3.number ELSE n.oco_group_id END, x3.number, n.oco_leg,
                                          x4.size - n.filled) - x3.group_open END,
             s.code,
             CASE s.code
               WHEN 'TR107' THEN format('%s takes no new orders', i.symbol)
               WHEN 'TR105' THEN format('no price of %s is known', i.symbol)
               WHEN 'TR240' THEN format('the fee schedule "%s" has no terms for %s', p.fee_schedule, (n.submitted_at AT TIME ZONE 'UTC')::date)
               WHEN 'TR220' THEN format('%s %s can be closed, the order is of %s and may only reduce',
                                        trim_scale(greatest(x4.capacity, 0)), i.symbol, trim_scale(x4.size))
               WHEN 'TR402' THEN format('%s %s are held, %s of them promised to open sells, %s are to be sold',
                                        trim_scale(x2.held), i.symbol, trim_scale(x2.sells), trim_scale(x4.size))
               WHEN 'TR225' THEN format('%s is dealt on margin, the portfolio has a cash account', i.symbol)
               WHEN 'TR226' THEN format('%s cannot be sold short; %s more than can be closed', i.symbol, trim_scale(x5.opening))
               WHEN 'TR401' THEN format('%s %s are available, %s are needed', trim_scale(coalesce(b.credits_posted - b.debits_posted - b.debits_pending + n.reserved, 0)),
                                        i.currency, trim_scale(x8.need))
               ELSE CASE WHEN s.code IS NOT NULL THEN (x7.rules).reason END END,
             i.multiplier, i.kind = 'future', i.currency <> p.currency, i.exchange_id, x7.rules, x2.fault, x2.is_known, (x7.rules).verdicts IS NOT NULL OR ((x7.rules).peak).portfolio_id IS NOT NULL,
             n.is_again OR num_nonnulls(n.parent_order_id, n.oco_group_id, n.replaces_order_id) > 0
               OR x1.limits IS NOT NULL AND internal.reads_orders(x1.limits))::internal.order_decision
      -- What there is.
      FROM ROWS FROM (unnest(p_orders), unnest(p_ahead)) WITH ORDINALITY AS n
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.portfolio_clocks AS k ON k.portfolio_id = n.portfolio_id
      LEFT JOIN market.instruments AS i ON i.instrument_id = n.instrument_id
      LEFT JOIN market.quotes AS q ON q.instrument_id = n.instrument_id
      LEFT JOIN trading.positions AS h ON h.portfolio_id = n.portfolio_id AND h.instrument_id = n.instrument_id
      LEFT JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = i.currency AND c.kind = 'cash'
      -- What is sold short or dealt on margin is backed by collateral, what is bought is paid.
      LEFT JOIN ledger.accounts AS r ON r.portfolio_id = n.portfolio_id AND r.currency = i.currency
            AND r.kind = CASE WHEN n.side = 'sell' OR i.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind
      LEFT JOIN ledger.balances AS b ON b.portfolio_id = n.portfolio_id AND b.account_id = c.account_id
      CROSS JOIN LATERAL (
        SELECT u.subjects, u.strategy,
               (SELECT array_agg(t ORDER BY t.metric, t.bound, t.limit_id) FROM risk.limits AS t
                 WHERE t.subject = ANY (u.subjects) AND (t.instrument_id IS NULL OR t.instrument_id = n.instrument_id)) AS limits,
               EXISTS (SELECT FROM risk.halts AS z WHERE z.subject = ANY (u.subjects) AND z.resumed_at IS NULL)
                 OR EXISTS (SELECT FROM risk.locks AS z WHERE z.portfolio_id = n.portfolio_id AND z.released_at IS NULL) AS has_stops,
               n.order_id IS NULL AND EXISTS (SELECT FROM trading.orders AS d WHERE d.portfolio_id = n.portfolio_id
                                                                                AND d.client_order_id = n.client_order_id) AS is_known
          FROM (SELECT g.strategy, ARRAY['system', 'user:' || n.submitted_by, 'portfolio:' || n.portfolio_id, 'instrument:' || n.instrument_id,
                                         'sector:' || i.sector, 'agent:' || n.agent_id, 'strategy:' || (g.strategy).strategy_id] AS subjects
                  FROM (SELECT CASE WHEN n.agent_id IS NOT NULL THEN internal.agent_strategy(n.portfolio_id, n.agent_id) END AS strategy OFFSET 0) AS g
                OFFSET 0) AS u
        OFFSET 0) AS x1
      CROSS JOIN LATERAL (
        SELECT coalesce(h.quantity, 0) AS held, x1.is_known,
               -- What is open already: what was decided before it counts, it does not count itself.
               coalesce(h.open_buy_quantity, 0) + coalesce(n.buys, 0) - CASE n.side WHEN 'buy' THEN n.own ELSE 0 END AS buys,
               coalesce(h.open_sell_quantity, 0) + coalesce(n.sells, 0) - CASE n.side WHEN 'sell' THEN n.own ELSE 0 END AS sells,
               -- What makes no sense, whatever the market and the books. An order that is judged again was sound.
               CASE
                 WHEN n.order_id IS NOT NULL OR x1.is_known THEN NULL
                 WHEN i.symbol IS NULL THEN 'instrument'
                 WHEN num_nulls(n.side, n.type, n.time_in_force, n.product, n.client_order_id) > 0 THEN 'missing'
                 WHEN isfinite(n.submitted_at) IS NOT TRUE THEN 'time'
                 -- Splits and brokers leave fractions of a lot behind: they may be sold (bought back) with the whole position, and stay in an
                 -- order that is replaced.
                 WHEN (n.quantity > 0 AND (n.quantity % i.lot_size = 0 OR n.quantity = CASE n.side WHEN 'sell' THEN h.quantity ELSE -h.quantity END
                       OR n.replaces_order_id IS NOT NULL AND n.quantity = internal.leaves_quantity(n.portfolio_id, n.replaces_order_id))) IS NOT TRUE
                   THEN 'quantity'
                 WHEN (n.limit_price IS NOT NULL) <> (n.type IN ('limit', 'stop_limit', 'limit_if_touched'))
                      OR (n.stop_price IS NOT NULL) <> (n.type IN ('stop', 'stop_limit', 'limit_if_touched')) AND n.type <> 'trailing_stop'
                      OR num_nonnulls(n.trail_amount, n.trail_percent) <> (n.type = 'trailing_stop')::int THEN 'prices'
                 WHEN n.limit_price <= 0 OR n.stop_price <= 0 OR n.trail_amount <= 0 OR n.trail_percent NOT BETWEEN 0.00000001 AND 99.99999999
                      OR n.limit_price % i.tick_size <> 0 OR n.stop_price % i.tick_size <> 0 OR n.trail_amount % i.tick_size <> 0 THEN 'grid'
                 WHEN n.time_in_force <> 'gtd' AND n.expires_at IS NOT NULL
                      OR n.time_in_force = 'gtd' AND (n.expires_at > n.submitted_at) IS NOT TRUE THEN 'expiry'
                 WHEN n.time_in_force IN ('at_open', 'at_close') AND n.type NOT IN ('market', 'limit')
                      OR n.post_only AND (n.type <> 'limit' OR n.time_in_force IN ('ioc', 'fok', 'at_open', 'at_close')) THEN 'combination'
                 WHEN num_nonnulls(n.oco_group_id, n.oco_leg) > 0 AND NOT internal.links_fit(p_orders[n.ordinality::int]) THEN 'links'
                 END AS fault
        OFFSET 0) AS x2
      -- Its number; the price at which it is judged, its own or else the latest; a child lives by its parent's fills.
      CROSS JOIN LATERAL (
        SELECT coalesce(n.order_id, k.next_order_id + coalesce(n.orders, 0)) AS number,
               CASE WHEN x2.fault IS NULL AND NOT x2.is_known
                    THEN coalesce(n.limit_price, n.stop_price, q.last::numeric, internal.reference_price(n.instrument_id, n.at)) END AS price,
               CASE WHEN n.parent_order_id IS NOT NULL AND n.order_id IS NULL AND x2.fault IS NULL AND NOT x2.is_known
                    THEN internal.child_quantity(n.portfolio_id, n.parent_order_id, n.quantity, 0, i.lot_size) END AS grown,
               CASE WHEN n.oco_group_id > 0 THEN internal.group_open_quantity(n.portfolio_id, n.oco_group_id, coalesce(n.order_id, 0), n.oco_leg, 0) ELSE 0 END AS group_open
        OFFSET 0) AS x3
      -- Its size, what it waits for, and what it closes.
      CROSS JOIN LATERAL (
        SELECT CASE WHEN x3.grown > 0 THEN x3.grown ELSE n.quantity END AS size,
               CASE WHEN n.type <> 'trailing_stop' OR n.stop_price IS NOT NULL OR x3.price IS NULL THEN n.stop_price
                    ELSE internal.trail_price(n.side, n.trail_amount, n.trail_percent, x3.price, i.tick_size) END AS stop,
               x3.grown = 0
                 OR (p.requires_approval OR (x1.strategy).requires_approval IS TRUE) AND n.approved_by IS NULL AND NOT n.reduce_only
                    AND (n.order_id IS NULL OR n.is_asleep)
                    AND NOT internal.reduces_position(n.side, CASE WHEN x3.grown > 0 THEN x3.grown ELSE n.quantity END, x2.held, x2.buys, x2.sells) AS waits,
               CASE n.side WHEN 'sell' THEN x2.held - x2.sells ELSE -x2.held - x2.buys END
                 -- What the position keeps for the other legs serves this one too; what it keeps for its own leg does not.
                 + CASE WHEN n.oco_group_id > 0 THEN x3.group_open - internal.leg_open(n.portfolio_id, n.oco_group_id, n.oco_leg, coalesce(n.order_id, 0))
                        ELSE 0 END AS capacity
        OFFSET 0) AS x4
      CROSS JOIN LATERAL (
        SELECT t.opening, coalesce(n.limit_price, x4.stop, x3.price) AS reference, x2.fault IS NULL AND NOT x2.is_known AND (x4.waits IS NOT TRUE OR p_explain) AS is_judged,
               -- What a market buy may lose on the way is reserved too.
               round(CASE WHEN t.opening = 0 THEN NULL WHEN n.limit_price IS NOT NULL OR n.side = 'sell' THEN coalesce(n.limit_price, x4.stop, x3.price)
                          ELSE coalesce(x4.stop, x3.price) * (1 + p.market_order_buffer) END, 8) AS reserve_price
          FROM (SELECT greatest(x4.size - n.filled - greatest(x4.capacity, 0), 0) AS opening) AS t
        OFFSET 0) AS x5
      CROSS JOIN LATERAL (
        SELECT CASE WHEN x5.is_judged THEN trading.order_fees(
                      p.fee_schedule, n.submitted_at, n.side, n.product, x4.size - n.busted,
                      n.filled_value + round((x4.size - n.filled) * x5.reserve_price * i.multiplier, 8), n.maker_value) END AS fees,
               CASE WHEN n.order_id IS NOT NULL OR x2.fault IS NOT NULL OR x2.is_known THEN n.expires_at
                    WHEN n.time_in_force = 'day' THEN coalesce(market.session_close(i.exchange_id, n.submitted_at), n.submitted_at + interval '1 day')
                    WHEN n.time_in_force = 'at_open' THEN market.session_open(i.exchange_id, n.submitted_at) + interval '1 hour'
                    WHEN n.time_in_force = 'at_close' THEN market.session_close(i.exchange_id, n.submitted_at) + interval '1 hour'
                    ELSE n.expires_at END AS ends_at
        OFFSET 0) AS x6
      CROSS JOIN LATERAL (
        -- Nearly always there is no rule; what only closes is judged by its limit price alone.
        SELECT t.code, CASE WHEN (x1.limits IS NOT NULL OR x1.has_stops) AND x5.is_judged
                                 AND (p_explain OR t.code IS NULL AND (x5.opening > 0 OR n.limit_price IS NOT NULL))
                            THEN internal.check_rules(
                                   p_orders[n.ordinality::int], x3.number, x4.size - n.filled, x5.opening,
                                   CASE n.side WHEN 'buy' THEN x2.held + x2.buys + x4.size - n.filled ELSE x2.held - x2.sells - x4.size + n.filled END,
                                   x5.reference,
                                   x5.reference * i.multiplier * CASE i.currency WHEN p.currency THEN 1 ELSE internal.measuring_rate(i.currency, p.currency, n.at) END,
                                   p.currency, i.sector, i.exchange_id, q.last::numeric, x1.limits, x1.subjects, x1.has_stops, p_explain) END AS rules
          FROM (SELECT CASE WHEN NOT x5.is_judged THEN NULL
                            WHEN NOT i.is_active OR n.at >= market.day_start(i.exchange_id, i.expires_on + 1) THEN 'TR107'
                            WHEN x5.reference IS NULL AND x5.opening > 0 OR x4.stop IS NULL AND n.type = 'trailing_stop' THEN 'TR105'
                            WHEN x6.fees IS NULL THEN 'TR240'
                            WHEN n.reduce_only AND x5.opening > 0 THEN 'TR220' END AS code) AS t
        OFFSET 0) AS x7
      CROSS JOIN LATERAL (
        SELECT CASE WHEN x5.opening > 0 AND x5.is_judged AND coalesce(x7.code, (x7.rules).code) IS NULL
                    THEN trading.opening_cost(n.side, x5.opening, x5.reserve_price, i, x6.fees, n.paid) ELSE 0 END AS need
        OFFSET 0) AS x8
      CROSS JOIN LATERAL (
        SELECT t.code, t.code IS NULL AND x5.is_judged AND x4.waits IS NOT TRUE AS is_accepted,
               CASE WHEN x3.grown = 0 THEN 'held' WHEN x4.waits THEN 'pending_approval' WHEN t.code IS NOT NULL THEN 'rejected'
                    WHEN p.is_paper THEN 'accepted' ELSE 'pending_submit' END::trading.order_status AS status
          FROM (SELECT coalesce(x7.code, (x7.rules).code,
                         CASE WHEN x5.opening = 0 OR NOT x5.is_judged THEN NULL
                              WHEN p.account_type = 'cash' AND n.side = 'sell' AND i.kind <> 'future' THEN 'TR402'
                              WHEN p.account_type = 'cash' AND i.kind = 'future' THEN 'TR225'
                              WHEN n.side = 'sell' AND NOT i.is_shortable AND i.kind <> 'future' THEN 'TR226'
                              WHEN (x8.need < 1e20 AND x8.need <= b.credits_posted - b.debits_posted - b.debits_pending + n.reserved) IS NOT TRUE THEN 'TR401'
                              END) AS code) AS t
        OFFSET 0) AS s
     ORDER BY n.ordinality);
END
$$;
COMMENT ON FUNCTION internal.decide_orders(internal.order_terms[], internal.orders_ahead[], boolean) IS
  'What becomes of orders, one decision for each in their order: accepted (pending_submit when it goes to a real broker) with what it reserves, or rejected with code and figures; held while its parent has not filled, pending_approval while it waits for a second person. p_ahead says what of a batch comes before each order; the cash that those take, and the numbers of their reservations, are left to internal.submit_orders. Nothing is written. p_explain: also what waits is judged, and verdicts tell of all rules.';
