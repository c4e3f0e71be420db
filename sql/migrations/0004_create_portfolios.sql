-- Who trades, and what it costs: portfolios with their value and its history, and the dated terms of brokers. The words
-- of an order come here, because fees differ by them.
CREATE TYPE trading.account_type  AS ENUM ('cash', 'margin');
CREATE TYPE trading.order_side    AS ENUM ('buy', 'sell');
CREATE TYPE trading.product       AS ENUM ('delivery', 'intraday', 'carry_forward');
CREATE TYPE trading.fee_component AS ENUM
  ('brokerage', 'stt', 'exchange', 'sebi', 'gst', 'stamp_duty', 'sec_fee', 'taf', 'other');
COMMENT ON TYPE trading.account_type IS
  'cash: what is bought is paid in full and nothing is sold short; margin: short sales, futures and written options on '
  'collateral.';
COMMENT ON TYPE trading.order_side IS 'Direction of an order or fill.';
COMMENT ON TYPE trading.product IS
  'delivery: kept; intraday: squared off at session end; carry_forward: margin position kept overnight.';
COMMENT ON TYPE trading.fee_component IS
  'Part of a fee: brokerage; India: stt (securities transaction tax), exchange (transaction charge), sebi (turnover '
  'charge), gst (tax on services), stamp_duty; United States: sec_fee (Section 31), taf (FINRA''s trading activity '
  'fee); other. Orders keep fees by place: new words go to the end.';

CREATE TYPE trading.fee_basis AS ENUM ('traded', 'intrinsic', 'settlement');
COMMENT ON TYPE trading.fee_basis IS
  'What a part of a fee is due on. traded: what a fill traded; intrinsic and settlement: the exercise of an option at '
  'its expiry, with its intrinsic value or the whole value of the underlying at the settlement price. The holder pays.';

CREATE TYPE trading.fee_line AS (
  component       smallint,
  side            trading.order_side,
  product         trading.product,
  per_share       numeric,
  per_order       numeric,
  percent         numeric,
  maker_percent   numeric,
  minimum         numeric,
  maximum         numeric,
  maximum_percent numeric,
  decimals        smallint,
  percent_of      smallint[],
  basis           trading.fee_basis
);
COMMENT ON TYPE trading.fee_line IS
  'One part of a fee as trading.fees_of_lines reads it: the columns of trading.fee_components, with each component as '
  'its place in trading.fee_component.';

CREATE TYPE trading.fee_terms AS (
  schedule   text,
  valid_from date,
  lines      trading.fee_line[]
);
COMMENT ON TYPE trading.fee_terms IS
  'What is charged on trades of a day: the schedule, the first day of its terms, and their parts.';

CREATE TABLE trading.fee_schedules (
  name            text               NOT NULL
                  CONSTRAINT fee_schedules_name_check CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  valid_from      date               NOT NULL DEFAULT '-infinity',
  per_share       ledger.money       NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_per_share_check CHECK (per_share >= 0),
  per_order       ledger.money       NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_per_order_check CHECK (per_order >= 0),
  percent         numeric(18, 8)     NOT NULL DEFAULT 0
                  CONSTRAINT fee_schedules_percent_check CHECK (percent BETWEEN 0 AND 100),
  maker_percent   numeric(18, 8)
                  CONSTRAINT fee_schedules_maker_percent_check CHECK (maker_percent BETWEEN 0 AND 100),
  minimum         ledger.money       NOT NULL DEFAULT 0 CONSTRAINT fee_schedules_minimum_check CHECK (minimum >= 0),
  maximum         ledger.money,
  maximum_percent numeric(18, 8)
                  CONSTRAINT fee_schedules_maximum_percent_check CHECK (maximum_percent BETWEEN 0 AND 100),
  decimals        smallint           NOT NULL DEFAULT 8
                  CONSTRAINT fee_schedules_decimals_check CHECK (decimals BETWEEN 0 AND 8),
  lines           trading.fee_line[] NOT NULL DEFAULT '{}',
  exercise_lines  trading.fee_line[] NOT NULL DEFAULT '{}',
  CONSTRAINT fee_schedules_pkey PRIMARY KEY (name, valid_from),
  CONSTRAINT fee_schedules_maximum_check CHECK (maximum >= minimum)
);
COMMENT ON TABLE  trading.fee_schedules IS
  'What a broker charges for an order, dated: the row with the latest valid_from on or before the trading day counts. '
  'Its figures are the brokerage; further parts are in trading.fee_components.';
