CREATE TYPE trading.order_side    AS ENUM ('buy', 'sell');
CREATE TYPE trading.order_type    AS ENUM ('market', 'limit', 'stop', 'stop_limit');
CREATE TYPE trading.time_in_force AS ENUM ('day', 'gtc', 'gtd', 'ioc', 'fok');
CREATE TYPE trading.product       AS ENUM ('delivery', 'intraday', 'carry_forward');
CREATE TYPE trading.order_status  AS ENUM
  ('new', 'pending_submit', 'accepted', 'working', 'partially_filled', 'pending_cancel', 'unknown',
   'filled', 'rejected', 'cancelled', 'expired', 'replaced');
COMMENT ON TYPE trading.order_side IS 'Direction of an order or fill.';
COMMENT ON TYPE trading.order_type IS 'market; limit; stop (market once the stop price trades); stop_limit (limit once the stop price trades).';
COMMENT ON TYPE trading.time_in_force IS 'day: until the session closes; gtc: until cancelled; gtd: until expires_at; ioc: now or never, in part; fok: now or never, in whole.';
COMMENT ON TYPE trading.product IS 'delivery: kept; intraday: squared off at session end; carry_forward: margin position kept overnight.';
COMMENT ON TYPE trading.order_status IS 'Where an order stands; trading.order_transitions lists the moves between them.';

CREATE TABLE trading.order_transitions (
  from_status trading.order_status NOT NULL,
  to_status   trading.order_status NOT NULL,
  CONSTRAINT order_transitions_pkey PRIMARY KEY (from_status, to_status)
);
COMMENT ON TABLE  trading.order_transitions IS 'The moves that an order''s status may make; one trigger refuses all others. No row leaves filled, rejected, cancelled, expired or replaced: they are final.';
COMMENT ON COLUMN trading.order_transitions.from_status IS 'Status before.';
COMMENT ON COLUMN trading.order_transitions.to_status IS 'Status after.';
INSERT INTO trading.order_transitions (from_status, to_status)
SELECT f::trading.order_status, t::trading.order_status
  FROM (VALUES
    ('new',              '{accepted,rejected,pending_submit}'),
    ('pending_submit',   '{accepted,working,partially_filled,filled,rejected,cancelled,expired,unknown}'),
    ('accepted',         '{working,partially_filled,filled,rejected,cancelled,expired,replaced,pending_cancel,unknown}'),
    ('working',          '{partially_filled,filled,rejected,cancelled,expired,replaced,pending_cancel,unknown}'),
    ('partially_filled', '{partially_filled,filled,cancelled,expired,replaced,pending_cancel,unknown}'),
    ('pending_cancel',   '{accepted,working,partially_filled,filled,cancelled,expired,replaced,unknown}'),
    ('unknown',          '{accepted,working,partially_filled,filled,rejected,cancelled,expired,replaced,pending_cancel}')
  ) AS moves (f, targets), unnest(targets::text[]) AS t;

