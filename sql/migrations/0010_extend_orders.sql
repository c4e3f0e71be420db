CREATE TYPE trading.account_type AS ENUM ('cash', 'margin');
COMMENT ON TYPE trading.account_type IS 'cash: what is bought is paid in full and nothing is sold short; margin: short sales, futures and written options on collateral.';
CREATE TYPE market.option_right AS ENUM ('call', 'put');
COMMENT ON TYPE market.option_right IS 'The right of an option: to buy (call) or to sell (put) its underlying at the strike.';

ALTER TABLE market.instruments
  ADD COLUMN initial_margin     market.ratio NOT NULL DEFAULT 0.5,
  ADD COLUMN maintenance_margin market.ratio NOT NULL DEFAULT 0.3,
  ADD COLUMN is_shortable       boolean      NOT NULL DEFAULT true,
  ADD COLUMN underlying_id      int CONSTRAINT instruments_underlying_id_fkey REFERENCES market.instruments,
  ADD COLUMN strike             market.price CONSTRAINT instruments_strike_check CHECK (strike > 0),
  ADD COLUMN option_right       market.option_right,
  ADD CONSTRAINT instruments_margin_check CHECK (maintenance_margin <= initial_margin AND initial_margin <= 10),
  ADD CONSTRAINT instruments_option_check CHECK ((strike IS NOT NULL) = (option_right IS NOT NULL) AND (strike IS NULL OR kind = 'option'));
COMMENT ON COLUMN market.instruments.initial_margin IS 'Collateral that opening takes, as a fraction of the value (of strike × multiplier for a written option): for shorts, futures and written options.';
COMMENT ON COLUMN market.instruments.maintenance_margin IS 'Collateral below which a margin call is due, as a fraction of the same value.';
COMMENT ON COLUMN market.instruments.is_shortable IS 'False refuses sales of more than is held.';
COMMENT ON COLUMN market.instruments.underlying_id IS 'What a future or option is on; NULL for others, and where it is no instrument here.';
COMMENT ON COLUMN market.instruments.strike IS 'Strike price of an option; NULL for others.';
COMMENT ON COLUMN market.instruments.option_right IS 'Call or put; NULL for what is no option.';

ALTER TABLE trading.portfolios
  ADD COLUMN account_type      trading.account_type NOT NULL DEFAULT 'cash',
  ADD COLUMN requires_approval boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN trading.portfolios.account_type IS 'Whether it may sell short and deal on collateral.';
COMMENT ON COLUMN trading.portfolios.broker IS 'Where its orders go; the runner matches those of brokers whose name begins with paper, orders for others wait in pending_submit until they are sent.';
COMMENT ON COLUMN trading.portfolios.requires_approval IS 'True: each order waits for a second person''s trading.approve_order.';
ALTER TABLE strategy.strategies ADD COLUMN requires_approval boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN strategy.strategies.requires_approval IS 'True: orders of its agents wait for a second person''s trading.approve_order.';

