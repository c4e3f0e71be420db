-- Orders as they stand, the moves between their states, and every change of them.
CREATE TYPE trading.order_type    AS ENUM
  ('market', 'limit', 'stop', 'stop_limit', 'trailing_stop', 'limit_if_touched');
CREATE TYPE trading.time_in_force AS ENUM ('day', 'gtc', 'gtd', 'ioc', 'fok', 'at_open', 'at_close');
CREATE TYPE trading.order_status  AS ENUM
  ('new', 'held', 'pending_approval', 'pending_submit', 'accepted', 'working', 'partially_filled', 'pending_cancel',
   'unknown', 'filled', 'rejected', 'cancelled', 'expired', 'replaced');
COMMENT ON TYPE trading.order_type IS
  'market; limit; stop (market once the stop price trades); stop_limit (limit once the stop price trades); '
  'trailing_stop (a stop that follows the best price since at trail_amount or trail_percent); limit_if_touched (limit '
  'once the stop price is touched from the favourable side).';
COMMENT ON TYPE trading.time_in_force IS
  'day: until the session closes; gtc: until cancelled; gtd: until expires_at; ioc: now or never, in part; fok: now or '
  'never, in whole; at_open, at_close: at the opening or closing price of the session alone.';
COMMENT ON TYPE trading.order_status IS
  'Where an order stands; trading.order_transitions lists the moves between them.';

CREATE TABLE trading.order_transitions (
  from_status trading.order_status NOT NULL,
  to_status   trading.order_status NOT NULL,
  CONSTRAINT order_transitions_pkey PRIMARY KEY (from_status, to_status)
);
COMMENT ON TABLE  trading.order_transitions IS
  'The moves that an order''s status may make; one trigger refuses all others. No row leaves filled, rejected, '
  'cancelled, expired or replaced: they are final.';
COMMENT ON COLUMN trading.order_transitions.from_status IS 'Status before.';
COMMENT ON COLUMN trading.order_transitions.to_status IS 'Status after.';

-- The list stands in a function so that ops.check_invariants can tell a table that somebody has changed.
CREATE FUNCTION trading.order_moves()
RETURNS SETOF trading.order_transitions
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT f::trading.order_status, t::trading.order_status
    FROM (VALUES
      ('new',              '{accepted,rejected,pending_submit,held,pending_approval}'),
      ('held',             '{accepted,pending_submit,pending_approval,rejected,cancelled,expired,replaced}'),
      ('pending_approval', '{held,accepted,pending_submit,rejected,cancelled,expired,replaced}'),
      ('pending_submit',
       '{accepted,working,partially_filled,filled,rejected,cancelled,expired,pending_cancel,unknown}'),
      ('accepted',
       '{working,partially_filled,filled,rejected,cancelled,expired,replaced,pending_cancel,unknown}'),
      ('working',          '{partially_filled,filled,rejected,cancelled,expired,replaced,pending_cancel,unknown}'),
      ('partially_filled', '{partially_filled,filled,cancelled,expired,replaced,pending_cancel,unknown}'),
      ('pending_cancel',
       '{pending_cancel,accepted,working,partially_filled,filled,rejected,cancelled,expired,replaced,unknown}'),
      ('unknown',
       '{accepted,working,partially_filled,filled,rejected,cancelled,expired,replaced,pending_cancel}')
    ) AS moves (f, targets), unnest(targets::text[]) AS t
$$;
COMMENT ON FUNCTION trading.order_moves() IS 'What trading.order_transitions holds, from the first day on.';
INSERT INTO trading.order_transitions SELECT * FROM trading.order_moves();