COMMENT ON COLUMN trading.fee_schedules.name IS 'Name that portfolios and trading.fee_plans refer to.';
COMMENT ON COLUMN trading.fee_schedules.valid_from IS
  'First trading day of these terms, in the calendar of the exchange where the trade is.';
COMMENT ON COLUMN trading.fee_schedules.per_share IS 'Charge per unit of quantity.';
COMMENT ON COLUMN trading.fee_schedules.per_order IS 'Charge per order that fills at all.';
COMMENT ON COLUMN trading.fee_schedules.percent IS 'Charge in percent of the traded value.';
COMMENT ON COLUMN trading.fee_schedules.maker_percent IS
  'The same for value that rested in the book when it filled; NULL: percent.';
COMMENT ON COLUMN trading.fee_schedules.minimum IS 'Least charge per order.';
COMMENT ON COLUMN trading.fee_schedules.maximum IS
  'Highest charge per order, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_schedules.maximum_percent IS
  'Highest charge in percent of the traded value, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_schedules.decimals IS 'Decimals to which the charge is rounded, half away from zero.';
COMMENT ON COLUMN trading.fee_schedules.lines IS
  'The brokerage and the rows of trading.fee_components that are due on trades, in the order of their components, so '
  'that a fee takes one look; kept by trigger.';
COMMENT ON COLUMN trading.fee_schedules.exercise_lines IS
  'The rows of trading.fee_components that are due when an option is exercised; kept by trigger.';

CREATE TABLE trading.fee_components (
  fee_component_id int                   GENERATED ALWAYS AS IDENTITY CONSTRAINT fee_components_pkey PRIMARY KEY,
  name             text                  NOT NULL,
  valid_from       date                  NOT NULL,
  component        trading.fee_component NOT NULL,
  side             trading.order_side,
  product          trading.product,
  per_share        ledger.money          NOT NULL DEFAULT 0
                   CONSTRAINT fee_components_per_share_check CHECK (per_share >= 0),
  per_order        ledger.money          NOT NULL DEFAULT 0
                   CONSTRAINT fee_components_per_order_check CHECK (per_order >= 0),
  percent          numeric(18, 8)        NOT NULL DEFAULT 0
                   CONSTRAINT fee_components_percent_check CHECK (percent BETWEEN 0 AND 100),
  maker_percent    numeric(18, 8)
                   CONSTRAINT fee_components_maker_percent_check CHECK (maker_percent BETWEEN 0 AND 100),
  minimum          ledger.money          NOT NULL DEFAULT 0
                   CONSTRAINT fee_components_minimum_check CHECK (minimum >= 0),
  maximum          ledger.money,
  maximum_percent  numeric(18, 8)
                   CONSTRAINT fee_components_maximum_percent_check CHECK (maximum_percent BETWEEN 0 AND 100),
  decimals         smallint              NOT NULL DEFAULT 8
                   CONSTRAINT fee_components_decimals_check CHECK (decimals BETWEEN 0 AND 8),
  percent_of       trading.fee_component[],
  basis            trading.fee_basis     NOT NULL DEFAULT 'traded',
  CONSTRAINT fee_components_terms_key UNIQUE NULLS NOT DISTINCT (name, valid_from, component, side, product, basis),
  CONSTRAINT fee_components_schedule_fkey FOREIGN KEY (name, valid_from)
    REFERENCES trading.fee_schedules ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT fee_components_maximum_check CHECK (maximum >= minimum),
  CONSTRAINT fee_components_maker_percent_of_check CHECK (maker_percent IS NULL OR percent_of IS NULL),
  CONSTRAINT fee_components_percent_of_check CHECK (
    percent_of <> '{}' AND array_position(percent_of, NULL) IS NULL AND component > ALL (percent_of)),
  -- At expiry there is no order, and so neither its side nor its product.
  CONSTRAINT fee_components_basis_check CHECK (basis = 'traded' OR num_nonnulls(side, product, maker_percent) = 0)
);
COMMENT ON TABLE  trading.fee_components IS
  'Parts of a dated fee schedule besides the figures of its row in trading.fee_schedules. All rows that fit an order '
  'add up; rows of one component are one line of its fee.';