ALTER TABLE trading.orders
  ADD COLUMN trail_amount     market.price CONSTRAINT orders_trail_amount_check CHECK (trail_amount > 0),
  ADD COLUMN trail_percent    market.ratio CONSTRAINT orders_trail_percent_check CHECK (trail_percent < 100),
  ADD COLUMN reduce_only      boolean NOT NULL DEFAULT false,
  ADD COLUMN post_only        boolean NOT NULL DEFAULT false,
  ADD COLUMN active_at        timestamptz,
  ADD COLUMN parent_order_id  bigint,
  ADD COLUMN planned_quantity market.quantity CONSTRAINT orders_planned_quantity_check CHECK (planned_quantity > 0),
  ADD COLUMN oco_group_id     bigint,
  ADD COLUMN oco_leg          smallint,
  ADD COLUMN oco_taken        market.quantity NOT NULL DEFAULT 0 CONSTRAINT orders_oco_taken_check CHECK (oco_taken >= 0),
  ADD COLUMN opening_quantity market.quantity NOT NULL DEFAULT 0 CONSTRAINT orders_opening_quantity_check CHECK (opening_quantity >= 0),
  ADD COLUMN busted_quantity  market.quantity NOT NULL DEFAULT 0 CONSTRAINT orders_busted_quantity_check CHECK (busted_quantity BETWEEN 0 AND filled_quantity),
  ADD COLUMN maker_value      ledger.money NOT NULL DEFAULT 0,
  ADD COLUMN fee_lines        numeric[] NOT NULL DEFAULT '{}',
  ADD COLUMN broker_order_id  text,
  ADD COLUMN submitted_by     text NOT NULL DEFAULT session_user,
  ADD COLUMN approved_by      text CONSTRAINT orders_approved_by_check CHECK (approved_by <> submitted_by),
  DROP CONSTRAINT orders_prices_check,
  -- The matrix of prices that each type needs; true = must be given, false = must be absent. The stop price of a trailing stop is where
  -- it stands now: it moves.
  ADD CONSTRAINT orders_prices_check CHECK (
    ((limit_price IS NOT NULL), (stop_price IS NOT NULL), (num_nonnulls(trail_amount, trail_percent) = 1)) =
    CASE type WHEN 'market'           THEN (false, false, false)
              WHEN 'limit'            THEN (true,  false, false)
              WHEN 'stop'             THEN (false, true,  false)
              WHEN 'stop_limit'       THEN (true,  true,  false)
              WHEN 'limit_if_touched' THEN (true,  true,  false)
              WHEN 'trailing_stop'    THEN (false, true,  true) END
    OR type = 'trailing_stop' AND stop_price IS NULL AND limit_price IS NULL AND num_nonnulls(trail_amount, trail_percent) = 1
       AND status IN ('held', 'pending_approval', 'rejected', 'cancelled', 'expired')),
  ADD CONSTRAINT orders_trail_check CHECK (num_nonnulls(trail_amount, trail_percent) <= 1),
  ADD CONSTRAINT orders_post_only_check CHECK (NOT post_only OR type = 'limit' AND time_in_force NOT IN ('ioc', 'fok', 'at_open', 'at_close')),
  ADD CONSTRAINT orders_active_at_check CHECK ((active_at IS NOT NULL) = (time_in_force IN ('at_open', 'at_close'))),
  ADD CONSTRAINT orders_session_price_check CHECK (time_in_force NOT IN ('at_open', 'at_close') OR type IN ('market', 'limit')),
  ADD CONSTRAINT orders_parent_order_id_fkey FOREIGN KEY (portfolio_id, parent_order_id) REFERENCES trading.orders,
  ADD CONSTRAINT orders_planned_quantity_only_check CHECK ((planned_quantity IS NOT NULL) = (parent_order_id IS NOT NULL) AND planned_quantity >= quantity),
  ADD CONSTRAINT orders_oco_leg_check CHECK ((oco_leg IS NOT NULL) = (oco_group_id IS NOT NULL) AND oco_leg > 0),
  ADD CONSTRAINT orders_held_check CHECK (status <> 'held' OR parent_order_id IS NOT NULL);
CREATE INDEX orders_linked_idx ON trading.orders (portfolio_id, instrument_id)
  WHERE closed_at IS NULL AND (reduce_only OR oco_group_id IS NOT NULL);
