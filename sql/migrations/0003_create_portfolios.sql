CREATE TABLE trading.fee_schedules (
  name       text NOT NULL CONSTRAINT fee_schedules_name_check CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  valid_from date NOT NULL DEFAULT '-infinity',
  per_share  ledger.money NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_per_share_check CHECK (per_share >= 0),
  per_order  ledger.money NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_per_order_check CHECK (per_order >= 0),
  percent    numeric(18, 8) NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_percent_check CHECK (percent BETWEEN 0 AND 100),
  minimum    ledger.money NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_minimum_check CHECK (minimum >= 0),
  maximum    ledger.money,
  CONSTRAINT fee_schedules_pkey PRIMARY KEY (name, valid_from),
  CONSTRAINT fee_schedules_maximum_check CHECK (maximum >= minimum)
);
COMMENT ON TABLE  trading.fee_schedules IS 'What a broker charges for an order; the row with the latest valid_from on or before the order''s day counts.';
COMMENT ON COLUMN trading.fee_schedules.name IS 'Name that portfolios refer to.';
COMMENT ON COLUMN trading.fee_schedules.valid_from IS 'First day (UTC) of these terms.';
COMMENT ON COLUMN trading.fee_schedules.per_share IS 'Charge per unit of quantity.';
COMMENT ON COLUMN trading.fee_schedules.per_order IS 'Charge per order that fills at all.';
COMMENT ON COLUMN trading.fee_schedules.percent IS 'Charge in percent of the traded value.';
COMMENT ON COLUMN trading.fee_schedules.minimum IS 'Least charge per order.';
COMMENT ON COLUMN trading.fee_schedules.maximum IS 'Highest charge per order; NULL is without bound.';

CREATE TABLE trading.portfolios (
  portfolio_id        int  GENERATED ALWAYS AS IDENTITY CONSTRAINT portfolios_pkey PRIMARY KEY,
  name                text NOT NULL CONSTRAINT portfolios_name_key UNIQUE
                           CONSTRAINT portfolios_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  currency            ledger.currency NOT NULL,
  broker              text NOT NULL DEFAULT 'paper',
  fee_schedule        text NOT NULL DEFAULT 'free',
  slippage_bps        numeric(9, 4) NOT NULL DEFAULT 0 CONSTRAINT portfolios_slippage_bps_check CHECK (slippage_bps BETWEEN 0 AND 10000),
  market_order_buffer numeric(9, 6) NOT NULL DEFAULT 0.05 CONSTRAINT portfolios_market_order_buffer_check CHECK (market_order_buffer BETWEEN 0 AND 10),
  snapshot_interval   interval NOT NULL DEFAULT '1 day' CONSTRAINT portfolios_snapshot_interval_check
                           CHECK (snapshot_interval >= interval '1 second' AND extract(month FROM snapshot_interval) = 0 AND extract(year FROM snapshot_interval) = 0),
  opened_at           timestamptz NOT NULL
);
COMMENT ON TABLE  trading.portfolios IS 'A pot of cash and positions in one base currency; its rows lead the keys of all that it owns.';
COMMENT ON COLUMN trading.portfolios.portfolio_id IS 'Identifier.';
COMMENT ON COLUMN trading.portfolios.name IS 'Name that people use in calls.';
COMMENT ON COLUMN trading.portfolios.currency IS 'Base currency.';
COMMENT ON COLUMN trading.portfolios.broker IS 'Where its orders go; paper is matched by the runner.';
COMMENT ON COLUMN trading.portfolios.fee_schedule IS 'Name in trading.fee_schedules.';
COMMENT ON COLUMN trading.portfolios.slippage_bps IS 'Paper broker: basis points that market and stop fills lose to the market.';
COMMENT ON COLUMN trading.portfolios.market_order_buffer IS 'Share above the last price that is reserved for a market or stop buy; 0.05 is five percent.';
COMMENT ON COLUMN trading.portfolios.snapshot_interval IS 'One snapshot is kept for each interval of event time.';
COMMENT ON COLUMN trading.portfolios.opened_at IS 'Event time from which it exists.';