COMMENT ON COLUMN trading.fee_components.fee_component_id IS 'Identifier.';
COMMENT ON COLUMN trading.fee_components.name IS 'Name of the schedule.';
COMMENT ON COLUMN trading.fee_components.valid_from IS 'First day of the schedule''s terms that it belongs to.';
COMMENT ON COLUMN trading.fee_components.component IS 'Which part of the fee it is.';
COMMENT ON COLUMN trading.fee_components.side IS 'Side of the orders that pay it; NULL: both.';
COMMENT ON COLUMN trading.fee_components.product IS 'Product of the orders that pay it; NULL: any.';
COMMENT ON COLUMN trading.fee_components.per_share IS 'Charge per unit of quantity.';
COMMENT ON COLUMN trading.fee_components.per_order IS 'Charge per order that fills at all.';
COMMENT ON COLUMN trading.fee_components.percent IS
  'Charge in percent of the traded value, or of the components in percent_of.';
COMMENT ON COLUMN trading.fee_components.maker_percent IS
  'The same for value that rested in the book when it filled; NULL: percent.';
COMMENT ON COLUMN trading.fee_components.minimum IS 'Least charge per order.';
COMMENT ON COLUMN trading.fee_components.maximum IS
  'Highest charge per order, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_components.maximum_percent IS
  'Highest charge in percent of the traded value, also above a minimum; NULL is without bound.';
COMMENT ON COLUMN trading.fee_components.decimals IS
  'Decimals to which the charge is rounded, half away from zero: 0 for whole rupees.';
COMMENT ON COLUMN trading.fee_components.percent_of IS
  'Components of whose sum percent is taken, all of them earlier in trading.fee_component and of the same basis; NULL: '
  'of the value.';
COMMENT ON COLUMN trading.fee_components.basis IS
  'What it is due on: trades, or the exercise of an option that expires in the money, once for the whole position.';

CREATE TABLE trading.fee_plans (
  fee_plan_id  int                    GENERATED ALWAYS AS IDENTITY CONSTRAINT fee_plans_pkey PRIMARY KEY,
  name         text                   NOT NULL
               CONSTRAINT fee_plans_name_check CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  kind         market.instrument_kind,
  exchange_id  int                    CONSTRAINT fee_plans_exchange_id_fkey REFERENCES market.exchanges,
  fee_schedule text                   NOT NULL,
  CONSTRAINT fee_plans_kind_key UNIQUE NULLS NOT DISTINCT (name, kind, exchange_id)
);
COMMENT ON TABLE  trading.fee_plans IS
  'Which fee schedule counts for which kind of instrument: the rows of one name are a plan, which a portfolio names as '
  'its fee_schedule. A row that names the kind counts before one that does not, then one that names the exchange. What '
  'no row fits cannot be traded (TR240).';
