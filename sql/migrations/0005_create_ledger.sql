-- Double entry. Accounts and their sums, every movement of money, and what is left of what was set aside.
CREATE TYPE ledger.account_kind AS ENUM
  ('cash', 'capital', 'securities', 'fees', 'income', 'margin', 'conversion');
CREATE TYPE ledger.transfer_kind AS ENUM
  ('deposit', 'withdrawal', 'reservation', 'trade', 'fee', 'dividend', 'interest', 'margin', 'conversion', 'adjustment',
   'settlement', 'cash_in_lieu', 'borrow');
CREATE TYPE ledger.transfer_state AS ENUM ('posted', 'pending', 'voided');
COMMENT ON TYPE ledger.account_kind IS
  'cash: free and reserved money; capital: the owner''s side of deposits; securities: cost of what is paid in full '
  'less realised profit; margin: proceeds and collateral of shorts, collateral of futures; conversion: the other side '
  'of currency conversions; fees; income: dividends and interest, less what borrowing shorts costs.';
COMMENT ON TYPE ledger.transfer_kind IS
  'Why money moved; borrow: for what is held short.';
COMMENT ON TYPE ledger.transfer_state IS
  'posted: money moved; pending: reserved; voided: the part of a pending transfer that was released.';

-- The one row that every transition of a portfolio locks first. It makes transitions of a portfolio serial,
-- numbers them without gaps, and carries the clock that puts its events in commit order.
CREATE TABLE ledger.portfolio_clocks (
  portfolio_id     int         CONSTRAINT portfolio_clocks_pkey PRIMARY KEY,
  next_transfer_id bigint      NOT NULL DEFAULT 1,
  next_order_id    bigint      NOT NULL DEFAULT 1,
  next_fill_id     bigint      NOT NULL DEFAULT 1,
  stream_xid       xid8        NOT NULL DEFAULT '0',
  transitions      bigint      NOT NULL DEFAULT 0,
  marked_until     timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE  ledger.portfolio_clocks IS
  'One row per portfolio: the lock that its transitions take first, and its running numbers.';
COMMENT ON COLUMN ledger.portfolio_clocks.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.portfolio_clocks.next_transfer_id IS 'Number of the next transfer.';
COMMENT ON COLUMN ledger.portfolio_clocks.next_order_id IS 'Number of the next order.';
COMMENT ON COLUMN ledger.portfolio_clocks.next_fill_id IS 'Number of the next fill.';
COMMENT ON COLUMN ledger.portfolio_clocks.stream_xid IS
  'stream_xid of the latest event of this portfolio; later events never get a lower one.';
COMMENT ON COLUMN ledger.portfolio_clocks.transitions IS
  'Grows with each transition, whatever the order of transaction ids: who remembers the portfolio at another number '
  'has missed one.';
COMMENT ON COLUMN ledger.portfolio_clocks.marked_until IS
  'When the next day or week of an exchange begins, or the next day of the portfolio: nothing was booked yet after '
  'this time. What is booked then first marks what the portfolio was worth (risk.period_marks).';

CREATE TABLE ledger.accounts (
  portfolio_id int                 NOT NULL CONSTRAINT accounts_portfolio_id_fkey REFERENCES trading.portfolios,
  account_id   smallint            NOT NULL,
  kind         ledger.account_kind NOT NULL,
  currency     ledger.currency     NOT NULL,
  CONSTRAINT accounts_pkey PRIMARY KEY (portfolio_id, account_id),
  CONSTRAINT accounts_portfolio_id_currency_kind_key UNIQUE (portfolio_id, currency, kind),
  CONSTRAINT accounts_currency_key UNIQUE (portfolio_id, account_id, currency)
);
COMMENT ON TABLE  ledger.accounts IS 'The accounts of a portfolio: one of each kind per currency.';
COMMENT ON COLUMN ledger.accounts.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.accounts.account_id IS 'Number within the portfolio.';
COMMENT ON COLUMN ledger.accounts.kind IS 'What it is for.';
COMMENT ON COLUMN ledger.accounts.currency IS 'The only currency that it holds.';

CREATE TABLE ledger.balances (
  portfolio_id    int          NOT NULL,
  account_id      smallint     NOT NULL,
  debits_posted   ledger.money NOT NULL DEFAULT 0,
  credits_posted  ledger.money NOT NULL DEFAULT 0,
  debits_pending  ledger.money NOT NULL DEFAULT 0,
  credits_pending ledger.money NOT NULL DEFAULT 0,
  may_overdraw    boolean      NOT NULL,
  CONSTRAINT balances_pkey PRIMARY KEY (portfolio_id, account_id),
  -- The last word of the fund check: whatever raced, money that is not there cannot be spent or reserved.
  CONSTRAINT balances_no_overdraft_check CHECK (may_overdraw OR credits_posted >= debits_posted + debits_pending),
  CONSTRAINT balances_signs_check CHECK (least(debits_posted, credits_posted, debits_pending, credits_pending) >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE  ledger.balances IS
  'Sums of each account''s transfers, kept in the same transaction as the transfers.';
COMMENT ON COLUMN ledger.balances.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.balances.account_id IS 'The account.';
COMMENT ON COLUMN ledger.balances.debits_posted IS 'Sum of posted debits.';
COMMENT ON COLUMN ledger.balances.credits_posted IS 'Sum of posted credits.';
COMMENT ON COLUMN ledger.balances.debits_pending IS
  'Sum of debits that are reserved and neither posted nor voided yet.';
COMMENT ON COLUMN ledger.balances.credits_pending IS
  'Sum of credits that are announced and neither posted nor voided yet.';
COMMENT ON COLUMN ledger.balances.may_overdraw IS 'False for cash and margin: available money never falls below zero.';

CREATE TABLE ledger.transfers (
  portfolio_id      int                   NOT NULL,
  transfer_id       bigint                NOT NULL,
  debit_account_id  smallint              NOT NULL,
  credit_account_id smallint              NOT NULL,
  amount            ledger.money          NOT NULL,
  currency          ledger.currency       NOT NULL,
  kind              ledger.transfer_kind  NOT NULL,
  component         text,
  state             ledger.transfer_state NOT NULL,
  pending_id        bigint,
  order_id          bigint,
  fill_id           bigint,
  reference         text,
  at                timestamptz           NOT NULL,
  recorded_at       timestamptz           NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT transfers_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT transfers_sound_check CHECK (
    amount > 0 AND debit_account_id <> credit_account_id
    AND (state = 'posted' OR (state = 'voided') = (pending_id IS NOT NULL)))
);
CREATE INDEX transfers_pending_idx ON ledger.transfers (portfolio_id, pending_id) WHERE pending_id IS NOT NULL;
CREATE UNIQUE INDEX transfers_reference_key ON ledger.transfers (portfolio_id, reference) WHERE reference IS NOT NULL;
COMMENT ON TABLE  ledger.transfers IS
  'Every movement of money, two sides by construction, append-only. A pending transfer is answered by new rows that '
  'name it.';
COMMENT ON COLUMN ledger.transfers.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.transfers.transfer_id IS 'Running number within the portfolio, without gaps.';
COMMENT ON COLUMN ledger.transfers.debit_account_id IS 'Account that gives.';
COMMENT ON COLUMN ledger.transfers.credit_account_id IS 'Account that receives.';
COMMENT ON COLUMN ledger.transfers.amount IS 'How much, always positive.';
COMMENT ON COLUMN ledger.transfers.currency IS 'Currency of both accounts.';
COMMENT ON COLUMN ledger.transfers.kind IS 'Why.';
COMMENT ON COLUMN ledger.transfers.component IS
  'Which part of a fee it is, a word of trading.fee_component; NULL for what is no fee.';
COMMENT ON COLUMN ledger.transfers.state IS 'posted, pending, or voided (this much of pending_id was released).';
COMMENT ON COLUMN ledger.transfers.pending_id IS
  'The pending transfer that this row posts or voids in part or whole; NULL otherwise.';
COMMENT ON COLUMN ledger.transfers.order_id IS 'Order that caused it; NULL when none did.';
COMMENT ON COLUMN ledger.transfers.fill_id IS 'Fill that caused it; NULL when none did.';
COMMENT ON COLUMN ledger.transfers.reference IS
  'The caller''s own key, unique in the portfolio: the same reference is never booked twice; NULL when none was given.';
COMMENT ON COLUMN ledger.transfers.at IS 'Event time.';
COMMENT ON COLUMN ledger.transfers.recorded_at IS 'Clock time of the booking.';

-- What the owner put in and took out, in the portfolio's currency: fixed once, so that rates that move later move
-- profits and no deposits.
CREATE TABLE ledger.capital_flows (
  portfolio_id int                  NOT NULL,
  transfer_id  bigint               NOT NULL,
  rate         ledger.exchange_rate,
  amount       ledger.money         NOT NULL,
  at           timestamptz          NOT NULL,
  CONSTRAINT capital_flows_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT capital_flows_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers
);
COMMENT ON TABLE  ledger.capital_flows IS
  'Each posted transfer from or to a capital account with its amount in the portfolio''s currency, append-only: '
  'deposits, withdrawals, losses that were advanced, and reversals of these.';
COMMENT ON COLUMN ledger.capital_flows.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.capital_flows.transfer_id IS 'The transfer.';
COMMENT ON COLUMN ledger.capital_flows.rate IS
  'Exchange rate of its own time; a reversal has that of what it reverses; NULL for an advance in a currency whose '
  'rate was not known, which counts as nothing, like the money itself.';
COMMENT ON COLUMN ledger.capital_flows.amount IS
  'What came in (positive) or went out (negative), in the portfolio''s currency.';
COMMENT ON COLUMN ledger.capital_flows.at IS 'Event time of the transfer.';

CREATE TABLE ledger.holds (
  portfolio_id int          NOT NULL,
  transfer_id  bigint       NOT NULL,
  remaining    ledger.money NOT NULL CONSTRAINT holds_remaining_check CHECK (remaining > 0),
  CONSTRAINT holds_pkey PRIMARY KEY (portfolio_id, transfer_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE  ledger.holds IS
  'What is left of the transfers that ledger.hold set aside; one that is answered in whole has no row. What an order '
  'reserves stands in trading.orders.';
COMMENT ON COLUMN ledger.holds.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.holds.transfer_id IS 'The pending transfer.';
COMMENT ON COLUMN ledger.holds.remaining IS 'Amount neither posted nor voided yet.';

CREATE TABLE ledger.reversals (
  portfolio_id int    NOT NULL,
  transfer_id  bigint NOT NULL,
  reversal_id  bigint NOT NULL,
  reason       text   NOT NULL CONSTRAINT reversals_reason_check CHECK (reason ~ '[^[:space:]]'),
  actor        text   NOT NULL DEFAULT ops.actor(),
  -- The key allows one reversal of a transfer.
  CONSTRAINT reversals_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT reversals_reversal_id_key UNIQUE (portfolio_id, reversal_id),
  CONSTRAINT reversals_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers,
  CONSTRAINT reversals_reversal_fkey FOREIGN KEY (portfolio_id, reversal_id) REFERENCES ledger.transfers
);
COMMENT ON TABLE  ledger.reversals IS 'Transfers that a later one took back, once each; append-only.';
COMMENT ON COLUMN ledger.reversals.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.reversals.transfer_id IS 'The transfer that was taken back.';
COMMENT ON COLUMN ledger.reversals.reversal_id IS 'The transfer that took it back: its mirror image, kind adjustment.';
COMMENT ON COLUMN ledger.reversals.reason IS 'Why, in words.';
COMMENT ON COLUMN ledger.reversals.actor IS 'Database role that asked for it.';

CREATE TABLE ledger.conversions (
  portfolio_id   int                  NOT NULL,
  transfer_id    bigint               NOT NULL,
  to_transfer_id bigint               NOT NULL,
  rate           ledger.exchange_rate NOT NULL,
  CONSTRAINT conversions_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT conversions_to_transfer_id_key UNIQUE (portfolio_id, to_transfer_id),
  CONSTRAINT conversions_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers,
  CONSTRAINT conversions_to_transfer_fkey FOREIGN KEY (portfolio_id, to_transfer_id) REFERENCES ledger.transfers
);
COMMENT ON TABLE  ledger.conversions IS 'Which two transfers are one conversion, and at what rate; append-only.';
COMMENT ON COLUMN ledger.conversions.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.conversions.transfer_id IS 'Transfer out of the cash of the currency that was given.';
COMMENT ON COLUMN ledger.conversions.to_transfer_id IS
  'Transfer into the cash of the currency that was received: amount × rate, rounded half away from zero.';
COMMENT ON COLUMN ledger.conversions.rate IS 'Units received for one unit given.';

CREATE TABLE ledger.exchange_rates (
  from_currency ledger.currency      NOT NULL,
  to_currency   ledger.currency      NOT NULL,
  at            timestamptz          NOT NULL CONSTRAINT exchange_rates_at_check CHECK (isfinite(at)),
  rate          ledger.exchange_rate NOT NULL,
  recorded_at   timestamptz          NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT exchange_rates_pkey PRIMARY KEY (from_currency, to_currency, at),
  CONSTRAINT exchange_rates_pair_check CHECK (from_currency <> to_currency)
);
COMMENT ON TABLE  ledger.exchange_rates IS
  'Rates between currencies, each in force from its time until the next one of its pair, in either direction.';
COMMENT ON COLUMN ledger.exchange_rates.from_currency IS 'Currency of which one unit is priced.';
COMMENT ON COLUMN ledger.exchange_rates.to_currency IS 'Currency of the price.';
COMMENT ON COLUMN ledger.exchange_rates.at IS 'Event time from which it counts.';
COMMENT ON COLUMN ledger.exchange_rates.rate IS 'Units of to_currency for one unit of from_currency.';
COMMENT ON COLUMN ledger.exchange_rates.recorded_at IS 'Clock time at which it was set.';
