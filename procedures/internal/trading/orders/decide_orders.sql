-- reads trading.portfolios, trading.positions, trading.orders, trading.fee_schedules, trading.fee_plans,
-- market.instruments, market.exchanges, market.quotes, ledger.portfolio_clocks, ledger.accounts, ledger.balances,
-- strategy.agents, strategy.strategies, risk.limits, risk.halts, risk.locks and what the rules in force need; the
-- caller holds the portfolios' locks; errors TR205, TR212 of a child
-- refusals TR105, TR107, TR220, TR225, TR226, TR240, TR3xx, TR401, TR402
CREATE OR REPLACE FUNCTION internal.decide_orders(
  p_orders internal.order_terms[], p_ahead internal.orders_ahead[] DEFAULT NULL, p_explain boolean DEFAULT false)
RETURNS internal.order_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_decisions   internal.order_decision[];
  v_found      record;                  -- what there is
  v_order      internal.order_terms;
  v_ahead      internal.orders_ahead;
  v_instrument market.instruments;
  v_portfolio  trading.portfolios;
  v_rules      internal.rule_result;
  v_reservation internal.movement;
  v_number     bigint;
  v_group_id   bigint;
  v_buys       numeric;                 -- open already: what was decided before counts, the order itself does not
  v_sells      numeric;
  v_price      numeric;                 -- at which it is judged, its own or else the latest
  v_reference  numeric;
  v_reserve_at numeric;
  v_grown      numeric;                 -- how much of a child lives by its parent's fills
  v_group_open numeric;
  v_size       numeric;
  v_stop       numeric;
  v_opening    numeric;
  v_capacity   numeric;                 -- what it may close
  v_need       numeric;
  v_fees       numeric;                 -- by how much they may grow
  v_ends_at    timestamptz;
  v_status     trading.order_status;
  v_fault      text;
  v_code       text;
  v_reason     text;
  v_waits      boolean;
  v_is_judged  boolean;
  v_opens      boolean;
  v_is_accepted boolean;
  v_is_alone   boolean;
