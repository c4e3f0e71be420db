-- What issuers, lenders and exchanges do to positions: splits and dividends, the cost of shorts, settlements of
-- contracts, margin calls.
CREATE TYPE trading.settlement_kind AS ENUM ('daily', 'final', 'expiry');
COMMENT ON TYPE trading.settlement_kind IS
  'daily: the gain of a future since its last settlement is paid; final: so, and the future ends; expiry: an option '
  'ends at its intrinsic value.';

CREATE TABLE trading.position_adjustments (
  portfolio_id    int             NOT NULL,
  instrument_id   int             NOT NULL,
  action_id       int             NOT NULL
                  CONSTRAINT position_adjustments_action_id_fkey REFERENCES market.corporate_actions,
  quantity_delta  market.quantity NOT NULL,
  orders_adjusted int             NOT NULL,
  numerator       market.ratio    NOT NULL,
  denominator     market.ratio    NOT NULL,
  ex_date         date            NOT NULL,
  after_fill_id   bigint          NOT NULL DEFAULT 0,
  at              timestamptz     NOT NULL,
  recorded_at     timestamptz     NOT NULL DEFAULT clock_timestamp(),
  lieu_quantity   market.quantity NOT NULL DEFAULT 0,
  lieu_price      market.price,
  lieu_amount     ledger.money    NOT NULL DEFAULT 0,
  realised_pnl    ledger.money    NOT NULL DEFAULT 0,
  fifo_pnl        ledger.money    NOT NULL DEFAULT 0,
  margin_delta    ledger.money    NOT NULL DEFAULT 0,
  advanced        ledger.money    NOT NULL DEFAULT 0
                  CONSTRAINT position_adjustments_advanced_check CHECK (advanced >= 0),
  first_transfer_id bigint,
  next_transfer_id  bigint,
  CONSTRAINT position_adjustments_pkey PRIMARY KEY (portfolio_id, action_id),
  CONSTRAINT position_adjustments_position_fkey FOREIGN KEY (portfolio_id, instrument_id) REFERENCES trading.positions,
  CONSTRAINT position_adjustments_lieu_check CHECK (
    num_nonnulls(lieu_price, first_transfer_id, next_transfer_id) = CASE lieu_quantity WHEN 0 THEN 0 ELSE 3 END
    AND (lieu_quantity <> 0
         OR lieu_amount = 0 AND realised_pnl = 0 AND fifo_pnl = 0 AND margin_delta = 0 AND advanced = 0)),
  CONSTRAINT position_adjustments_next_transfer_id_check CHECK (next_transfer_id >= first_transfer_id)
);
CREATE INDEX position_adjustments_transfers_idx ON trading.position_adjustments
  (portfolio_id, first_transfer_id, next_transfer_id) WHERE lieu_quantity <> 0;
COMMENT ON TABLE  trading.position_adjustments IS
  'Corporate actions as applied to a portfolio, once each, append-only.';
COMMENT ON COLUMN trading.position_adjustments.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.position_adjustments.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.position_adjustments.action_id IS 'The corporate action.';
COMMENT ON COLUMN trading.position_adjustments.quantity_delta IS
  'Units that the position gained (a split) or lost (a reverse split), less what was paid in cash.';
COMMENT ON COLUMN trading.position_adjustments.orders_adjusted IS 'Open orders whose terms changed with it.';
COMMENT ON COLUMN trading.position_adjustments.numerator IS 'New shares of the action when it was applied.';
COMMENT ON COLUMN trading.position_adjustments.denominator IS 'Old shares of the action when it was applied.';
COMMENT ON COLUMN trading.position_adjustments.ex_date IS 'Its ex-date then.';
COMMENT ON COLUMN trading.position_adjustments.after_fill_id IS
  'The portfolio''s last fill before it: its place in the history of the position.';
COMMENT ON COLUMN trading.position_adjustments.at IS 'Event time.';
COMMENT ON COLUMN trading.position_adjustments.recorded_at IS 'Clock time.';
COMMENT ON COLUMN trading.position_adjustments.lieu_quantity IS
  'Fraction of a unit, in units after the action, that was paid in cash instead; negative when short, 0 for none.';
COMMENT ON COLUMN trading.position_adjustments.lieu_price IS 'Price per unit after the action at which it was paid.';
COMMENT ON COLUMN trading.position_adjustments.lieu_amount IS
  'What was received for the fraction, negative when a short paid, in the instrument''s currency.';
COMMENT ON COLUMN trading.position_adjustments.realised_pnl IS 'Profit on the fraction at average cost.';
COMMENT ON COLUMN trading.position_adjustments.fifo_pnl IS 'Profit on the fraction first in first out.';
COMMENT ON COLUMN trading.position_adjustments.margin_delta IS
  'Money that the fraction of a short took out of the margin of the position: zero or negative.';