CREATE INDEX orders_children_idx ON trading.orders (portfolio_id, parent_order_id) WHERE parent_order_id IS NOT NULL;
CREATE INDEX orders_oco_idx ON trading.orders (portfolio_id, oco_group_id) WHERE oco_group_id IS NOT NULL AND closed_at IS NULL;
COMMENT ON COLUMN trading.orders.trail_amount IS 'Distance in price at which a trailing stop follows; NULL when trail_percent says it, and for other types.';
COMMENT ON COLUMN trading.orders.trail_percent IS 'Distance in percent at which a trailing stop follows; NULL when trail_amount says it, and for other types.';
COMMENT ON COLUMN trading.orders.reduce_only IS 'True: it never opens or enlarges a position, and shrinks with the position.';
COMMENT ON COLUMN trading.orders.post_only IS 'True: it never takes liquidity; a limit that would fill at once is rejected.';
COMMENT ON COLUMN trading.orders.active_at IS 'Event time of the opening or close that an at_open or at_close order waits for; NULL for others.';
COMMENT ON COLUMN trading.orders.parent_order_id IS 'The order whose fills bring this one to life; NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.planned_quantity IS 'What a child grows to when its parent fills in whole; its quantity is in proportion to what the parent has filled so far, less oco_taken. NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.oco_group_id IS 'Orders with the same number exclude each other: order_id of the first of them; NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.oco_leg IS 'Side of the exclusion: orders of one leg add up (a ladder), and a fill in one leg takes as much from each other leg. NULL when it stands alone.';
COMMENT ON COLUMN trading.orders.oco_taken IS 'Quantity that fills of the other legs took from this order.';
COMMENT ON COLUMN trading.orders.opening_quantity IS 'Part of the unfilled quantity that would open or enlarge a position, as judged at submission; its money is reserved.';
COMMENT ON COLUMN trading.orders.busted_quantity IS 'Part of filled_quantity that the exchange took back later.';
COMMENT ON COLUMN trading.orders.maker_value IS 'Part of filled_value that rested in the book when it filled.';
COMMENT ON COLUMN trading.orders.fee_lines IS 'Fees so far by component, in the order of trading.fee_component; they add up to fees.';
COMMENT ON COLUMN trading.orders.broker_order_id IS 'The broker''s own key; NULL for paper and before the broker answered.';
COMMENT ON COLUMN trading.orders.submitted_by IS 'Database role that submitted it.';
COMMENT ON COLUMN trading.orders.approved_by IS 'Database role that approved it, never the one that submitted it; NULL when no approval was asked or given.';
COMMENT ON COLUMN trading.orders.stop_price IS 'Trigger of stop types and limit_if_touched; where a trailing stop stands now; NULL for others.';
COMMENT ON COLUMN trading.orders.triggered_at IS 'Event time at which the stop price traded or was touched: a market or limit order since then; NULL before, and for types without a stop.';
COMMENT ON COLUMN trading.orders.reserve_price IS 'Price at which the money of the opening part is reserved; NULL when no price was known.';
COMMENT ON COLUMN trading.orders.reservation_id IS 'Pending transfer that holds its money; NULL when it needs none, and for rejected orders.';

INSERT INTO trading.order_transitions (from_status, to_status)
SELECT f::trading.order_status, t::trading.order_status
  FROM (VALUES
    ('new',              '{held,pending_approval}'),
    ('held',             '{accepted,pending_submit,pending_approval,rejected,cancelled,expired}'),
    ('pending_approval', '{held,accepted,pending_submit,rejected,cancelled,expired}')
  ) AS moves (f, targets), unnest(targets::text[]) AS t;

CREATE TYPE trading.liquidity AS ENUM ('maker', 'taker');
COMMENT ON TYPE trading.liquidity IS 'maker: the order rested in the book and was taken; taker: it took what rested.';

ALTER TABLE trading.fills
  ADD COLUMN liquidity       trading.liquidity NOT NULL DEFAULT 'taker',
  ADD COLUMN fifo_pnl        ledger.money NOT NULL DEFAULT 0,
  ADD COLUMN closed_quantity market.quantity NOT NULL DEFAULT 0 CONSTRAINT fills_closed_quantity_check CHECK (closed_quantity BETWEEN 0 AND quantity),
  ADD COLUMN busts_fill_id   bigint,
  ADD COLUMN corrects_fill_id bigint,
  DROP CONSTRAINT fills_fee_check,
  ADD CONSTRAINT fills_fee_check CHECK (CASE WHEN busts_fill_id IS NULL THEN fee >= 0 ELSE fee <= 0 END),
  ADD CONSTRAINT fills_cause_check CHECK (num_nonnulls(busts_fill_id, corrects_fill_id) <= 1),
  ADD CONSTRAINT fills_busts_fill_id_fkey FOREIGN KEY (portfolio_id, busts_fill_id) REFERENCES trading.fills,
  ADD CONSTRAINT fills_corrects_fill_id_fkey FOREIGN KEY (portfolio_id, corrects_fill_id) REFERENCES trading.fills;
CREATE UNIQUE INDEX fills_busts_fill_id_key ON trading.fills (portfolio_id, busts_fill_id) WHERE busts_fill_id IS NOT NULL;
CREATE INDEX fills_instrument_idx ON trading.fills (portfolio_id, instrument_id, fill_id);
COMMENT ON COLUMN trading.fills.liquidity IS 'Whether the order rested in the book.';
COMMENT ON COLUMN trading.fills.fifo_pnl IS 'Profit of the lots that it closed, first in first out, before fees; realised_pnl is at average cost.';
COMMENT ON COLUMN trading.fills.closed_quantity IS 'Part of the quantity that closed an earlier position; the rest opened.';
COMMENT ON COLUMN trading.fills.busts_fill_id IS 'The fill that the exchange took back by this row, which is its mirror image: other side, fee returned. NULL for an execution.';
COMMENT ON COLUMN trading.fills.corrects_fill_id IS 'The busted fill that this execution stands in for; NULL otherwise.';

