-- Fills, and the positions and lots that they make. What exchanges and issuers do to positions is in
-- 0013_create_settlements.sql. Why hot tables have one CHECK and few foreign keys is said in 0007_create_orders.sql.
CREATE TYPE trading.liquidity AS ENUM ('maker', 'taker');
COMMENT ON TYPE trading.liquidity IS 'maker: the order rested in the book and was taken; taker: it took what rested.';

CREATE TABLE trading.fills (
  portfolio_id     int                NOT NULL,
  fill_id          bigint             NOT NULL,
  order_id         bigint             NOT NULL,
  instrument_id    int                NOT NULL,
  side             trading.order_side NOT NULL,
  quantity         market.quantity    NOT NULL,
  price            market.price       NOT NULL,
  value            ledger.money       NOT NULL,
  fee              ledger.money       NOT NULL,
  liquidity        trading.liquidity  NOT NULL DEFAULT 'taker',
  closed_quantity  market.quantity    NOT NULL DEFAULT 0,
  realised_pnl     ledger.money       NOT NULL,
  fifo_pnl         ledger.money       NOT NULL DEFAULT 0,
  broker           text               NOT NULL,
  execution_id     text               NOT NULL,
  busts_fill_id    bigint,
  corrects_fill_id bigint,
  at               timestamptz        NOT NULL,
  recorded_at      timestamptz        NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT fills_pkey PRIMARY KEY (portfolio_id, fill_id),
  CONSTRAINT fills_portfolio_id_order_id_execution_id_key UNIQUE (portfolio_id, order_id, execution_id),
  CONSTRAINT fills_busts_fill_id_fkey FOREIGN KEY (portfolio_id, busts_fill_id) REFERENCES trading.fills,
  CONSTRAINT fills_corrects_fill_id_fkey FOREIGN KEY (portfolio_id, corrects_fill_id) REFERENCES trading.fills
);
CREATE INDEX fills_at_idx ON trading.fills (portfolio_id, at);
CREATE INDEX fills_instrument_idx ON trading.fills (portfolio_id, instrument_id, fill_id);
CREATE UNIQUE INDEX fills_corrects_fill_id_key ON trading.fills (portfolio_id, corrects_fill_id)
  WHERE corrects_fill_id IS NOT NULL;
CREATE UNIQUE INDEX fills_busts_fill_id_key ON trading.fills (portfolio_id, busts_fill_id)
  WHERE busts_fill_id IS NOT NULL;
COMMENT ON TABLE  trading.fills IS
  'Executions, append-only; positions change through them and through corporate actions alone.';
COMMENT ON COLUMN trading.fills.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.fills.fill_id IS 'Running number within the portfolio, without gaps.';
COMMENT ON COLUMN trading.fills.order_id IS 'The order.';
COMMENT ON COLUMN trading.fills.instrument_id IS 'What was traded.';
COMMENT ON COLUMN trading.fills.side IS 'Bought or sold.';
COMMENT ON COLUMN trading.fills.quantity IS 'Units, in the shares of that day.';
COMMENT ON COLUMN trading.fills.price IS 'Price per unit.';
COMMENT ON COLUMN trading.fills.value IS 'quantity × price × multiplier.';
COMMENT ON COLUMN trading.fills.fee IS 'What the broker charged for it.';
COMMENT ON COLUMN trading.fills.liquidity IS 'Whether the order rested in the book.';
COMMENT ON COLUMN trading.fills.closed_quantity IS
  'Part of the quantity that closed an earlier position; the rest opened.';
COMMENT ON COLUMN trading.fills.realised_pnl IS 'Profit of the quantity that it closed, before fees.';
COMMENT ON COLUMN trading.fills.fifo_pnl IS
  'Profit of the lots that it closed, first in first out, before fees; realised_pnl is at average cost.';
COMMENT ON COLUMN trading.fills.broker IS 'Where it happened.';
COMMENT ON COLUMN trading.fills.execution_id IS 
  'The broker''s key, counted once for an order: it may name a match, whose two sides are two orders. Of a bust: bust/ '
  'and that of the fill.';