COMMENT ON COLUMN trading.position_adjustments.advanced IS
  'Part of what a short paid that the portfolio could not pay, and that was advanced to it as capital; 0 nearly '
  'always.';
COMMENT ON COLUMN trading.position_adjustments.first_transfer_id IS
  'Number of the first transfer of the fraction; NULL without one.';
COMMENT ON COLUMN trading.position_adjustments.next_transfer_id IS 'Number after its last transfer; NULL without one.';

CREATE TABLE trading.dividends (
  portfolio_id  int             NOT NULL,
  action_id     int             NOT NULL CONSTRAINT dividends_action_id_fkey REFERENCES market.corporate_actions,
  instrument_id int             NOT NULL,
  quantity      market.quantity NOT NULL CONSTRAINT dividends_quantity_check CHECK (quantity <> 0),
  per_unit      ledger.money    NOT NULL,
  ex_date       date            NOT NULL,
  amount        ledger.money    NOT NULL,
  advanced      ledger.money    NOT NULL CONSTRAINT dividends_advanced_check CHECK (advanced >= 0),
  transfer_id   bigint,
  at            timestamptz     NOT NULL CONSTRAINT dividends_at_check CHECK (isfinite(at)),
  recorded_at   timestamptz     NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT dividends_pkey PRIMARY KEY (portfolio_id, action_id),
  CONSTRAINT dividends_position_fkey FOREIGN KEY (portfolio_id, instrument_id) REFERENCES trading.positions,
  CONSTRAINT dividends_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers,
  CONSTRAINT dividends_transfer_id_check CHECK ((transfer_id IS NULL) = (amount = 0))
);
CREATE INDEX dividends_transfer_idx ON trading.dividends (portfolio_id, transfer_id);
COMMENT ON TABLE  trading.dividends IS
  'Dividends that were paid to or charged from a portfolio, once each; append-only.';
COMMENT ON COLUMN trading.dividends.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.dividends.action_id IS 'The corporate action.';
COMMENT ON COLUMN trading.dividends.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.dividends.quantity IS 'Units held before the ex-date began, negative when short.';
COMMENT ON COLUMN trading.dividends.per_unit IS 'Amount per unit of the action when it was paid.';
COMMENT ON COLUMN trading.dividends.ex_date IS 'Its ex-date then.';
COMMENT ON COLUMN trading.dividends.amount IS
  'What was received, negative when it was charged, in the instrument''s currency.';
COMMENT ON COLUMN trading.dividends.advanced IS
  'Part of a charge that the portfolio could not pay, and that was advanced to it as capital; 0 nearly always.';
COMMENT ON COLUMN trading.dividends.transfer_id IS 'Its transfer; NULL when the amount rounds to nothing.';
COMMENT ON COLUMN trading.dividends.at IS 'Event time.';
COMMENT ON COLUMN trading.dividends.recorded_at IS 'Clock time.';

CREATE TABLE trading.borrow_charges (
  portfolio_id  int             NOT NULL,
  instrument_id int             NOT NULL,
  day           date            NOT NULL CONSTRAINT borrow_charges_day_check CHECK (isfinite(day)),
  days          int             NOT NULL CONSTRAINT borrow_charges_days_check CHECK (days BETWEEN 1 AND 15),
  quantity      market.quantity NOT NULL CONSTRAINT borrow_charges_quantity_check CHECK (quantity < 0),
  price         market.price    NOT NULL CONSTRAINT borrow_charges_price_check CHECK (price > 0),
  value         ledger.money    NOT NULL,
  percent       numeric(18, 8)  NOT NULL CONSTRAINT borrow_charges_percent_check CHECK (percent > 0),
  amount        ledger.money    NOT NULL CONSTRAINT borrow_charges_amount_check CHECK (amount >= 0),
  advanced      ledger.money    NOT NULL CONSTRAINT borrow_charges_advanced_check CHECK (advanced >= 0),
  transfer_id   bigint,
  at            timestamptz     NOT NULL CONSTRAINT borrow_charges_at_check CHECK (isfinite(at)),
  recorded_at   timestamptz     NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT borrow_charges_pkey PRIMARY KEY (portfolio_id, instrument_id, day),
  CONSTRAINT borrow_charges_position_fkey FOREIGN KEY (portfolio_id, instrument_id) REFERENCES trading.positions,
  CONSTRAINT borrow_charges_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers,
  CONSTRAINT borrow_charges_transfer_id_check CHECK ((transfer_id IS NULL) = (amount = 0))
);
CREATE INDEX borrow_charges_transfer_idx ON trading.borrow_charges (portfolio_id, transfer_id);
COMMENT ON TABLE  trading.borrow_charges IS
  'What was charged for borrowing what was held short over the end of a trading day, once for each day; append-only. '
  'What becomes known later of the day changes none.';