-- Orders, their events, fills, positions and lots are written many times in the life of an order. So:
-- * One CHECK for each hot table, which calls a PL/pgSQL function on the row. PostgreSQL reads, plans and compiles
--   every CHECK anew in each statement that writes the table, from the text of its parse tree, 2.7 µs per kB: the 25
--   that trading.orders would need are 34 kB, 83 µs of each INSERT and UPDATE. One call says the same in 10 µs, because
--   the session keeps the function's expression. A CHECK passes unless it is false, and so does the conjunction.
-- * No foreign keys where the row referred to is never deleted (orders, events, fills, transfers, signals, portfolios
--   and instruments refuse it by trigger) and the procedures, which alone write, have read it under the portfolio's
--   lock: a life of an order would look up 28 of them, 4 µs each and a row lock with its log record.
--   ops.check_invariants() compares both sides. The tables of the ledger leave them out for the same reason.
CREATE TABLE trading.orders (
  portfolio_id          int                   NOT NULL,
  order_id              bigint                NOT NULL,
  client_order_id       text                  NOT NULL,
  instrument_id         int                   NOT NULL,
  agent_id              int,
  side                  trading.order_side    NOT NULL,
  type                  trading.order_type    NOT NULL DEFAULT 'market',
  time_in_force         trading.time_in_force NOT NULL DEFAULT 'day',
  product               trading.product       NOT NULL DEFAULT 'delivery',
  quantity              market.quantity       NOT NULL,
  limit_price           market.price,
  stop_price            market.price,
  trail_amount          market.price,
  trail_percent         market.ratio,
  reduce_only           boolean               NOT NULL DEFAULT false,
  post_only             boolean               NOT NULL DEFAULT false,
  expires_at            timestamptz,
  active_at             timestamptz,
  triggered_at          timestamptz,
  status                trading.order_status  NOT NULL DEFAULT 'new',
  version               int                   NOT NULL DEFAULT 1,
  filled_quantity       market.quantity       NOT NULL DEFAULT 0,
  split_filled_quantity market.quantity       NOT NULL DEFAULT 0,
  busted_quantity       market.quantity       NOT NULL DEFAULT 0,
  filled_value          ledger.money          NOT NULL DEFAULT 0,
  maker_value           ledger.money          NOT NULL DEFAULT 0,
  average_fill_price    market.price,
  last_fill_id          bigint,
  fees                  ledger.money          NOT NULL DEFAULT 0,
  fee_lines             numeric[]             NOT NULL DEFAULT '{}',
  reserve_price         market.price,
  reservation_id        bigint,
  reserved              ledger.money          NOT NULL DEFAULT 0,
  opening_quantity      market.quantity       NOT NULL DEFAULT 0,
  parent_order_id       bigint,
  planned_quantity      market.quantity,
  oco_group_id          bigint,
  oco_leg               smallint,
  oco_taken             market.quantity       NOT NULL DEFAULT 0,
  replaces_order_id     bigint,
  broker_order_id       text,
  reason_code           text,
  reason                text,
  submitted_by          text                  NOT NULL DEFAULT ops.actor(),
  approved_by           text,
  submitted_at          timestamptz           NOT NULL,
  updated_at            timestamptz           NOT NULL,
  closed_at             timestamptz,
  created_at            timestamptz           NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT orders_pkey PRIMARY KEY (portfolio_id, order_id),
  CONSTRAINT orders_client_order_id_key UNIQUE (portfolio_id, client_order_id),
  CONSTRAINT orders_agent_fkey FOREIGN KEY (portfolio_id, agent_id) REFERENCES strategy.agents,
  CONSTRAINT orders_replaces_order_id_fkey FOREIGN KEY (portfolio_id, replaces_order_id) REFERENCES trading.orders,
  CONSTRAINT orders_parent_order_id_fkey FOREIGN KEY (portfolio_id, parent_order_id) REFERENCES trading.orders
) WITH (fillfactor = 80);
CREATE INDEX orders_submitted_at_idx ON trading.orders (portfolio_id, submitted_at);
CREATE INDEX orders_open_idx ON trading.orders (portfolio_id, instrument_id) WHERE closed_at IS NULL;
CREATE INDEX orders_linked_idx ON trading.orders (portfolio_id, instrument_id)
  WHERE closed_at IS NULL AND (reduce_only OR oco_group_id IS NOT NULL);
CREATE INDEX orders_children_idx ON trading.orders (portfolio_id, parent_order_id) WHERE parent_order_id IS NOT NULL;
CREATE INDEX orders_oco_idx ON trading.orders (portfolio_id, oco_group_id)
  WHERE oco_group_id IS NOT NULL AND closed_at IS NULL;
