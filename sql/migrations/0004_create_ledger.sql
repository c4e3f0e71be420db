CREATE TYPE ledger.account_kind AS ENUM ('cash', 'capital', 'securities', 'fees', 'income', 'margin');
CREATE TYPE ledger.transfer_kind AS ENUM
  ('deposit', 'withdrawal', 'reservation', 'trade', 'fee', 'dividend', 'interest', 'margin', 'conversion', 'adjustment');
CREATE TYPE ledger.transfer_state AS ENUM ('posted', 'pending', 'voided');
COMMENT ON TYPE ledger.account_kind IS 'cash: free and reserved money; capital: the owner''s side of deposits; securities: cost of what is held less realised profit; fees, income, margin.';
COMMENT ON TYPE ledger.transfer_kind IS 'Why money moved.';
COMMENT ON TYPE ledger.transfer_state IS 'posted: money moved; pending: reserved; voided: the part of a pending transfer that was released.';

-- The one row that every transition of a portfolio locks first. It makes transitions of a portfolio serial,
-- numbers them without gaps, and carries the clock that puts its events in commit order.
CREATE TABLE ledger.books (
  portfolio_id     int    CONSTRAINT books_pkey PRIMARY KEY CONSTRAINT books_portfolio_id_fkey REFERENCES trading.portfolios,
  next_transfer_id bigint NOT NULL DEFAULT 1,
  next_order_id    bigint NOT NULL DEFAULT 1,
  next_fill_id     bigint NOT NULL DEFAULT 1,
  stream_xid       xid8   NOT NULL DEFAULT '0'
) WITH (fillfactor = 50);
COMMENT ON TABLE  ledger.books IS 'One row per portfolio: the lock that its transitions take first, and its running numbers.';
COMMENT ON COLUMN ledger.books.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.books.next_transfer_id IS 'Number of the next transfer.';
COMMENT ON COLUMN ledger.books.next_order_id IS 'Number of the next order.';
COMMENT ON COLUMN ledger.books.next_fill_id IS 'Number of the next fill.';
COMMENT ON COLUMN ledger.books.stream_xid IS 'Highest transaction id that wrote an event of this portfolio; later events never get a lower one.';