BEGIN
  -- What there is, in one narrow statement, whose nodes are what a decision costs; the arithmetic is PL/pgSQL's.
  FOR v_found IN
    SELECT n.ordinality::int AS place, p AS portfolio, i AS instrument, k.next_order_id, k.next_transfer_id,
           k.stream_xid AS clock,
           coalesce(h.quantity::numeric, 0) AS held, h.open_buy_quantity::numeric AS buys,
           h.open_sell_quantity::numeric AS sells,
           (SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = n.instrument_id) AS last,
           c.account_id AS cash_id,
           -- What is sold short or dealt on margin is backed by collateral, what is bought is paid.
           (SELECT r.account_id FROM ledger.accounts AS r
             WHERE r.portfolio_id = n.portfolio_id AND r.currency = i.currency
               AND r.kind = CASE WHEN n.side = 'sell' OR i.kind = 'future' THEN 'margin'
                                 ELSE 'securities' END::ledger.account_kind) AS backing_id,
           b.credits_posted - b.debits_posted - b.debits_pending + n.reserved AS available, u.subjects, u.strategy,
           (SELECT array_agg(t ORDER BY t.metric, t.bound, t.limit_id) FROM risk.limits AS t
             WHERE t.subject = ANY (u.subjects)
               AND (t.instrument_id IS NULL OR t.instrument_id = n.instrument_id)) AS limits,
           EXISTS (SELECT FROM risk.halts AS z WHERE z.subject = ANY (u.subjects) AND z.resumed_at IS NULL)
             OR EXISTS (SELECT FROM risk.locks AS z
                         WHERE z.portfolio_id = n.portfolio_id AND z.released_at IS NULL) AS has_stops,
           n.order_id IS NULL
             AND EXISTS (SELECT FROM trading.orders AS d WHERE d.portfolio_id = n.portfolio_id
                                                           AND d.client_order_id = n.client_order_id) AS is_known
      FROM unnest(p_orders) WITH ORDINALITY AS n
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.portfolio_clocks AS k ON k.portfolio_id = n.portfolio_id
      LEFT JOIN market.instruments AS i ON i.instrument_id = n.instrument_id
      LEFT JOIN trading.positions AS h ON h.portfolio_id = n.portfolio_id AND h.instrument_id = n.instrument_id
      LEFT JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = i.currency AND c.kind = 'cash'
      LEFT JOIN ledger.balances AS b ON b.portfolio_id = n.portfolio_id AND b.account_id = c.account_id
      CROSS JOIN LATERAL (
        SELECT g.strategy,
               ARRAY['system', 'user:' || p.owner, 'user:' || nullif(n.submitted_by, p.owner),
                     'portfolio:' || n.portfolio_id,
                     'instrument:' || n.instrument_id, 'sector:' || i.sector, 'agent:' || n.agent_id,
                     'strategy:' || (g.strategy).strategy_id] AS subjects
          FROM (SELECT CASE WHEN n.agent_id IS NOT NULL
                            THEN internal.agent_strategy(n.portfolio_id, n.agent_id) END AS strategy) AS g
        OFFSET 0) AS u
     ORDER BY n.ordinality
  LOOP
    v_order := p_orders[v_found.place];
    v_ahead := p_ahead[v_found.place];
    v_portfolio := v_found.portfolio;
    v_instrument := v_found.instrument;
    v_number := coalesce(v_order.order_id, v_found.next_order_id + coalesce(v_ahead.orders, 0));
    v_buys := coalesce(v_found.buys, 0) + coalesce(v_ahead.buys, 0)
              - CASE v_order.side WHEN 'buy' THEN v_order.own ELSE 0 END;
    v_sells := coalesce(v_found.sells, 0) + coalesce(v_ahead.sells, 0)
               - CASE v_order.side WHEN 'sell' THEN v_order.own ELSE 0 END;
    v_is_alone := v_ahead.is_again
                  OR num_nonnulls(v_order.parent_order_id, v_order.oco_group_id, v_order.replaces_order_id) > 0
                  OR v_found.limits IS NOT NULL AND internal.reads_orders(v_found.limits);
    v_fault := CASE WHEN v_order.order_id IS NULL AND NOT v_found.is_known
                    THEN coalesce(internal.order_fault(v_order, v_instrument, v_found.held, v_portfolio.opened_at),
                                  CASE WHEN v_order.agent_id IS NOT NULL AND (v_found.strategy).strategy_id IS NULL
                                       THEN 'agent' END) END;
    IF v_fault IS NOT NULL OR v_found.is_known THEN
      v_decisions := v_decisions || ROW (
        v_found.clock, v_number, NULL, v_order.quantity, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 0,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, v_fault, v_found.is_known, false,
        v_is_alone)::internal.order_decision;
      CONTINUE;
    END IF;
    -- Its size, what it waits for, and what it closes.
    v_price := coalesce(v_order.limit_price, v_order.stop_price, v_found.last,
                        internal.reference_price(v_order.instrument_id, v_order.at));
    v_grown := CASE WHEN v_order.parent_order_id IS NOT NULL AND v_order.order_id IS NULL
                    THEN internal.child_quantity(v_order.portfolio_id, v_order.parent_order_id, v_order.quantity, 0,
                                                 v_instrument.lot_size) END;
    v_size := CASE WHEN v_grown > 0 THEN v_grown ELSE v_order.quantity END;
    v_group_id := CASE v_order.oco_group_id WHEN 0 THEN v_number ELSE v_order.oco_group_id END;
    v_group_open := CASE WHEN v_order.oco_group_id > 0
                         THEN internal.group_open_quantity(v_order.portfolio_id, v_group_id,
                                                           coalesce(v_order.order_id, 0), v_order.oco_leg, 0)
                         ELSE 0 END;
    v_capacity := CASE v_order.side WHEN 'sell' THEN v_found.held - v_sells ELSE -v_found.held - v_buys END
                  -- What the position keeps for other legs serves this one too; what it keeps for its own does not.
                  + CASE WHEN v_order.oco_group_id > 0
                         THEN v_group_open - internal.leg_open(v_order.portfolio_id, v_group_id, v_order.oco_leg,
                                                               coalesce(v_order.order_id, 0))
                         ELSE 0 END;
    v_stop := CASE WHEN v_order.type = 'trailing_stop' AND v_order.stop_price IS NULL AND v_price IS NOT NULL
                   THEN internal.trail_price(v_order.side, v_order.trail_amount, v_order.trail_percent, v_price,
                                             v_instrument.tick_size)
                   ELSE v_order.stop_price END;
    v_waits := coalesce(v_grown = 0, false)
               OR ((v_portfolio.requires_approval OR (v_found.strategy).requires_approval IS TRUE)
                   AND v_order.approved_by IS NULL AND NOT v_order.reduce_only
                   AND (v_order.order_id IS NULL OR v_order.is_asleep)
                   AND NOT internal.reduces_position(v_order.side, v_size, v_found.held, v_buys, v_sells)) IS TRUE;
    v_opening := greatest(v_size - v_order.filled - greatest(v_capacity, 0), 0);
    v_reference := coalesce(v_order.limit_price, v_stop, v_price);
    -- What a market buy may lose on the way is reserved too.
    v_reserve_at := round(CASE WHEN v_opening = 0 THEN NULL
                               WHEN v_order.limit_price IS NOT NULL OR v_order.side = 'sell' THEN v_reference
                               ELSE v_reference * (1 + v_portfolio.market_order_buffer) END, 8);
    v_is_judged := p_explain OR NOT v_waits;
    v_ends_at := CASE WHEN v_order.order_id IS NULL THEN internal.order_end(v_order, v_instrument.exchange_id)
                      ELSE v_order.expires_at END;
    v_fees := CASE WHEN v_is_judged THEN trading.fees_to_come(
      v_portfolio.fee_schedule, v_instrument, v_order.submitted_at, v_order.time_in_force, v_ends_at, v_order.side,
      v_order.product, v_size - v_order.busted,
      v_order.filled_value + round((v_size - v_order.filled) * v_reserve_at * v_instrument.multiplier, 8),
      v_order.maker_value, v_order.filled - v_order.busted, v_order.filled_value, v_order.paid) END;
    v_code := CASE
      WHEN NOT v_is_judged THEN NULL
      WHEN NOT v_instrument.is_active OR v_instrument.expires_on IS NOT NULL
        AND v_order.at >= market.day_start(v_instrument.exchange_id, v_instrument.expires_on + 1) THEN 'TR107'
      WHEN v_reference IS NULL AND v_opening > 0 OR v_stop IS NULL AND v_order.type = 'trailing_stop' THEN 'TR105'
      WHEN v_fees IS NULL THEN 'TR240'
      WHEN v_order.reduce_only AND v_opening > 0 THEN 'TR220' END;
    -- Nearly always there is no rule; what only closes is judged by its limit price alone.
    v_rules := CASE WHEN (v_found.limits IS NOT NULL OR v_found.has_stops) AND v_is_judged
                         AND (p_explain OR v_code IS NULL AND (v_opening > 0 OR v_order.limit_price IS NOT NULL))
                    THEN internal.check_rules(
      v_order, v_number, v_size - v_order.filled, v_opening,
      CASE v_order.side WHEN 'buy' THEN v_found.held + v_buys + v_size - v_order.filled
                        ELSE v_found.held - v_sells - v_size + v_order.filled END,
      v_reference,
      v_reference * v_instrument.multiplier
        * CASE v_instrument.currency WHEN v_portfolio.currency THEN 1
                                     ELSE internal.measuring_rate(v_instrument.currency, v_portfolio.currency,
                                                                  v_order.at) END,
      v_portfolio.currency, v_instrument.sector, v_instrument.exchange_id, v_found.last, v_found.limits,
      v_found.subjects, v_found.has_stops, p_explain) END;
    v_code := coalesce(v_code, v_rules.code);
    v_opens := v_opening > 0 AND v_is_judged AND v_code IS NULL;
    v_need := CASE WHEN v_opens
                   THEN trading.opening_money(v_order.side, v_opening,
                                              round(v_opening * v_reserve_at * v_instrument.multiplier, 8),
                                              v_instrument) + v_fees
                   ELSE 0 END;
    v_code := CASE
      WHEN NOT v_opens THEN v_code
      WHEN v_portfolio.account_type = 'cash' AND v_order.side = 'sell' AND v_instrument.kind <> 'future' THEN 'TR402'
      WHEN v_portfolio.account_type = 'cash' AND v_instrument.kind = 'future' THEN 'TR225'
      WHEN v_order.side = 'sell' AND NOT v_instrument.is_shortable AND v_instrument.kind <> 'future' THEN 'TR226'
      WHEN (v_need < 1e20 AND v_need <= v_found.available) IS NOT TRUE THEN 'TR401' END;
    IF v_code IS NOT NULL THEN
      v_reason := coalesce(internal.order_reason(
        v_code, v_instrument, v_portfolio.fee_schedule, v_order.submitted_at, v_size, v_opening, v_capacity,
        v_found.held, v_sells, v_found.available, v_need), v_rules.reason);
    END IF;
    v_is_accepted := v_code IS NULL AND NOT v_waits;
    v_status := CASE WHEN v_grown = 0 THEN 'held' WHEN v_waits THEN 'pending_approval'
                     WHEN NOT v_is_accepted THEN 'rejected' WHEN v_portfolio.is_paper THEN 'accepted'
                     ELSE 'pending_submit' END::trading.order_status;
    v_reservation := CASE WHEN v_is_accepted AND v_need > 0 THEN ROW (
      v_order.portfolio_id, v_found.cash_id, v_found.backing_id, v_need, v_instrument.currency, 'reservation', NULL,
      'pending', v_order.at, v_number, NULL, NULL, NULL, NULL)::internal.movement END;
    -- One that waits keeps nothing, and a trailing stop finds its place when it comes to life.
    v_decisions := v_decisions || ROW (
      v_found.clock, v_number, v_status, v_size, CASE WHEN v_grown IS NOT NULL THEN v_order.quantity END,
      CASE WHEN v_is_judged THEN v_stop ELSE v_order.stop_price END, v_group_id, v_ends_at,
      CASE WHEN v_order.order_id IS NULL AND v_order.time_in_force IN ('at_open', 'at_close')
           THEN v_ends_at - interval '1 hour' END,
      CASE WHEN v_is_judged THEN v_opening ELSE 0 END, CASE WHEN v_is_judged THEN v_reserve_at END, v_reservation,
      CASE WHEN v_is_accepted AND v_need > 0 THEN v_found.next_transfer_id END, v_found.available,
      CASE WHEN NOT v_is_accepted THEN 0
           WHEN v_group_id IS NULL THEN v_size - v_order.filled
           ELSE internal.group_open_quantity(v_order.portfolio_id, v_group_id, v_number, v_order.oco_leg,
                                             v_size - v_order.filled) - v_group_open END,
      v_code, CASE WHEN v_code IS NOT NULL THEN v_reason END, v_instrument.multiplier, v_instrument.kind = 'future',
      v_instrument.currency <> v_portfolio.currency, v_instrument.exchange_id, v_rules, NULL, false,
      v_rules.verdicts IS NOT NULL OR v_rules.peak IS NOT NULL, v_is_alone)::internal.order_decision;
  END LOOP;
  RETURN v_decisions;
END
$$;
COMMENT ON FUNCTION internal.decide_orders(internal.order_terms[], internal.orders_ahead[], boolean) IS
  'What becomes of orders, one decision for each in their order: accepted (pending_submit when it goes to a real '
  'broker) with what it reserves, or rejected with code and figures; held while its parent has not filled, '
  'pending_approval while it waits for a second person. p_ahead says what of a batch comes before each order; the '
  'cash that those take, and the numbers of their reservations, are left to internal.submit_orders. Nothing is '
  'written. p_explain: also what waits is judged, and verdicts tell of all rules.';