COMMENT ON TABLE  trading.orders IS 'Orders as they stand; how they came there is in trading.order_events.';
COMMENT ON COLUMN trading.orders.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.orders.order_id IS
  'Running number within the portfolio, without gaps; assigned, never given.';
COMMENT ON COLUMN trading.orders.client_order_id IS
  'The caller''s key, unique in the portfolio: submitting it again answers the first order.';
COMMENT ON COLUMN trading.orders.instrument_id IS 'What to trade.';
COMMENT ON COLUMN trading.orders.agent_id IS 'The agent that sent it; NULL for a person''s order.';
COMMENT ON COLUMN trading.orders.side IS 'Buy or sell.';
COMMENT ON COLUMN trading.orders.type IS 'Order type.';
COMMENT ON COLUMN trading.orders.time_in_force IS 'How long it may rest.';
COMMENT ON COLUMN trading.orders.product IS 'How the position is held.';
COMMENT ON COLUMN trading.orders.quantity IS 'Units wanted, a multiple of the lot.';
COMMENT ON COLUMN trading.orders.limit_price IS 'Worst acceptable price of limit types; NULL for others.';
COMMENT ON COLUMN trading.orders.stop_price IS
  'Trigger of stop types and limit_if_touched; where a trailing stop stands now; NULL for others.';
COMMENT ON COLUMN trading.orders.trail_amount IS
  'Distance in price at which a trailing stop follows; NULL when trail_percent says it, and for other types.';
COMMENT ON COLUMN trading.orders.trail_percent IS
  'Distance in percent at which a trailing stop follows; NULL when trail_amount says it, and for other types.';
COMMENT ON COLUMN trading.orders.reduce_only IS
  'True: it never opens or enlarges a position, and shrinks with the position.';
COMMENT ON COLUMN trading.orders.post_only IS
  'True: it never takes liquidity; a limit that would fill at once is rejected.';
COMMENT ON COLUMN trading.orders.expires_at IS 'Event time at which day and gtd orders end; NULL for others.';
COMMENT ON COLUMN trading.orders.active_at IS
  'Event time of the opening or close that an at_open or at_close order waits for; NULL for others.';
COMMENT ON COLUMN trading.orders.triggered_at IS
  'Event time at which the stop price traded or was touched: a market or limit order since then; NULL before, and for '
  'types without a stop.';
COMMENT ON COLUMN trading.orders.status IS 'Where it stands.';
COMMENT ON COLUMN trading.orders.version IS 'Number of its last event.';
COMMENT ON COLUMN trading.orders.filled_quantity IS
  'Units filled so far, in today''s shares; more than quantity when a broker filled more than was ordered.';
COMMENT ON COLUMN trading.orders.split_filled_quantity IS 'Part of filled_quantity that splits added after the fills.';
COMMENT ON COLUMN trading.orders.busted_quantity IS 'Part of filled_quantity that the exchange took back later.';
COMMENT ON COLUMN trading.orders.filled_value IS 'Sum of its fills'' values.';
COMMENT ON COLUMN trading.orders.maker_value IS 'Part of filled_value that rested in the book when it filled.';
COMMENT ON COLUMN trading.orders.average_fill_price IS 'Value per unit filled; NULL before the first fill.';
COMMENT ON COLUMN trading.orders.last_fill_id IS 'Its latest fill; NULL before the first.';
COMMENT ON COLUMN trading.orders.fees IS 'Sum of its fills'' fees.';
COMMENT ON COLUMN trading.orders.fee_lines IS
  'Fees so far by component, in the order of trading.fee_component; they add up to fees.';
COMMENT ON COLUMN trading.orders.reserve_price IS
  'Price at which the money of the opening part is reserved; NULL when no price was known.';
COMMENT ON COLUMN trading.orders.reserved IS
  'Cash that is still reserved for it, in the instrument''s currency; 0 when it needs none, and when it is closed.';