CREATE TABLE trading.portfolio_values (
  portfolio_id    int CONSTRAINT portfolio_values_pkey PRIMARY KEY CONSTRAINT portfolio_values_portfolio_id_fkey REFERENCES trading.portfolios,
  cash            ledger.money NOT NULL DEFAULT 0,
  positions_value ledger.money NOT NULL DEFAULT 0,
  realised_pnl    ledger.money NOT NULL DEFAULT 0,
  unrealised_pnl  ledger.money NOT NULL DEFAULT 0,
  fees            ledger.money NOT NULL DEFAULT 0,
  equity          ledger.money GENERATED ALWAYS AS (cash + positions_value) STORED,
  at              timestamptz NOT NULL CONSTRAINT portfolio_values_at_check CHECK (isfinite(at))
) WITH (fillfactor = 50);
COMMENT ON TABLE  trading.portfolio_values IS 'What each portfolio is worth at the prices known when it was last valued; one row, updated in place (HOT).';
COMMENT ON COLUMN trading.portfolio_values.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.portfolio_values.cash IS 'Posted cash, reservations not deducted.';
COMMENT ON COLUMN trading.portfolio_values.positions_value IS 'Market value of all positions, shorts negative.';
COMMENT ON COLUMN trading.portfolio_values.realised_pnl IS 'Profit of closed quantity before fees since opening.';
COMMENT ON COLUMN trading.portfolio_values.unrealised_pnl IS 'Market value less cost of what is held.';
COMMENT ON COLUMN trading.portfolio_values.fees IS 'Fees paid since opening.';
COMMENT ON COLUMN trading.portfolio_values.equity IS 'Cash plus positions.';
COMMENT ON COLUMN trading.portfolio_values.at IS 'Event time of the valuation.';

CREATE TABLE trading.portfolio_snapshots (
  portfolio_id    int          NOT NULL CONSTRAINT portfolio_snapshots_portfolio_id_fkey REFERENCES trading.portfolios,
  bucket          timestamptz  NOT NULL,
  at              timestamptz  NOT NULL,
  cash            ledger.money NOT NULL,
  positions_value ledger.money NOT NULL,
  equity          ledger.money NOT NULL,
  realised_pnl    ledger.money NOT NULL,
  unrealised_pnl  ledger.money NOT NULL,
  fees            ledger.money NOT NULL,
  net_deposits    ledger.money NOT NULL,
  CONSTRAINT portfolio_snapshots_pkey PRIMARY KEY (portfolio_id, bucket)
);
COMMENT ON TABLE  trading.portfolio_snapshots IS 'The equity curve: the last valuation in each snapshot interval.';
COMMENT ON COLUMN trading.portfolio_snapshots.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.portfolio_snapshots.bucket IS 'Start of the interval (date_bin of the event time from 2000-01-01 UTC).';
COMMENT ON COLUMN trading.portfolio_snapshots.at IS 'Event time of the valuation.';
COMMENT ON COLUMN trading.portfolio_snapshots.cash IS 'Posted cash.';
COMMENT ON COLUMN trading.portfolio_snapshots.positions_value IS 'Market value of positions.';
COMMENT ON COLUMN trading.portfolio_snapshots.equity IS 'Cash plus positions.';
COMMENT ON COLUMN trading.portfolio_snapshots.realised_pnl IS 'Realised profit since opening, before fees.';
COMMENT ON COLUMN trading.portfolio_snapshots.unrealised_pnl IS 'Unrealised profit.';
COMMENT ON COLUMN trading.portfolio_snapshots.fees IS 'Fees since opening.';
COMMENT ON COLUMN trading.portfolio_snapshots.net_deposits IS 'Deposits less withdrawals since opening.';