ALTER TABLE trading.positions
  ADD COLUMN margin            ledger.money NOT NULL DEFAULT 0 CONSTRAINT positions_margin_check CHECK (margin >= 0),
  ADD COLUMN market_value      ledger.money NOT NULL DEFAULT 0,
  ADD COLUMN fifo_pnl          ledger.money NOT NULL DEFAULT 0,
  ADD COLUMN intraday_quantity market.quantity NOT NULL DEFAULT 0,
  ADD COLUMN is_future         boolean NOT NULL DEFAULT false,
  ADD COLUMN is_foreign        boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN trading.positions.margin IS 'Money in the margin account for it: proceeds and collateral of a short, collateral of a future.';
COMMENT ON COLUMN trading.positions.market_value IS 'What it counts in the portfolio''s value since it was last valued, in the instrument''s currency: value at the price then, negative when short; for a future the gain since its last settlement.';
COMMENT ON COLUMN trading.positions.fifo_pnl IS 'Profit of closed lots, first in first out, before fees.';
COMMENT ON COLUMN trading.positions.intraday_quantity IS 'Part of quantity that intraday orders opened and the end of the session squares off; signed.';
COMMENT ON COLUMN trading.positions.is_future IS 'True for a future: not paid for, settled daily; cost is its value at the last settlement.';
COMMENT ON COLUMN trading.positions.is_foreign IS 'True when its currency is not the portfolio''s own.';
COMMENT ON COLUMN trading.positions.open_sell_quantity IS 'Unfilled quantity of open sells; of orders that exclude each other the larger leg counts.';
COMMENT ON COLUMN trading.positions.open_buy_quantity IS 'Unfilled quantity of open buys; of orders that exclude each other the larger leg counts.';
UPDATE trading.positions AS p SET market_value = coalesce(round(p.quantity * q.last::numeric * p.multiplier, 8), p.cost)
  FROM trading.positions AS n LEFT JOIN market.quotes AS q USING (instrument_id)
 WHERE p.portfolio_id = n.portfolio_id AND p.instrument_id = n.instrument_id AND p.quantity <> 0;

CREATE TABLE trading.lots (
  portfolio_id  int         NOT NULL,
  fill_id       bigint      NOT NULL,
  instrument_id int         NOT NULL,
  opened_at     timestamptz NOT NULL,
  quantity      market.quantity NOT NULL CONSTRAINT lots_quantity_check CHECK (quantity <> 0),
  cost          ledger.money NOT NULL,
  CONSTRAINT lots_pkey PRIMARY KEY (portfolio_id, instrument_id, fill_id),
  CONSTRAINT lots_fill_fkey FOREIGN KEY (portfolio_id, fill_id) REFERENCES trading.fills,
  CONSTRAINT lots_cost_check CHECK (sign(cost) IN (0, sign(quantity)))
) WITH (fillfactor = 70);
COMMENT ON TABLE  trading.lots IS 'Open lots, first in first out; a lot that is closed in whole is gone, and trading.lot_closures tells of it.';
COMMENT ON COLUMN trading.lots.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.lots.fill_id IS 'The fill that opened it.';
COMMENT ON COLUMN trading.lots.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.lots.opened_at IS 'Event time of that fill.';
COMMENT ON COLUMN trading.lots.quantity IS 'Units still open, in today''s shares; negative when short.';
COMMENT ON COLUMN trading.lots.cost IS 'What they cost, before fees; the sign of quantity. For a future the value at its last settlement.';