COMMENT ON COLUMN trading.fee_plans.fee_plan_id IS 'Identifier of the row.';
COMMENT ON COLUMN trading.fee_plans.name IS 'Name of the plan; no schedule has the same.';
COMMENT ON COLUMN trading.fee_plans.kind IS 'Kind of instruments; NULL: those that no other row names.';
COMMENT ON COLUMN trading.fee_plans.exchange_id IS 'Exchange of the instruments; NULL: any.';
COMMENT ON COLUMN trading.fee_plans.fee_schedule IS 'Name in trading.fee_schedules.';

CREATE TABLE trading.borrow_rates (
  instrument_id int            NOT NULL CONSTRAINT borrow_rates_instrument_id_fkey REFERENCES market.instruments,
  valid_from    date           NOT NULL DEFAULT '-infinity',
  percent       numeric(18, 8) NOT NULL
                CONSTRAINT borrow_rates_percent_check CHECK (percent BETWEEN 0 AND 10000),
  CONSTRAINT borrow_rates_pkey PRIMARY KEY (instrument_id, valid_from)
);
COMMENT ON TABLE  trading.borrow_rates IS
  'What it costs to borrow an instrument that is held short, dated: the row with the latest valid_from on or before '
  'the trading day counts. What has no row costs nothing. trading.borrow_charges has what was charged.';
COMMENT ON COLUMN trading.borrow_rates.instrument_id IS 'The instrument; neither a future nor an option.';
COMMENT ON COLUMN trading.borrow_rates.valid_from IS
  'First trading day at this rate, in the calendar of the instrument''s exchange.';
COMMENT ON COLUMN trading.borrow_rates.percent IS
  'Rate of a year of 360 days in percent of the market value; 0: nothing is charged.';

CREATE TABLE trading.portfolios (
  portfolio_id          int                  GENERATED ALWAYS AS IDENTITY CONSTRAINT portfolios_pkey PRIMARY KEY,
  owner                 text                 NOT NULL DEFAULT ops.actor()
                        CONSTRAINT portfolios_owner_check CHECK (length(owner) BETWEEN 1 AND 256),
  name                  text                 NOT NULL
                        CONSTRAINT portfolios_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  currency              ledger.currency      NOT NULL,
  account_type          trading.account_type NOT NULL DEFAULT 'cash',
  broker                text                 NOT NULL DEFAULT 'paper',
  is_paper              boolean              NOT NULL GENERATED ALWAYS AS (starts_with(broker, 'paper')) STORED,
  fee_schedule          text                 NOT NULL DEFAULT 'free',
  requires_approval     boolean              NOT NULL DEFAULT false,
  slippage_bps          numeric(9, 4)        NOT NULL DEFAULT 0
                        CONSTRAINT portfolios_slippage_bps_check CHECK (slippage_bps BETWEEN 0 AND 10000),
  participation_percent numeric(7, 4)
                        CONSTRAINT portfolios_participation_percent_check
                          CHECK (participation_percent > 0 AND participation_percent <= 100),
  slippage_ticks        int                  NOT NULL DEFAULT 0
                        CONSTRAINT portfolios_slippage_ticks_check CHECK (slippage_ticks BETWEEN 0 AND 10000),
  impact_bps            numeric(9, 4)        NOT NULL DEFAULT 0
                        CONSTRAINT portfolios_impact_bps_check CHECK (impact_bps BETWEEN 0 AND 10000),
  latency               interval             NOT NULL DEFAULT '0'
                        CONSTRAINT portfolios_latency_check
                          CHECK (latency >= interval '0' AND latency <= interval '1 day'),
  market_order_buffer   numeric(9, 6)        NOT NULL DEFAULT 0.05
                        CONSTRAINT portfolios_market_order_buffer_check CHECK (market_order_buffer BETWEEN 0 AND 10),
  snapshot_interval     interval             NOT NULL DEFAULT '1 day',
  -- timezone() raises invalid_parameter_value for a name that the server does not know.
  time_zone             text
                        CONSTRAINT portfolios_time_zone_check
                          CHECK (timezone(time_zone, timestamptz '2000-01-01 00:00Z') IS NOT NULL OR time_zone IS NULL),
  opened_at             timestamptz          NOT NULL,
  CONSTRAINT portfolios_owner_name_key UNIQUE (owner, name),
  CONSTRAINT portfolios_snapshot_interval_check CHECK (
    snapshot_interval >= interval '1 second' AND extract(month FROM snapshot_interval) = 0
    AND extract(year FROM snapshot_interval) = 0)
);
-- Administrators leave the owner out.
CREATE INDEX portfolios_name_idx ON trading.portfolios (name);
COMMENT ON TABLE  trading.portfolios IS
  'A pot of cash and positions in one base currency; its rows lead the keys of all that it owns.';