COMMENT ON COLUMN trading.orders.reservation_id IS
  'Pending transfer that holds its money; NULL when it needs none, and for rejected orders.';
COMMENT ON COLUMN trading.orders.opening_quantity IS
  'Part of the unfilled quantity that would open or enlarge a position, as decided at submission; its money is '
  'reserved.';
COMMENT ON COLUMN trading.orders.parent_order_id IS
  'The order whose fills bring this one to life; NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.planned_quantity IS
  'What a child grows to when its parent fills in whole; its quantity is in proportion to what the parent has filled '
  'so far, less oco_taken. NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.oco_group_id IS
  'Orders with the same number exclude each other: order_id of the first of them; NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.oco_leg IS
  'Side of the exclusion: orders of one leg add up (a ladder), and a fill in one leg takes as much from each other '
  'leg. NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.oco_taken IS 'Quantity that fills of the other legs took from this order.';
COMMENT ON COLUMN trading.orders.replaces_order_id IS 'The order that this one replaced; NULL otherwise.';
COMMENT ON COLUMN trading.orders.broker_order_id IS
  'The broker''s own key; NULL for paper and before the broker answered.';
COMMENT ON COLUMN trading.orders.reason_code IS
  'SQLSTATE-like code of the rule that rejected or ended it; NULL otherwise.';
COMMENT ON COLUMN trading.orders.reason IS 'The rule''s words with its figures; NULL otherwise.';
COMMENT ON COLUMN trading.orders.submitted_by IS 'Database role that submitted it.';
COMMENT ON COLUMN trading.orders.approved_by IS
  'Database role that approved it, never the one that submitted it; NULL when no approval was asked or given.';
COMMENT ON COLUMN trading.orders.submitted_at IS 'Event time of submission.';
COMMENT ON COLUMN trading.orders.updated_at IS 'Event time of the last change.';
COMMENT ON COLUMN trading.orders.closed_at IS
  'Event time at which it became final; NULL while open. Busts, and fills that a broker reports later, still count.';
COMMENT ON COLUMN trading.orders.created_at IS 'Clock time of submission.';