COMMENT ON COLUMN trading.borrow_charges.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.borrow_charges.instrument_id IS 'The instrument.';
COMMENT ON COLUMN trading.borrow_charges.day IS 'Trading day over whose end it was held, in the exchange''s calendar.';
COMMENT ON COLUMN trading.borrow_charges.days IS 'Days of the calendar until the next trading day, which it is for.';
COMMENT ON COLUMN trading.borrow_charges.quantity IS 'Units held when the last session closed, always negative.';
COMMENT ON COLUMN trading.borrow_charges.price IS 'The last price then.';
COMMENT ON COLUMN trading.borrow_charges.value IS
  'Market value: units × price × multiplier, without the sign, in the instrument''s currency.';
COMMENT ON COLUMN trading.borrow_charges.percent IS 'Rate of a year of 360 days, in percent, when it was charged.';
COMMENT ON COLUMN trading.borrow_charges.amount IS
  'What was charged: value × percent × days ÷ 36,000, rounded half away from zero.';
COMMENT ON COLUMN trading.borrow_charges.advanced IS
  'Part of it that the portfolio could not pay, and that was advanced to it as capital; 0 nearly always.';
COMMENT ON COLUMN trading.borrow_charges.transfer_id IS 'Its transfer; NULL when the amount rounds to nothing.';
COMMENT ON COLUMN trading.borrow_charges.at IS 'Event time.';
COMMENT ON COLUMN trading.borrow_charges.recorded_at IS 'Clock time.';

CREATE TABLE trading.settlements (
  portfolio_id      int                     NOT NULL,
  instrument_id     int                     NOT NULL,
  day               date                    NOT NULL CONSTRAINT settlements_day_check CHECK (isfinite(day)),
  kind              trading.settlement_kind NOT NULL,
  price             market.price            NOT NULL CONSTRAINT settlements_price_check CHECK (price >= 0),
  underlying_price  market.price,
  quantity          market.quantity         NOT NULL CONSTRAINT settlements_quantity_check CHECK (quantity <> 0),
  quantity_delta    market.quantity         NOT NULL,
  realised_pnl      ledger.money            NOT NULL,
  fifo_pnl          ledger.money            NOT NULL,
  margin_delta      ledger.money            NOT NULL,
  advanced          ledger.money            NOT NULL CONSTRAINT settlements_advanced_check CHECK (advanced >= 0),
  fees              ledger.money            NOT NULL DEFAULT 0 CONSTRAINT settlements_fees_check CHECK (fees >= 0),
  first_transfer_id bigint                  NOT NULL,
  next_transfer_id  bigint                  NOT NULL,
  after_fill_id     bigint                  NOT NULL,
  at                timestamptz             NOT NULL CONSTRAINT settlements_at_check CHECK (isfinite(at)),
  recorded_at       timestamptz             NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT settlements_pkey PRIMARY KEY (portfolio_id, instrument_id, day),
  CONSTRAINT settlements_position_fkey FOREIGN KEY (portfolio_id, instrument_id) REFERENCES trading.positions,
  CONSTRAINT settlements_quantity_delta_check CHECK (quantity_delta = CASE kind WHEN 'daily' THEN 0 ELSE -quantity END),
  CONSTRAINT settlements_next_transfer_id_check CHECK (next_transfer_id >= first_transfer_id),
  CONSTRAINT settlements_underlying_price_check CHECK (
    (underlying_price IS NOT NULL) = (kind = 'expiry') AND (underlying_price > 0) IS NOT FALSE)
);
CREATE INDEX settlements_transfers_idx ON trading.settlements (portfolio_id, first_transfer_id, next_transfer_id);
COMMENT ON TABLE  trading.settlements IS
  'What the exchange settled of a position, once for each day; append-only. Final settlement and expiry close the '
  'position.';
COMMENT ON COLUMN trading.settlements.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.settlements.instrument_id IS 'The future or option.';
COMMENT ON COLUMN trading.settlements.day IS 'Trading day that was settled, in the exchange''s calendar.';
COMMENT ON COLUMN trading.settlements.kind IS 'What was settled.';
COMMENT ON COLUMN trading.settlements.price IS
  'Settlement price of a future; intrinsic value of one unit of an option.';
COMMENT ON COLUMN trading.settlements.underlying_price IS 'Price of what the option is on; NULL for futures.';
COMMENT ON COLUMN trading.settlements.quantity IS 'Units held before, negative when short.';
COMMENT ON COLUMN trading.settlements.quantity_delta IS
  'Units that the position lost (long) or gained (short): all of them, or 0 when it goes on.';