COMMENT ON COLUMN trading.portfolios.portfolio_id IS 'Identifier.';
COMMENT ON COLUMN trading.portfolios.owner IS
  'Whose it is: a user or login role, who reads and trades it, and shows it to others (identity.share_portfolio).';
COMMENT ON COLUMN trading.portfolios.name IS
  'Name that its owner uses in calls, unique among the owner''s; others say owner/name.';
COMMENT ON COLUMN trading.portfolios.currency IS 'Base currency.';
COMMENT ON COLUMN trading.portfolios.account_type IS 'Whether it may sell short and deal on collateral.';
COMMENT ON COLUMN trading.portfolios.broker IS 'Where its orders go; is_paper says which brokers are imitated.';
COMMENT ON COLUMN trading.portfolios.is_paper IS
  'Whether the runner matches its orders: the broker''s name begins with paper. Orders for others wait in '
  'pending_submit '
  'until they are sent.';
COMMENT ON COLUMN trading.portfolios.fee_schedule IS
  'Name in trading.fee_schedules, whose terms then hold for every kind of instrument, or of a plan in '
  'trading.fee_plans.';
COMMENT ON COLUMN trading.portfolios.requires_approval IS
  'True: each order waits for a second person''s trading.approve_order.';
COMMENT ON COLUMN trading.portfolios.slippage_bps IS
  'Paper broker: basis points that market and stop fills lose to the market.';
COMMENT ON COLUMN trading.portfolios.participation_percent IS
  'Paper broker: a fill takes at most this percentage of the traded size; NULL: any quantity fills at once.';
COMMENT ON COLUMN trading.portfolios.slippage_ticks IS
  'Paper broker: steps of the price that market and stop fills lose to the market besides.';
COMMENT ON COLUMN trading.portfolios.impact_bps IS
  'Paper broker: basis points that a market or stop fill loses besides when it takes all that its tick or bar traded; '
  'one that takes a share of it loses this times the square of the share.';
COMMENT ON COLUMN trading.portfolios.latency IS
  'Paper broker: how long an order is under way; it meets no tick, and no bar that opened, before it came through.';
COMMENT ON COLUMN trading.portfolios.market_order_buffer IS
  'Share above the last price that is reserved for a market or stop buy; 0.05 is five percent.';
COMMENT ON COLUMN trading.portfolios.snapshot_interval IS 'One snapshot is kept for each interval of event time.';
COMMENT ON COLUMN trading.portfolios.time_zone IS
  'IANA time zone of the days of its snapshots and reports; NULL: UTC until it has traded, then that of the exchange '
  'of its first fill, which its next snapshot sets.';
COMMENT ON COLUMN trading.portfolios.opened_at IS 'Event time from which it exists.';

CREATE TABLE trading.portfolio_terms (
  portfolio_id int                  NOT NULL,
  version      int                  NOT NULL,
  currency     ledger.currency      NOT NULL,
  account_type trading.account_type NOT NULL,
  opened_at    timestamptz          NOT NULL,
  actor        text                 NOT NULL DEFAULT ops.actor(),
  recorded_at  timestamptz          NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT portfolio_terms_pkey PRIMARY KEY (portfolio_id, version)
);
COMMENT ON TABLE  trading.portfolio_terms IS
  'What the books of each portfolio rest on, a row for each time it was set; written by trigger, append-only. The last '
  'row agrees with trading.portfolios, or somebody has changed that behind the engine''s back.';