CREATE FUNCTION trading.order_is_sound(p_order trading.orders)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN
    p_order.quantity > 0 AND p_order.filled_quantity >= 0
    AND p_order.busted_quantity BETWEEN 0 AND p_order.filled_quantity
    AND p_order.opening_quantity >= 0 AND p_order.oco_taken >= 0 AND p_order.limit_price > 0 AND p_order.stop_price > 0
    AND p_order.trail_amount > 0 AND p_order.trail_percent < 100
    -- One to 256 printable characters of ASCII, no space at either end. In one regular expression this took longer
    -- than all the rest.
    AND length(p_order.client_order_id) BETWEEN 1 AND 256 AND p_order.client_order_id !~ '[^ -~]'
    AND p_order.client_order_id = btrim(p_order.client_order_id)
    -- The matrix of prices that each type needs: limit_price, stop_price, a trail. The stop price of a trailing stop is
    -- where it stands now; one that does not rest may have none.
    AND (p_order.limit_price IS NOT NULL) = (p_order.type IN ('limit', 'stop_limit', 'limit_if_touched'))
    AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = (p_order.type = 'trailing_stop')::int
    AND CASE WHEN p_order.type <> 'trailing_stop'
               THEN (p_order.stop_price IS NOT NULL) = (p_order.type IN ('stop', 'stop_limit', 'limit_if_touched'))
             ELSE p_order.stop_price IS NOT NULL
                  OR p_order.status IN ('held', 'pending_approval', 'rejected', 'cancelled', 'expired', 'replaced') END
    AND CASE p_order.status
          -- More than the quantity is a broker's fact, and what ended without a fill may have one that came late.
          WHEN 'filled'           THEN p_order.filled_quantity >= p_order.quantity
          WHEN 'partially_filled' THEN p_order.filled_quantity > 0 AND p_order.filled_quantity < p_order.quantity
          WHEN 'held'             THEN p_order.filled_quantity < p_order.quantity
                                       AND p_order.parent_order_id IS NOT NULL
          ELSE p_order.filled_quantity < p_order.quantity OR p_order.closed_at IS NOT NULL END
    AND p_order.reserved >= 0
    AND (p_order.reserved = 0 OR p_order.closed_at IS NULL AND p_order.reservation_id IS NOT NULL)
    AND (p_order.closed_at IS NOT NULL) = (p_order.status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced'))
    AND (p_order.expires_at IS NULL) = (p_order.time_in_force IN ('gtc', 'ioc', 'fok'))
    AND (p_order.active_at IS NOT NULL) = (p_order.time_in_force IN ('at_open', 'at_close'))
    AND (p_order.active_at IS NULL OR p_order.type IN ('market', 'limit'))
    AND (NOT p_order.post_only
         OR p_order.type = 'limit' AND p_order.time_in_force NOT IN ('ioc', 'fok', 'at_open', 'at_close'))
    AND (p_order.triggered_at IS NULL OR p_order.stop_price IS NOT NULL)
    AND (p_order.planned_quantity IS NOT NULL) = (p_order.parent_order_id IS NOT NULL)
    AND p_order.planned_quantity > 0 AND p_order.planned_quantity >= p_order.quantity
    AND (p_order.oco_leg IS NOT NULL) = (p_order.oco_group_id IS NOT NULL) AND p_order.oco_leg > 0
    AND (p_order.reason_code IS NULL OR p_order.reason IS NOT NULL)
    AND p_order.approved_by <> p_order.submitted_by;
END
$$;
COMMENT ON FUNCTION trading.order_is_sound(trading.orders) IS
  'What must hold for every row of trading.orders, whoever writes it: the matrix of prices by type, quantities, times '
  'and states that fit each other. False refuses the row; NULL is as good as true.';
ALTER TABLE trading.orders ADD CONSTRAINT orders_sound_check CHECK (trading.order_is_sound(orders));

CREATE TABLE trading.order_events (
  portfolio_id    int                  NOT NULL,
  order_id        bigint               NOT NULL,
  version         int                  NOT NULL,
  from_status     trading.order_status NOT NULL,
  to_status       trading.order_status NOT NULL,
  quantity        market.quantity      NOT NULL,
  filled_quantity market.quantity      NOT NULL,
  limit_price     market.price,
  stop_price      market.price,
  fill_id         bigint,
  reason_code     text,
  reason          text,
  actor           text                 NOT NULL DEFAULT ops.actor(),
  at              timestamptz          NOT NULL,
  recorded_at     timestamptz          NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT order_events_pkey PRIMARY KEY (portfolio_id, order_id, version)
);
COMMENT ON TABLE  trading.order_events IS 'Every change of every order, append-only.';
COMMENT ON COLUMN trading.order_events.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.order_events.order_id IS 'The order.';
COMMENT ON COLUMN trading.order_events.version IS 'Running number within the order, from 1.';
COMMENT ON COLUMN trading.order_events.from_status IS 'Status before.';
COMMENT ON COLUMN trading.order_events.to_status IS
  'Status after; the same as before when only terms changed (a split).';
COMMENT ON COLUMN trading.order_events.quantity IS 'Quantity after.';
COMMENT ON COLUMN trading.order_events.filled_quantity IS 'Filled quantity after.';
COMMENT ON COLUMN trading.order_events.limit_price IS 'Limit price after; NULL when the type has none.';
COMMENT ON COLUMN trading.order_events.stop_price IS 'Stop price after; NULL when the type has none.';
COMMENT ON COLUMN trading.order_events.fill_id IS 'The fill that caused it; NULL when none did.';
COMMENT ON COLUMN trading.order_events.reason_code IS 'Code of the rule that caused it; NULL when none did.';
COMMENT ON COLUMN trading.order_events.reason IS 'Words with figures; NULL when there are none.';
COMMENT ON COLUMN trading.order_events.actor IS 'Database role that caused it.';
COMMENT ON COLUMN trading.order_events.at IS 'Event time.';
COMMENT ON COLUMN trading.order_events.recorded_at IS 'Clock time.';