CREATE TABLE ledger.accounts (
  portfolio_id int      NOT NULL CONSTRAINT accounts_portfolio_id_fkey REFERENCES trading.portfolios,
  account_id   smallint NOT NULL,
  kind         ledger.account_kind NOT NULL,
  currency     ledger.currency NOT NULL,
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
  debits_posted   ledger.money NOT NULL DEFAULT 0 CONSTRAINT balances_debits_posted_check CHECK (debits_posted >= 0),
  credits_posted  ledger.money NOT NULL DEFAULT 0 CONSTRAINT balances_credits_posted_check CHECK (credits_posted >= 0),
  debits_pending  ledger.money NOT NULL DEFAULT 0 CONSTRAINT balances_debits_pending_check CHECK (debits_pending >= 0),
  credits_pending ledger.money NOT NULL DEFAULT 0 CONSTRAINT balances_credits_pending_check CHECK (credits_pending >= 0),
  may_overdraw    boolean      NOT NULL,
  CONSTRAINT balances_pkey PRIMARY KEY (portfolio_id, account_id),
  CONSTRAINT balances_account_fkey FOREIGN KEY (portfolio_id, account_id) REFERENCES ledger.accounts,
  -- The last word of the fund check: whatever raced, money that is not there cannot be spent or reserved.
  CONSTRAINT balances_no_overdraft_check CHECK (may_overdraw OR credits_posted - debits_posted - debits_pending >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE  ledger.balances IS 'Sums of each account''s transfers, kept in the same transaction as the transfers.';
COMMENT ON COLUMN ledger.balances.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.balances.account_id IS 'The account.';
COMMENT ON COLUMN ledger.balances.debits_posted IS 'Sum of posted debits.';
COMMENT ON COLUMN ledger.balances.credits_posted IS 'Sum of posted credits.';
COMMENT ON COLUMN ledger.balances.debits_pending IS 'Sum of debits that are reserved and neither posted nor voided yet.';
COMMENT ON COLUMN ledger.balances.credits_pending IS 'Sum of credits that are announced and neither posted nor voided yet.';
COMMENT ON COLUMN ledger.balances.may_overdraw IS 'False for cash and margin: available money never falls below zero.';

CREATE TABLE ledger.transfers (
  portfolio_id      int          NOT NULL,
  transfer_id       bigint       NOT NULL,
  debit_account_id  smallint     NOT NULL,
  credit_account_id smallint     NOT NULL,
  amount            ledger.money NOT NULL CONSTRAINT transfers_amount_check CHECK (amount > 0),
  currency          ledger.currency NOT NULL,
  kind              ledger.transfer_kind NOT NULL,
  state             ledger.transfer_state NOT NULL,
  pending_id        bigint,
  order_id          bigint,
  fill_id           bigint,
  reference         text,
  at                timestamptz  NOT NULL,
  recorded_at       timestamptz  NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT transfers_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT transfers_sides_check CHECK (debit_account_id <> credit_account_id),
  CONSTRAINT transfers_pending_id_check CHECK (CASE state WHEN 'pending' THEN pending_id IS NULL WHEN 'voided' THEN pending_id IS NOT NULL ELSE true END),
  -- The currency is part of the reference, so that both sides are of one currency.
  CONSTRAINT transfers_debit_account_fkey  FOREIGN KEY (portfolio_id, debit_account_id, currency)  REFERENCES ledger.accounts (portfolio_id, account_id, currency),
  CONSTRAINT transfers_credit_account_fkey FOREIGN KEY (portfolio_id, credit_account_id, currency) REFERENCES ledger.accounts (portfolio_id, account_id, currency),
  CONSTRAINT transfers_pending_id_fkey     FOREIGN KEY (portfolio_id, pending_id) REFERENCES ledger.transfers
);
CREATE INDEX transfers_pending_idx ON ledger.transfers (portfolio_id, pending_id) WHERE pending_id IS NOT NULL;
CREATE UNIQUE INDEX transfers_reference_key ON ledger.transfers (portfolio_id, reference) WHERE reference IS NOT NULL;
COMMENT ON TABLE  ledger.transfers IS 'Every movement of money, two sides by construction, append-only. A pending transfer is answered by new rows that name it.';
COMMENT ON COLUMN ledger.transfers.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.transfers.transfer_id IS 'Running number within the portfolio, without gaps.';
COMMENT ON COLUMN ledger.transfers.debit_account_id IS 'Account that gives.';
COMMENT ON COLUMN ledger.transfers.credit_account_id IS 'Account that receives.';
COMMENT ON COLUMN ledger.transfers.amount IS 'How much, always positive.';
COMMENT ON COLUMN ledger.transfers.currency IS 'Currency of both accounts.';
COMMENT ON COLUMN ledger.transfers.kind IS 'Why.';
COMMENT ON COLUMN ledger.transfers.state IS 'posted, pending, or voided (this much of pending_id was released).';
COMMENT ON COLUMN ledger.transfers.pending_id IS 'The pending transfer that this row posts or voids in part or whole; NULL otherwise.';
COMMENT ON COLUMN ledger.transfers.order_id IS 'Order that caused it; NULL when none did.';
COMMENT ON COLUMN ledger.transfers.fill_id IS 'Fill that caused it; NULL when none did.';
COMMENT ON COLUMN ledger.transfers.reference IS 'The caller''s own key, unique in the portfolio: the same reference is never booked twice; NULL when none was given.';
COMMENT ON COLUMN ledger.transfers.at IS 'Event time.';
COMMENT ON COLUMN ledger.transfers.recorded_at IS 'Clock time of the booking.';

CREATE TABLE ledger.reservations (
  portfolio_id int          NOT NULL,
  transfer_id  bigint       NOT NULL,
  remaining    ledger.money NOT NULL CONSTRAINT reservations_remaining_check CHECK (remaining > 0),
  CONSTRAINT reservations_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT reservations_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers
) WITH (fillfactor = 50);
COMMENT ON TABLE  ledger.reservations IS 'What is left of each pending transfer; the row goes when nothing is left, so nothing is posted or voided twice.';
COMMENT ON COLUMN ledger.reservations.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.reservations.transfer_id IS 'The pending transfer.';
COMMENT ON COLUMN ledger.reservations.remaining IS 'Amount neither posted nor voided yet.';