COMMENT ON COLUMN trading.fills.busts_fill_id IS
  'The fill that the exchange took back by this row, which is its mirror image: other side, fee returned. NULL for an '
  'execution.';
COMMENT ON COLUMN trading.fills.corrects_fill_id IS
  'The busted fill that this execution stands in for; NULL otherwise.';
COMMENT ON COLUMN trading.fills.at IS 'Event time.';
COMMENT ON COLUMN trading.fills.recorded_at IS 'Clock time.';

CREATE FUNCTION trading.fill_is_sound(p_fill trading.fills)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN p_fill.quantity > 0 AND p_fill.price > 0 AND p_fill.closed_quantity BETWEEN 0 AND p_fill.quantity
    AND length(p_fill.execution_id) BETWEEN 1 AND CASE WHEN p_fill.busts_fill_id IS NULL THEN 256 ELSE 261 END
    AND p_fill.execution_id !~ '[^ -~]' AND p_fill.execution_id = btrim(p_fill.execution_id)
    AND starts_with(p_fill.execution_id, 'bust/') = (p_fill.busts_fill_id IS NOT NULL)
    AND CASE WHEN p_fill.busts_fill_id IS NULL THEN p_fill.fee >= 0 ELSE p_fill.fee <= 0 END
    AND (p_fill.busts_fill_id IS NULL OR p_fill.corrects_fill_id IS NULL);
END
$$;
COMMENT ON FUNCTION trading.fill_is_sound(trading.fills) IS
  'What must hold for every row of trading.fills: quantity and price are positive, the closed part fits, a fee is paid '
  'by a fill and returned by a bust.';
ALTER TABLE trading.fills ADD CONSTRAINT fills_sound_check CHECK (trading.fill_is_sound(fills));