COMMENT ON COLUMN trading.settlements.realised_pnl IS
  'Profit that it realised at average cost, in the instrument''s currency.';
COMMENT ON COLUMN trading.settlements.fifo_pnl IS 'Profit that it realised first in first out.';
COMMENT ON COLUMN trading.settlements.margin_delta IS
  'Money that went into (positive) or out of (negative) the margin of the position.';
COMMENT ON COLUMN trading.settlements.advanced IS
  'Part of a loss that the portfolio could not pay, and that was advanced to it as capital; 0 nearly always.';
COMMENT ON COLUMN trading.settlements.fees IS
  'Charges on the exercise of an option that ended in the money; 0 for all else.';
COMMENT ON COLUMN trading.settlements.first_transfer_id IS 'Number of its first transfer.';
COMMENT ON COLUMN trading.settlements.next_transfer_id IS 'Number after its last transfer.';
COMMENT ON COLUMN trading.settlements.after_fill_id IS
  'The portfolio''s last fill before it: its place in the history of the position.';
COMMENT ON COLUMN trading.settlements.at IS 'Event time.';
COMMENT ON COLUMN trading.settlements.recorded_at IS 'Clock time.';

CREATE TABLE trading.unpriced_settlements (
  portfolio_id  int                     NOT NULL,
  instrument_id int                     NOT NULL,
  kind          trading.settlement_kind NOT NULL,
  first_day     date                    NOT NULL,
  day           date                    NOT NULL,
  price_of      int                     NOT NULL,
  at            timestamptz             NOT NULL CONSTRAINT unpriced_settlements_at_check CHECK (isfinite(at)),
  CONSTRAINT unpriced_settlements_pkey PRIMARY KEY (portfolio_id, instrument_id),
  CONSTRAINT unpriced_settlements_position_fkey FOREIGN KEY (portfolio_id, instrument_id) REFERENCES trading.positions,
  CONSTRAINT unpriced_settlements_day_check CHECK (first_day <= day)
);
COMMENT ON TABLE  trading.unpriced_settlements IS
  'Positions that could not be settled because no price of the day was known: they stay open until a price comes or '
  'somebody gives it. trading.unsettled shows them.';
COMMENT ON COLUMN trading.unpriced_settlements.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.unpriced_settlements.instrument_id IS 'The future or option.';
COMMENT ON COLUMN trading.unpriced_settlements.kind IS 'What is to be settled.';
COMMENT ON COLUMN trading.unpriced_settlements.first_day IS 'The first trading day that has no price.';
COMMENT ON COLUMN trading.unpriced_settlements.day IS 'The latest trading day that has no price.';
COMMENT ON COLUMN trading.unpriced_settlements.price_of IS
  'The instrument whose price of that day is wanted: the future itself, or what the contract is on.';
COMMENT ON COLUMN trading.unpriced_settlements.at IS 'Event time at which the latest day was tried first.';

CREATE TABLE trading.margin_calls (
  portfolio_id int          NOT NULL CONSTRAINT margin_calls_portfolio_id_fkey REFERENCES trading.portfolios,
  call_id      int          NOT NULL,
  requirement  ledger.money NOT NULL,
  equity       ledger.money NOT NULL,
  opened_at    timestamptz  NOT NULL CONSTRAINT margin_calls_opened_at_check CHECK (isfinite(opened_at)),
  closed_at    timestamptz
               CONSTRAINT margin_calls_closed_at_check CHECK (closed_at >= opened_at AND isfinite(closed_at)),
  CONSTRAINT margin_calls_pkey PRIMARY KEY (portfolio_id, call_id),
  CONSTRAINT margin_calls_equity_check CHECK (equity < requirement)
);
CREATE UNIQUE INDEX margin_calls_open_key ON trading.margin_calls (portfolio_id) WHERE closed_at IS NULL;
COMMENT ON TABLE  trading.margin_calls IS
  'When a portfolio''s equity was below what its positions on margin require; at most one is open.';
COMMENT ON COLUMN trading.margin_calls.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.margin_calls.call_id IS 'Running number within the portfolio, from 1.';
COMMENT ON COLUMN trading.margin_calls.requirement IS
  'Maintenance margin of all positions when it was opened, in the base currency.';
COMMENT ON COLUMN trading.margin_calls.equity IS 'Equity when it was opened, in the base currency.';
COMMENT ON COLUMN trading.margin_calls.opened_at IS 'Event time at which equity was seen below the requirement.';
COMMENT ON COLUMN trading.margin_calls.closed_at IS 'Event time at which it was seen restored; NULL while open.';