CREATE TABLE trading.lot_closures (
  portfolio_id   int         NOT NULL,
  fill_id        bigint      NOT NULL,
  lot_fill_id    bigint      NOT NULL,
  instrument_id  int         NOT NULL,
  quantity       market.quantity NOT NULL CONSTRAINT lot_closures_quantity_check CHECK (quantity <> 0),
  cost           ledger.money NOT NULL,
  value          ledger.money NOT NULL,
  opened_at      timestamptz NOT NULL,
  closed_at      timestamptz NOT NULL,
  CONSTRAINT lot_closures_pkey PRIMARY KEY (portfolio_id, fill_id, lot_fill_id)
);
COMMENT ON TABLE  trading.lot_closures IS 'Which fill closed how much of which lot: the tax view of each profit. Rebuilt for an instrument when one of its fills is busted.';
COMMENT ON COLUMN trading.lot_closures.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.lot_closures.fill_id IS 'The fill that closed.';
COMMENT ON COLUMN trading.lot_closures.lot_fill_id IS 'The fill that had opened the lot.';
COMMENT ON COLUMN trading.lot_closures.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.lot_closures.quantity IS 'Units closed, in the shares of the close; the sign of the lot.';
COMMENT ON COLUMN trading.lot_closures.cost IS 'What they had cost; the sign of quantity.';
COMMENT ON COLUMN trading.lot_closures.value IS 'What closing them brought (long) or took (short); the sign of quantity. value − cost is the profit.';
COMMENT ON COLUMN trading.lot_closures.opened_at IS 'Event time of the opening.';
COMMENT ON COLUMN trading.lot_closures.closed_at IS 'Event time of the close.';
-- Positions of before lots were kept: one lot each, at the average cost, named after the last fill.
INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
SELECT p.portfolio_id, f.fill_id, p.instrument_id, f.at, p.quantity, p.cost
  FROM trading.positions AS p
  CROSS JOIN LATERAL (SELECT x.fill_id, x.at FROM trading.fills AS x
                       WHERE x.portfolio_id = p.portfolio_id AND x.instrument_id = p.instrument_id ORDER BY x.fill_id DESC LIMIT 1) AS f
 WHERE p.quantity <> 0;
UPDATE trading.positions SET fifo_pnl = realised_pnl WHERE realised_pnl <> 0;

ALTER TABLE trading.position_adjustments
  ADD COLUMN after_fill_id bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN trading.position_adjustments.after_fill_id IS 'The portfolio''s last fill before it: its place in the history of the position.';

ALTER TABLE ledger.transfers ADD COLUMN component text;
COMMENT ON COLUMN ledger.transfers.component IS 'Which part of a fee it is, a word of trading.fee_component; NULL for what is no fee.';
INSERT INTO ledger.accounts (portfolio_id, account_id, kind, currency)
SELECT a.portfolio_id, (SELECT max(n.account_id) FROM ledger.accounts AS n WHERE n.portfolio_id = a.portfolio_id) + row_number() OVER (PARTITION BY a.portfolio_id ORDER BY a.currency),
       'conversion', a.currency
  FROM ledger.accounts AS a WHERE a.kind = 'cash';
INSERT INTO ledger.balances (portfolio_id, account_id, may_overdraw)
SELECT a.portfolio_id, a.account_id, true FROM ledger.accounts AS a WHERE a.kind = 'conversion';

ALTER TABLE trading.portfolio_values
  ADD COLUMN margin ledger.money NOT NULL DEFAULT 0,
  ADD COLUMN income ledger.money NOT NULL DEFAULT 0,
  DROP COLUMN equity;
ALTER TABLE trading.portfolio_values
  ADD COLUMN equity ledger.money GENERATED ALWAYS AS (cash + margin + positions_value) STORED;
COMMENT ON COLUMN trading.portfolio_values.margin IS 'Posted money in the margin accounts: proceeds and collateral.';
COMMENT ON COLUMN trading.portfolio_values.income IS 'Dividends and interest received less paid since opening.';
COMMENT ON COLUMN trading.portfolio_values.equity IS 'Cash plus margin plus positions, in the base currency at the rates of the valuation.';
COMMENT ON COLUMN trading.portfolio_values.positions_value IS 'Sum of the positions'' market values: shorts negative, futures their gain since settlement.';
ALTER TABLE trading.portfolio_snapshots ADD COLUMN margin ledger.money NOT NULL DEFAULT 0;
COMMENT ON COLUMN trading.portfolio_snapshots.margin IS 'Posted money in the margin accounts.';

CREATE TYPE trading.position_move AS (
  closed numeric, closed_value numeric, cost numeric, realised numeric, fifo_pnl numeric, margin numeric, cash numeric,
  debits ledger.account_kind[], credits ledger.account_kind[], amounts numeric[], kinds ledger.transfer_kind[]);
COMMENT ON TYPE trading.position_move IS 'What a fill does to a position, before fees: quantity and value that close; change of cost, realised profit (average cost; first in first out), margin and cash; and the transfers that say so.';