CREATE TABLE trading.positions (
  portfolio_id       int             NOT NULL,
  instrument_id      int             NOT NULL,
  quantity           market.quantity NOT NULL DEFAULT 0,
  intraday_quantity  market.quantity NOT NULL DEFAULT 0,
  cost               ledger.money    NOT NULL DEFAULT 0,
  multiplier         market.ratio    NOT NULL DEFAULT 1,
  average_price      market.price
                     GENERATED ALWAYS AS (round(cost / nullif(quantity * multiplier, 0), 8)) STORED,
  market_value       ledger.money    NOT NULL DEFAULT 0,
  margin             ledger.money    NOT NULL DEFAULT 0,
  realised_pnl       ledger.money    NOT NULL DEFAULT 0,
  fifo_pnl           ledger.money    NOT NULL DEFAULT 0,
  fees               ledger.money    NOT NULL DEFAULT 0,
  open_buy_quantity  market.quantity NOT NULL DEFAULT 0,
  open_sell_quantity market.quantity NOT NULL DEFAULT 0,
  is_future          boolean         NOT NULL DEFAULT false,
  is_foreign         boolean         NOT NULL DEFAULT false,
  updated_at         timestamptz     NOT NULL,
  CONSTRAINT positions_pkey PRIMARY KEY (portfolio_id, instrument_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE  trading.positions IS 'What is held, what it cost, and what open orders want of it.';
COMMENT ON COLUMN trading.positions.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.positions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.positions.quantity IS 'Units held, negative when short.';
COMMENT ON COLUMN trading.positions.intraday_quantity IS
  'Part of quantity that intraday orders opened and the end of the session squares off; signed.';
COMMENT ON COLUMN trading.positions.cost IS 'What they cost at average cost, fees not included; the sign of quantity.';
COMMENT ON COLUMN trading.positions.multiplier IS 'The instrument''s multiplier.';
COMMENT ON COLUMN trading.positions.average_price IS 'Cost per unit; NULL when flat.';
COMMENT ON COLUMN trading.positions.market_value IS
  'What it counts in the portfolio''s value since it was last valued, in the instrument''s currency: value at the '
  'price then, negative when short; for a future the gain since its last settlement.';
COMMENT ON COLUMN trading.positions.margin IS
  'Money in the margin account for it: proceeds and collateral of a short, collateral of a future.';
COMMENT ON COLUMN trading.positions.realised_pnl IS 'Profit of closed quantity, before fees.';
COMMENT ON COLUMN trading.positions.fifo_pnl IS 'Profit of closed lots, first in first out, before fees.';
COMMENT ON COLUMN trading.positions.fees IS 'Fees of all fills.';
COMMENT ON COLUMN trading.positions.open_buy_quantity IS
  'Unfilled quantity of open buys; of orders that exclude each other the larger leg counts.';
COMMENT ON COLUMN trading.positions.open_sell_quantity IS
  'Unfilled quantity of open sells; of orders that exclude each other the larger leg counts.';
COMMENT ON COLUMN trading.positions.is_future IS
  'True for a future: not paid for, settled daily; cost is its value at the last settlement.';
COMMENT ON COLUMN trading.positions.is_foreign IS 'True when its currency is not the portfolio''s own.';
COMMENT ON COLUMN trading.positions.updated_at IS 'Event time of the last change.';

CREATE FUNCTION trading.position_is_sound(p_position trading.positions)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN p_position.open_buy_quantity >= 0 AND p_position.open_sell_quantity >= 0 AND p_position.margin >= 0
    AND CASE WHEN p_position.quantity = 0 THEN p_position.cost = 0
             ELSE sign(p_position.cost) IN (0, sign(p_position.quantity)) END;
END
$$;
COMMENT ON FUNCTION trading.position_is_sound(trading.positions) IS
  'What must hold for every row of trading.positions: nothing promised or set aside is negative, cost has the sign of '
  'what is held.';
ALTER TABLE trading.positions ADD CONSTRAINT positions_sound_check CHECK (trading.position_is_sound(positions));

CREATE TABLE trading.instrument_terms (
  instrument_id      int                    NOT NULL,
  version            int                    NOT NULL,
  exchange_id        int                    NOT NULL,
  symbol             market.symbol          NOT NULL,
  kind               market.instrument_kind NOT NULL,
  currency           ledger.currency        NOT NULL,
  multiplier         market.ratio           NOT NULL,
  strike             market.price,
  option_right       market.option_right,
  underlying_id      int,
  expires_on         date,
  lot_size           market.quantity        NOT NULL,
  tick_size          market.price           NOT NULL,
  initial_margin     market.ratio           NOT NULL,
  maintenance_margin market.ratio           NOT NULL,
  actor              text                   NOT NULL DEFAULT ops.actor(),
  recorded_at        timestamptz            NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT instrument_terms_pkey PRIMARY KEY (instrument_id, version)
);
COMMENT ON TABLE  trading.instrument_terms IS
  'Terms of the instruments that portfolios have ordered: a row when the first order came, and one for each change '
  'since; written by trigger, append-only. Exchange, kind, currency, multiplier, strike and right never change from '
  'then on. The last row agrees with market.instruments, or somebody has changed that behind the engine''s back.';
COMMENT ON COLUMN trading.instrument_terms.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.instrument_terms.version IS 'Running number within the instrument, from 1.';
COMMENT ON COLUMN trading.instrument_terms.exchange_id IS 'Where it trades.';
COMMENT ON COLUMN trading.instrument_terms.symbol IS 'Its symbol from then on.';
COMMENT ON COLUMN trading.instrument_terms.kind IS 'What it is.';
COMMENT ON COLUMN trading.instrument_terms.currency IS 'Currency of its prices.';
COMMENT ON COLUMN trading.instrument_terms.multiplier IS
  'Units of currency that one unit of quantity gains when the price rises by 1.';
COMMENT ON COLUMN trading.instrument_terms.strike IS 'Strike price of an option; NULL for others.';
COMMENT ON COLUMN trading.instrument_terms.option_right IS 'Call or put; NULL for what is no option.';
COMMENT ON COLUMN trading.instrument_terms.underlying_id IS 'What it is on from then on; NULL when that is not known.';
COMMENT ON COLUMN trading.instrument_terms.expires_on IS 'Last trading day from then on; NULL when there is none.';
COMMENT ON COLUMN trading.instrument_terms.lot_size IS 'Smallest quantity step from then on.';
COMMENT ON COLUMN trading.instrument_terms.tick_size IS 'Smallest price step from then on.';
COMMENT ON COLUMN trading.instrument_terms.initial_margin IS
  'Collateral that opening takes from then on, as a fraction.';
COMMENT ON COLUMN trading.instrument_terms.maintenance_margin IS
  'Collateral below which a margin call is due from then on, as a fraction.';
COMMENT ON COLUMN trading.instrument_terms.actor IS 'Database role that ordered it first, or changed it.';
COMMENT ON COLUMN trading.instrument_terms.recorded_at IS 'Clock time.';

CREATE TABLE trading.lots (
  portfolio_id  int             NOT NULL,
  instrument_id int             NOT NULL,
  fill_id       bigint          NOT NULL,
  opened_at     timestamptz     NOT NULL,
  quantity      market.quantity NOT NULL CONSTRAINT lots_quantity_check CHECK (quantity <> 0),
  cost          ledger.money    NOT NULL,
  settled_pnl   ledger.money    NOT NULL DEFAULT 0,
  CONSTRAINT lots_pkey PRIMARY KEY (portfolio_id, instrument_id, fill_id),
  CONSTRAINT lots_cost_check CHECK (quantity * cost >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE  trading.lots IS
  'Open lots, first in first out; a lot that is closed in whole is gone, and trading.lot_closures tells of it.';
COMMENT ON COLUMN trading.lots.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.lots.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.lots.fill_id IS 'The fill that opened it.';
COMMENT ON COLUMN trading.lots.opened_at IS 'Event time of that fill.';
COMMENT ON COLUMN trading.lots.quantity IS 'Units still open, in today''s shares; negative when short.';
COMMENT ON COLUMN trading.lots.cost IS
  'What they cost, before fees; the sign of quantity. For a future the value at its last settlement.';

COMMENT ON COLUMN trading.lots.settled_pnl IS
  'Profit of a future that daily settlements have paid since it was opened; cost less this is what it cost then. 0 for '
  'others.';

CREATE TABLE trading.lot_closures (
  portfolio_id  int             NOT NULL,
  fill_id       bigint          NOT NULL,
  lot_fill_id   bigint          NOT NULL,
  instrument_id int             NOT NULL,
  quantity      market.quantity NOT NULL CONSTRAINT lot_closures_quantity_check CHECK (quantity <> 0),
  cost          ledger.money    NOT NULL,
  value         ledger.money    NOT NULL,
  opened_at     timestamptz     NOT NULL,
  closed_at     timestamptz     NOT NULL,
  settled_pnl   ledger.money    NOT NULL DEFAULT 0,
  CONSTRAINT lot_closures_pkey PRIMARY KEY (portfolio_id, fill_id, lot_fill_id)
);
COMMENT ON TABLE  trading.lot_closures IS
  'Which fill closed how much of which lot: the tax view of each profit. Rebuilt for an instrument when one of its '
  'fills is busted.';
COMMENT ON COLUMN trading.lot_closures.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.lot_closures.fill_id IS
  'The fill that closed; 0 for final settlement and expiry, of which trading.settlements tells, and the negative '
  'action_id for a fraction that was paid in cash, of which trading.position_adjustments tells.';
COMMENT ON COLUMN trading.lot_closures.lot_fill_id IS 'The fill that had opened the lot.';
COMMENT ON COLUMN trading.lot_closures.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.lot_closures.quantity IS 'Units closed, in the shares of the close; the sign of the lot.';
COMMENT ON COLUMN trading.lot_closures.cost IS 'What they had cost; the sign of quantity.';
COMMENT ON COLUMN trading.lot_closures.value IS
  'What closing them brought (long) or took (short); the sign of quantity. value − cost is the profit.';
COMMENT ON COLUMN trading.lot_closures.opened_at IS 'Event time of the opening.';
COMMENT ON COLUMN trading.lot_closures.closed_at IS 'Event time of the close.';
COMMENT ON COLUMN trading.lot_closures.settled_pnl IS
  'Profit that daily settlements had paid for them before: value − cost + settled_pnl is the profit since the opening.';