CREATE TABLE trading.orders (
  portfolio_id          int  NOT NULL CONSTRAINT orders_portfolio_id_fkey REFERENCES trading.portfolios,
  order_id              bigint NOT NULL,
  client_order_id       text NOT NULL CONSTRAINT orders_client_order_id_check CHECK (client_order_id ~ '^[!-~]([ -~]{0,254}[!-~])?$'),
  instrument_id         int  NOT NULL CONSTRAINT orders_instrument_id_fkey REFERENCES market.instruments,
  agent_id              int,
  side                  trading.order_side    NOT NULL,
  type                  trading.order_type    NOT NULL DEFAULT 'market',
  time_in_force         trading.time_in_force NOT NULL DEFAULT 'day',
  product               trading.product       NOT NULL DEFAULT 'delivery',
  quantity              market.quantity NOT NULL CONSTRAINT orders_quantity_check CHECK (quantity > 0),
  limit_price           market.price CONSTRAINT orders_limit_price_check CHECK (limit_price > 0),
  stop_price            market.price CONSTRAINT orders_stop_price_check CHECK (stop_price > 0),
  expires_at            timestamptz,
  triggered_at          timestamptz,
  status                trading.order_status NOT NULL DEFAULT 'new',
  version               int    NOT NULL DEFAULT 1,
  filled_quantity       market.quantity NOT NULL DEFAULT 0 CONSTRAINT orders_filled_quantity_check CHECK (filled_quantity BETWEEN 0 AND quantity),
  split_filled_quantity market.quantity NOT NULL DEFAULT 0,
  filled_value          ledger.money NOT NULL DEFAULT 0,
  fees                  ledger.money NOT NULL DEFAULT 0,
  average_fill_price    market.price,
  reserve_price         market.price,
  reservation_id        bigint,
  last_fill_id          bigint,
  replaces_order_id     bigint,
  reason_code           text,
  reason                text,
  submitted_at          timestamptz NOT NULL,
  updated_at            timestamptz NOT NULL,
  closed_at             timestamptz,
  created_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT orders_pkey PRIMARY KEY (portfolio_id, order_id),
  CONSTRAINT orders_client_order_id_key UNIQUE (portfolio_id, client_order_id),
  CONSTRAINT orders_agent_fkey FOREIGN KEY (portfolio_id, agent_id) REFERENCES strategy.agents,
  CONSTRAINT orders_reservation_fkey FOREIGN KEY (portfolio_id, reservation_id) REFERENCES ledger.transfers,
  CONSTRAINT orders_replaces_order_id_fkey FOREIGN KEY (portfolio_id, replaces_order_id) REFERENCES trading.orders,
  -- The matrix of prices that each type needs; true = must be given, false = must be absent.
  CONSTRAINT orders_prices_check CHECK (
    ((limit_price IS NOT NULL), (stop_price IS NOT NULL)) =
    CASE type WHEN 'market'     THEN (false, false)
              WHEN 'limit'      THEN (true,  false)
              WHEN 'stop'       THEN (false, true)
              WHEN 'stop_limit' THEN (true,  true) END),
  CONSTRAINT orders_expires_at_check CHECK (CASE time_in_force WHEN 'gtc' THEN expires_at IS NULL WHEN 'ioc' THEN expires_at IS NULL WHEN 'fok' THEN expires_at IS NULL ELSE expires_at IS NOT NULL END),
  CONSTRAINT orders_triggered_at_check CHECK (triggered_at IS NULL OR stop_price IS NOT NULL),
  CONSTRAINT orders_status_check CHECK (
    CASE status WHEN 'filled'           THEN filled_quantity = quantity
                WHEN 'partially_filled' THEN filled_quantity > 0 AND filled_quantity < quantity
                WHEN 'rejected'         THEN filled_quantity = 0
                ELSE filled_quantity < quantity END),
  CONSTRAINT orders_closed_at_check CHECK ((closed_at IS NOT NULL) = (status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced'))),
  CONSTRAINT orders_reason_check CHECK (reason_code IS NULL OR reason IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX orders_open_idx ON trading.orders (portfolio_id, instrument_id) WHERE closed_at IS NULL;
COMMENT ON TABLE  trading.orders IS 'Orders as they stand; how they came there is in trading.order_events.';
COMMENT ON COLUMN trading.orders.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.orders.order_id IS 'Running number within the portfolio, without gaps; assigned, never given.';
COMMENT ON COLUMN trading.orders.client_order_id IS 'The caller''s key, unique in the portfolio: submitting it again answers the first order.';
COMMENT ON COLUMN trading.orders.instrument_id IS 'What to trade.';
COMMENT ON COLUMN trading.orders.agent_id IS 'The agent that sent it; NULL for a person''s order.';
COMMENT ON COLUMN trading.orders.side IS 'Buy or sell.';
COMMENT ON COLUMN trading.orders.type IS 'Order type.';
COMMENT ON COLUMN trading.orders.time_in_force IS 'How long it may rest.';
COMMENT ON COLUMN trading.orders.product IS 'How the position is held.';
COMMENT ON COLUMN trading.orders.quantity IS 'Units wanted, a multiple of the lot.';
COMMENT ON COLUMN trading.orders.limit_price IS 'Worst acceptable price of limit types; NULL for others.';
COMMENT ON COLUMN trading.orders.stop_price IS 'Trigger of stop types; NULL for others.';
COMMENT ON COLUMN trading.orders.expires_at IS 'Event time at which day and gtd orders end; NULL for others.';
COMMENT ON COLUMN trading.orders.triggered_at IS 'Event time at which the stop price traded: a market or limit order since then; NULL before, and for types without a stop.';
COMMENT ON COLUMN trading.orders.status IS 'Where it stands.';
COMMENT ON COLUMN trading.orders.version IS 'Number of its last event.';
COMMENT ON COLUMN trading.orders.filled_quantity IS 'Units filled so far, in today''s shares.';
COMMENT ON COLUMN trading.orders.split_filled_quantity IS 'Part of filled_quantity that splits added after the fills.';
COMMENT ON COLUMN trading.orders.filled_value IS 'Sum of its fills'' values.';
COMMENT ON COLUMN trading.orders.fees IS 'Sum of its fills'' fees.';
COMMENT ON COLUMN trading.orders.average_fill_price IS 'Value per unit filled; NULL before the first fill.';
COMMENT ON COLUMN trading.orders.reserve_price IS 'Price at which the cash of a buy is reserved; NULL for sells.';
COMMENT ON COLUMN trading.orders.reservation_id IS 'Pending transfer that holds its cash; NULL for sells and rejected orders.';
COMMENT ON COLUMN trading.orders.last_fill_id IS 'Its latest fill; NULL before the first.';
COMMENT ON COLUMN trading.orders.replaces_order_id IS 'The order that this one replaced; NULL otherwise.';
COMMENT ON COLUMN trading.orders.reason_code IS 'SQLSTATE-like code of the rule that rejected or ended it; NULL otherwise.';
COMMENT ON COLUMN trading.orders.reason IS 'The rule''s words with its figures; NULL otherwise.';
COMMENT ON COLUMN trading.orders.submitted_at IS 'Event time of submission.';
COMMENT ON COLUMN trading.orders.updated_at IS 'Event time of the last change.';
COMMENT ON COLUMN trading.orders.closed_at IS 'Event time at which it became final; NULL while open.';
COMMENT ON COLUMN trading.orders.created_at IS 'Clock time of submission.';

CREATE TABLE trading.order_events (
  portfolio_id int         NOT NULL,
  order_id     bigint      NOT NULL,
  version      int         NOT NULL,
  from_status  trading.order_status NOT NULL,
  to_status    trading.order_status NOT NULL,
  quantity     market.quantity NOT NULL,
  filled_quantity market.quantity NOT NULL,
  limit_price  market.price,
  stop_price   market.price,
  fill_id      bigint,
  reason_code  text,
  reason       text,
  actor        text        NOT NULL DEFAULT session_user,
  at           timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT order_events_pkey PRIMARY KEY (portfolio_id, order_id, version),
  CONSTRAINT order_events_order_fkey FOREIGN KEY (portfolio_id, order_id) REFERENCES trading.orders
);
COMMENT ON TABLE  trading.order_events IS 'Every change of every order, append-only.';
COMMENT ON COLUMN trading.order_events.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.order_events.order_id IS 'The order.';
COMMENT ON COLUMN trading.order_events.version IS 'Running number within the order, from 1.';
COMMENT ON COLUMN trading.order_events.from_status IS 'Status before.';
COMMENT ON COLUMN trading.order_events.to_status IS 'Status after; the same as before when only terms changed (a split).';
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

CREATE TABLE trading.fills (
  portfolio_id  int          NOT NULL,
  fill_id       bigint       NOT NULL,
  order_id      bigint       NOT NULL,
  instrument_id int          NOT NULL,
  side          trading.order_side NOT NULL,
  quantity      market.quantity NOT NULL CONSTRAINT fills_quantity_check CHECK (quantity > 0),
  price         market.price NOT NULL CONSTRAINT fills_price_check CHECK (price > 0),
  value         ledger.money NOT NULL,
  fee           ledger.money NOT NULL CONSTRAINT fills_fee_check CHECK (fee >= 0),
  realised_pnl  ledger.money NOT NULL,
  broker        text         NOT NULL,
  execution_id  text         NOT NULL CONSTRAINT fills_execution_id_check CHECK (execution_id ~ '^[!-~]([ -~]{0,254}[!-~])?$'),
  at            timestamptz  NOT NULL,
  recorded_at   timestamptz  NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT fills_pkey PRIMARY KEY (portfolio_id, fill_id),
  CONSTRAINT fills_broker_execution_id_key UNIQUE (broker, execution_id),
  CONSTRAINT fills_order_fkey FOREIGN KEY (portfolio_id, order_id) REFERENCES trading.orders
);
CREATE INDEX fills_order_idx ON trading.fills (portfolio_id, order_id);
COMMENT ON TABLE  trading.fills IS 'Executions, append-only; positions change through them and through corporate actions alone.';
COMMENT ON COLUMN trading.fills.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.fills.fill_id IS 'Running number within the portfolio, without gaps.';
COMMENT ON COLUMN trading.fills.order_id IS 'The order.';
COMMENT ON COLUMN trading.fills.instrument_id IS 'What was traded.';
COMMENT ON COLUMN trading.fills.side IS 'Bought or sold.';
COMMENT ON COLUMN trading.fills.quantity IS 'Units, in the shares of that day.';
COMMENT ON COLUMN trading.fills.price IS 'Price per unit.';
COMMENT ON COLUMN trading.fills.value IS 'quantity × price × multiplier.';
COMMENT ON COLUMN trading.fills.fee IS 'What the broker charged for it.';
COMMENT ON COLUMN trading.fills.realised_pnl IS 'Profit of the quantity that it closed, before fees.';
COMMENT ON COLUMN trading.fills.broker IS 'Where it happened.';
COMMENT ON COLUMN trading.fills.execution_id IS 'The broker''s key: an execution counts once.';
COMMENT ON COLUMN trading.fills.at IS 'Event time.';
COMMENT ON COLUMN trading.fills.recorded_at IS 'Clock time.';

CREATE TABLE trading.positions (
  portfolio_id       int NOT NULL CONSTRAINT positions_portfolio_id_fkey REFERENCES trading.portfolios,
  instrument_id      int NOT NULL CONSTRAINT positions_instrument_id_fkey REFERENCES market.instruments,
  quantity           market.quantity NOT NULL DEFAULT 0,
  cost               ledger.money NOT NULL DEFAULT 0,
  realised_pnl       ledger.money NOT NULL DEFAULT 0,
  fees               ledger.money NOT NULL DEFAULT 0,
  open_buy_quantity  market.quantity NOT NULL DEFAULT 0 CONSTRAINT positions_open_buy_quantity_check CHECK (open_buy_quantity >= 0),
  open_sell_quantity market.quantity NOT NULL DEFAULT 0 CONSTRAINT positions_open_sell_quantity_check CHECK (open_sell_quantity >= 0),
  multiplier         market.ratio NOT NULL DEFAULT 1,
  average_price      market.price GENERATED ALWAYS AS (CASE WHEN quantity <> 0 THEN round(cost / (quantity * multiplier), 8) END) STORED,
  updated_at         timestamptz NOT NULL,
  CONSTRAINT positions_pkey PRIMARY KEY (portfolio_id, instrument_id),
  CONSTRAINT positions_cost_check CHECK (CASE WHEN quantity = 0 THEN cost = 0 ELSE sign(cost) IN (0, sign(quantity)) END)
) WITH (fillfactor = 50);
COMMENT ON TABLE  trading.positions IS 'What is held, what it cost, and what open orders want of it.';
COMMENT ON COLUMN trading.positions.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.positions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.positions.quantity IS 'Units held, negative when short.';
COMMENT ON COLUMN trading.positions.cost IS 'What they cost at average cost, fees not included; the sign of quantity.';
COMMENT ON COLUMN trading.positions.realised_pnl IS 'Profit of closed quantity, before fees.';
COMMENT ON COLUMN trading.positions.fees IS 'Fees of all fills.';
COMMENT ON COLUMN trading.positions.open_buy_quantity IS 'Unfilled quantity of open buys.';
COMMENT ON COLUMN trading.positions.open_sell_quantity IS 'Unfilled quantity of open sells; never more than what is held.';
COMMENT ON COLUMN trading.positions.multiplier IS 'The instrument''s multiplier.';
COMMENT ON COLUMN trading.positions.average_price IS 'Cost per unit; NULL when flat.';
COMMENT ON COLUMN trading.positions.updated_at IS 'Event time of the last change.';

CREATE TABLE trading.position_adjustments (
  portfolio_id   int NOT NULL,
  instrument_id  int NOT NULL,
  action_id      int NOT NULL CONSTRAINT position_adjustments_action_id_fkey REFERENCES market.corporate_actions,
  quantity_delta market.quantity NOT NULL,
  orders_adjusted int NOT NULL,
  at             timestamptz NOT NULL,
  recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT position_adjustments_pkey PRIMARY KEY (portfolio_id, action_id),
  CONSTRAINT position_adjustments_position_fkey FOREIGN KEY (portfolio_id, instrument_id) REFERENCES trading.positions
);
COMMENT ON TABLE  trading.position_adjustments IS 'Corporate actions as applied to a portfolio, once each, append-only.';
COMMENT ON COLUMN trading.position_adjustments.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.position_adjustments.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.position_adjustments.action_id IS 'The corporate action.';
COMMENT ON COLUMN trading.position_adjustments.quantity_delta IS 'Units that the position gained (a split) or lost (a reverse split).';
COMMENT ON COLUMN trading.position_adjustments.orders_adjusted IS 'Open orders whose terms changed with it.';
COMMENT ON COLUMN trading.position_adjustments.at IS 'Event time.';
COMMENT ON COLUMN trading.position_adjustments.recorded_at IS 'Clock time.';