COMMENT ON COLUMN trading.portfolio_terms.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.portfolio_terms.version IS 'Running number within the portfolio, from 1.';
COMMENT ON COLUMN trading.portfolio_terms.currency IS 'Base currency from then on.';
COMMENT ON COLUMN trading.portfolio_terms.account_type IS 'Type of account from then on.';
COMMENT ON COLUMN trading.portfolio_terms.opened_at IS 'Event time from which it exists.';
COMMENT ON COLUMN trading.portfolio_terms.actor IS 'Database role that set it.';
COMMENT ON COLUMN trading.portfolio_terms.recorded_at IS 'Clock time.';

CREATE TABLE trading.portfolio_values (
  portfolio_id    int          CONSTRAINT portfolio_values_pkey PRIMARY KEY,
  cash            ledger.money NOT NULL DEFAULT 0,
  margin          ledger.money NOT NULL DEFAULT 0,
  positions_value ledger.money NOT NULL DEFAULT 0,
  equity          ledger.money GENERATED ALWAYS AS (cash + margin + positions_value) STORED,
  realised_pnl    ledger.money NOT NULL DEFAULT 0,
  unrealised_pnl  ledger.money NOT NULL DEFAULT 0,
  fees            ledger.money NOT NULL DEFAULT 0,
  income          ledger.money NOT NULL DEFAULT 0,
  net_deposits    ledger.money NOT NULL DEFAULT 0,
  base_index      numeric      NOT NULL DEFAULT 1,
  base_equity     ledger.money NOT NULL DEFAULT 0,
  peak            numeric      NOT NULL DEFAULT 1,
  limit_peak      numeric      NOT NULL DEFAULT 1,
  at              timestamptz  NOT NULL CONSTRAINT portfolio_values_at_check CHECK (isfinite(at)),
  CONSTRAINT portfolio_values_index_check CHECK (least(base_equity, base_index, peak, limit_peak) >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE  trading.portfolio_values IS
  'What each portfolio is worth at the prices known when it was last valued; one row, updated in place (HOT).';
COMMENT ON COLUMN trading.portfolio_values.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.portfolio_values.cash IS 'Posted cash, reservations not deducted.';
COMMENT ON COLUMN trading.portfolio_values.margin IS 'Posted money in the margin accounts: proceeds and collateral.';
COMMENT ON COLUMN trading.portfolio_values.positions_value IS
  'Sum of the positions'' market values: shorts negative, futures their gain since settlement.';
COMMENT ON COLUMN trading.portfolio_values.equity IS
  'Cash plus margin plus positions, in the base currency at the rates of the valuation.';
COMMENT ON COLUMN trading.portfolio_values.realised_pnl IS 'Profit of closed quantity before fees since opening.';
COMMENT ON COLUMN trading.portfolio_values.unrealised_pnl IS 'Market value less cost of what is held.';
COMMENT ON COLUMN trading.portfolio_values.fees IS 'Fees paid since opening.';
COMMENT ON COLUMN trading.portfolio_values.income IS
  'Dividends and interest received less paid since opening, and less what borrowing shorts cost.';
COMMENT ON COLUMN trading.portfolio_values.net_deposits IS
  'Deposits less withdrawals since opening: the sum of its ledger.capital_flows.';
COMMENT ON COLUMN trading.portfolio_values.base_index IS
  'Index of the time-weighted return at the last flow of capital; it began at 1. ledger.return_index computes it for '
  'any equity since.';
COMMENT ON COLUMN trading.portfolio_values.base_equity IS
  'Equity right after that flow; 0: there is no capital, and the index stays where it is.';
COMMENT ON COLUMN trading.portfolio_values.peak IS
  'Highest index at a snapshot or flow so far, 1 at least: what drawdowns of snapshots are measured against.';
COMMENT ON COLUMN trading.portfolio_values.limit_peak IS
  'Highest index at a snapshot, flow or order since opening, or since a person released a drawdown: what drawdown '
  'limits are measured against.';
COMMENT ON COLUMN trading.portfolio_values.at IS 'Event time of the valuation.';

CREATE TABLE trading.portfolio_snapshots (
  portfolio_id     int          NOT NULL CONSTRAINT portfolio_snapshots_portfolio_id_fkey REFERENCES trading.portfolios,
  bucket           timestamptz  NOT NULL,
  at               timestamptz  NOT NULL,
  day              date         NOT NULL,
  cash             ledger.money NOT NULL,
  margin           ledger.money NOT NULL DEFAULT 0,
  positions_value  ledger.money NOT NULL,
  equity           ledger.money NOT NULL,
  realised_pnl     ledger.money NOT NULL,
  unrealised_pnl   ledger.money NOT NULL,
  fees             ledger.money NOT NULL,
  net_deposits     ledger.money NOT NULL,
  index            numeric      NOT NULL CONSTRAINT portfolio_snapshots_index_check CHECK (index >= 0),
  drawdown         numeric      NOT NULL
                   CONSTRAINT portfolio_snapshots_drawdown_check CHECK (drawdown BETWEEN -1 AND 0),
  last_transfer_id bigint       NOT NULL,
  CONSTRAINT portfolio_snapshots_pkey PRIMARY KEY (portfolio_id, bucket)
);
-- Views are asked for a portfolio and a time or a day, and for the snapshot before it.
CREATE INDEX portfolio_snapshots_at_idx ON trading.portfolio_snapshots (portfolio_id, at);
CREATE INDEX portfolio_snapshots_day_idx ON trading.portfolio_snapshots (portfolio_id, day, at);
COMMENT ON TABLE  trading.portfolio_snapshots IS 'The equity curve: the last valuation in each snapshot interval.';
COMMENT ON COLUMN trading.portfolio_snapshots.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.portfolio_snapshots.bucket IS
  'Start of the interval: an interval of whole days begins at midnight of the portfolio''s time zone, others count '
  'from 2000-01-01 UTC.';
COMMENT ON COLUMN trading.portfolio_snapshots.at IS 'Event time of the valuation.';
COMMENT ON COLUMN trading.portfolio_snapshots.day IS 'Day of that time in the portfolio''s time zone.';
COMMENT ON COLUMN trading.portfolio_snapshots.cash IS 'Posted cash.';
COMMENT ON COLUMN trading.portfolio_snapshots.margin IS 'Posted money in the margin accounts.';
COMMENT ON COLUMN trading.portfolio_snapshots.positions_value IS 'Market value of positions.';
COMMENT ON COLUMN trading.portfolio_snapshots.equity IS 'Cash plus margin plus positions.';
COMMENT ON COLUMN trading.portfolio_snapshots.realised_pnl IS 'Realised profit since opening, before fees.';
COMMENT ON COLUMN trading.portfolio_snapshots.unrealised_pnl IS 'Unrealised profit.';
COMMENT ON COLUMN trading.portfolio_snapshots.fees IS 'Fees since opening.';
COMMENT ON COLUMN trading.portfolio_snapshots.net_deposits IS
  'Deposits less withdrawals since opening, each at the exchange rate of its own time.';
COMMENT ON COLUMN trading.portfolio_snapshots.index IS
  'Index of the time-weighted return, which began at 1: no deposit or withdrawal moves it.';
COMMENT ON COLUMN trading.portfolio_snapshots.drawdown IS
  'Fraction by which the index is below its highest value so far, zero or negative.';
COMMENT ON COLUMN trading.portfolio_snapshots.last_transfer_id IS
  'The portfolio''s last transfer when it was taken: its money is that of the transfers up to there.';
