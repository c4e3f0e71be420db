-- What came of strategies that were run over events of the past. Every row of a run is written once, with the run.
CREATE TYPE research.backtest_status AS ENUM ('finished');
COMMENT ON TYPE research.backtest_status IS 'What became of a backtest; what fails leaves no row.';

CREATE TABLE research.backtests (
  run_id                    bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT backtests_pkey PRIMARY KEY,
  owner                     text NOT NULL DEFAULT ops.actor(),
  status                    research.backtest_status NOT NULL DEFAULT 'finished',
  strategy_id               int NOT NULL,
  version                   int NOT NULL,
  symbols                   text[] NOT NULL,
  legs                      text[] NOT NULL DEFAULT '{}',
  instrument_ids            int[] NOT NULL,
  from_time                 timestamptz NOT NULL,
  until_time                timestamptz NOT NULL,
  capital                   ledger.money NOT NULL CONSTRAINT backtests_capital_check CHECK (capital > 0),
  currency                  ledger.currency NOT NULL,
  settings                  jsonb NOT NULL
                            CONSTRAINT backtests_settings_check CHECK (jsonb_typeof(settings) = 'object'),
  research_only             boolean NOT NULL
                            GENERATED ALWAYS AS (coalesce(settings ->> 'fill' IN ('close', 'intrabar'), false)) STORED,
  settings_version          int NOT NULL,
  data_fingerprint          text NOT NULL
                            CONSTRAINT backtests_data_fingerprint_check CHECK (data_fingerprint ~ '^[0-9a-f]{16}$'),
  engine_version            text NOT NULL,
  seed                      bigint NOT NULL,
  events                    bigint NOT NULL,
  created_at                timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration                  interval,
  final_equity              ledger.money NOT NULL,
  final_cash                ledger.money NOT NULL,
  orders                    bigint NOT NULL,
  rejected                  bigint NOT NULL,
  fills                     bigint NOT NULL,
  fees                      ledger.money NOT NULL,
  income                    ledger.money NOT NULL DEFAULT 0,
  LIKE trading.return_figures INCLUDING COMMENTS,
  exposure                  float8,
  turnover_rate             float8,
  LIKE trading.trade_figures INCLUDING COMMENTS,
  CONSTRAINT backtests_strategy_id_version_fkey FOREIGN KEY (strategy_id, version)
    REFERENCES strategy.strategy_versions
);
ALTER TABLE research.backtests ALTER COLUMN trades SET NOT NULL;
COMMENT ON TABLE research.backtests IS
  'Backtests: a strategy version run over events of the past with books in memory. Columns from first_day on are '
  'those of trading.return_stats and trading.trade_stats.';
COMMENT ON COLUMN research.backtests.run_id IS 'Identifier.';
COMMENT ON COLUMN research.backtests.owner IS 'Who ran it; others read it when all portfolios are shown to them.';
COMMENT ON COLUMN research.backtests.status IS 'What became of it.';
COMMENT ON COLUMN research.backtests.strategy_id IS 'The strategy.';
COMMENT ON COLUMN research.backtests.version IS 'Its version.';
COMMENT ON COLUMN research.backtests.symbols IS 'What it was to trade, EXCHANGE:SYMBOL, in the order of the symbols.';
COMMENT ON COLUMN research.backtests.legs IS 'The legs of its strategy, EXCHANGE:SYMBOL; empty without legs.';
COMMENT ON COLUMN research.backtests.instrument_ids IS 'What it traded, by identifiers: symbols, then legs.';
COMMENT ON COLUMN research.backtests.from_time IS 'The agent acted on events from here on.';
COMMENT ON COLUMN research.backtests.until_time IS 'Events were read until before this time.';
COMMENT ON COLUMN research.backtests.capital IS 'What it began with, in its currency.';
COMMENT ON COLUMN research.backtests.currency IS 'Of all amounts of the run.';
COMMENT ON COLUMN research.backtests.settings IS 'Everything that can be set, defaults filled in.';
COMMENT ON COLUMN research.backtests.research_only IS
  'True: its fills assume what nobody could have done (fill close) or what bars do not say (intrabar); no portfolio '
  'would have had them.';
COMMENT ON COLUMN research.backtests.settings_version IS 'Of the form of the settings.';
COMMENT ON COLUMN research.backtests.data_fingerprint IS
  'A hash of every event that was read, in order: the same where the data are the same.';
COMMENT ON COLUMN research.backtests.engine_version IS 'The version of Bourse that ran it.';
COMMENT ON COLUMN research.backtests.seed IS 'Of what is random; nothing is today.';
COMMENT ON COLUMN research.backtests.events IS 'Bars or ticks from from_time on.';
COMMENT ON COLUMN research.backtests.created_at IS 'Clock time.';
COMMENT ON COLUMN research.backtests.duration IS 'How long reading and computing took; NULL when nobody measured it.';
COMMENT ON COLUMN research.backtests.final_equity IS 'Worth at the end, open positions at their last prices.';
COMMENT ON COLUMN research.backtests.final_cash IS 'Of it cash, with the collateral of short sales.';
COMMENT ON COLUMN research.backtests.orders IS 'Orders that were submitted.';
COMMENT ON COLUMN research.backtests.rejected IS 'Of these the refused ones.';
COMMENT ON COLUMN research.backtests.fills IS 'Executions.';
COMMENT ON COLUMN research.backtests.fees IS 'Fees of all fills.';
COMMENT ON COLUMN research.backtests.income IS
  'Dividends received, less those owed on shorts and less what borrowing them cost; no part of the trades'' profits.';
COMMENT ON COLUMN research.backtests.exposure IS
  'Share of the days after the first on which something was held; NULL without days.';
COMMENT ON COLUMN research.backtests.turnover_rate IS
  'What was traded in a year as a multiple of the mean equity (trading.turnover_rate); NULL when it cannot be said.';
CREATE INDEX backtests_strategy_idx ON research.backtests (strategy_id, version);
CREATE INDEX backtests_owner_idx ON research.backtests (owner, run_id);

-- No foreign keys, which would look the run of each row up: rows come with their run, by research.record_backtest
-- alone, and a trigger on research.backtests deletes them with it.
CREATE TABLE research.backtest_orders (
  run_id          bigint               NOT NULL,
  order_id        bigint               NOT NULL,
  instrument_id   int                  NOT NULL,
  agent           text,
  client_order_id text                 NOT NULL,
  side            trading.order_side   NOT NULL,
  type            trading.order_type   NOT NULL,
  quantity        market.quantity      NOT NULL,
  limit_price     market.price,
  stop_price      market.price,
  status          trading.order_status NOT NULL,
  reason_code     text,
  reason          text,
  submitted_at    timestamptz          NOT NULL,
  closed_at       timestamptz,
  filled_quantity market.quantity      NOT NULL,
  average_price   market.price,
  fees            ledger.money         NOT NULL,
  CONSTRAINT backtest_orders_pkey PRIMARY KEY (run_id, order_id)
);
COMMENT ON TABLE research.backtest_orders IS 'Orders of a run, refused ones included.';
COMMENT ON COLUMN research.backtest_orders.run_id IS 'The run.';
COMMENT ON COLUMN research.backtest_orders.order_id IS 'Number within the run.';
COMMENT ON COLUMN research.backtest_orders.instrument_id IS 'The instrument.';
COMMENT ON COLUMN research.backtest_orders.agent IS 'Whose it was; NULL: nobody''s.';
COMMENT ON COLUMN research.backtest_orders.client_order_id IS 'Its name, as the agent of a live run would give it.';
COMMENT ON COLUMN research.backtest_orders.side IS 'Direction.';
COMMENT ON COLUMN research.backtest_orders.type IS 'Type.';
COMMENT ON COLUMN research.backtest_orders.quantity IS 'Units.';
COMMENT ON COLUMN research.backtest_orders.limit_price IS 'NULL unless a limit.';
COMMENT ON COLUMN research.backtest_orders.stop_price IS 'NULL unless a stop.';
COMMENT ON COLUMN research.backtest_orders.status IS 'Where it ended; open ones were open at the end of the run.';
COMMENT ON COLUMN research.backtest_orders.reason_code IS
  'Why it was refused or ended, an error code; NULL: it was not.';
COMMENT ON COLUMN research.backtest_orders.reason IS 'The same in words.';
COMMENT ON COLUMN research.backtest_orders.submitted_at IS 'Event time.';
COMMENT ON COLUMN research.backtest_orders.closed_at IS 'Event time; NULL: open at the end.';
COMMENT ON COLUMN research.backtest_orders.filled_quantity IS 'Units that filled.';
COMMENT ON COLUMN research.backtest_orders.average_price IS 'Of its fills; NULL: none.';
COMMENT ON COLUMN research.backtest_orders.fees IS 'Fees of its fills.';

CREATE TABLE research.backtest_fills (
  run_id        bigint             NOT NULL,
  fill_id       bigint             NOT NULL,
  order_id      bigint             NOT NULL,
  instrument_id int                NOT NULL,
  side          trading.order_side NOT NULL,
  quantity      market.quantity    NOT NULL,
  price         market.price       NOT NULL,
  fee           ledger.money       NOT NULL,
  realised_pnl  ledger.money       NOT NULL,
  at            timestamptz        NOT NULL,
  CONSTRAINT backtest_fills_pkey PRIMARY KEY (run_id, fill_id)
);
COMMENT ON TABLE research.backtest_fills IS 'Executions of a run.';
COMMENT ON COLUMN research.backtest_fills.run_id IS 'The run.';
COMMENT ON COLUMN research.backtest_fills.fill_id IS 'Number within the run.';
COMMENT ON COLUMN research.backtest_fills.order_id IS 'Its order.';
COMMENT ON COLUMN research.backtest_fills.instrument_id IS 'The instrument.';
COMMENT ON COLUMN research.backtest_fills.side IS 'Direction.';
COMMENT ON COLUMN research.backtest_fills.quantity IS 'Units.';
COMMENT ON COLUMN research.backtest_fills.price IS 'Price.';
COMMENT ON COLUMN research.backtest_fills.fee IS 'What it was charged.';
COMMENT ON COLUMN research.backtest_fills.realised_pnl IS 'Profit of what it closed, at average cost and before fees.';
COMMENT ON COLUMN research.backtest_fills.at IS 'Event time.';

CREATE TABLE research.backtest_trades (
  run_id        bigint             NOT NULL,
  trade_no      int                NOT NULL,
  instrument_id int                NOT NULL,
  side          trading.order_side NOT NULL,
  quantity      market.quantity    NOT NULL,
  opened_at     timestamptz        NOT NULL,
  closed_at     timestamptz,
  entry_price   market.price       NOT NULL,
  exit_price    market.price,
  pnl           ledger.money       NOT NULL,
  fees          ledger.money       NOT NULL,
  net_pnl       ledger.money       NOT NULL,
  return        float8,
  bars          int                NOT NULL,
  mae           float8             NOT NULL,
  mfe           float8             NOT NULL,
  exit_reason   text,
  CONSTRAINT backtest_trades_pkey PRIMARY KEY (run_id, trade_no)
);
COMMENT ON TABLE research.backtest_trades IS
  'Round trips of a run: of each instrument what was held from flat to flat. Quantities and prices are those after the '
  'splits until its end.';
COMMENT ON COLUMN research.backtest_trades.run_id IS 'The run.';
COMMENT ON COLUMN research.backtest_trades.trade_no IS 'Number within the run, in the order of their beginnings.';
COMMENT ON COLUMN research.backtest_trades.instrument_id IS 'The instrument.';
COMMENT ON COLUMN research.backtest_trades.side IS 'buy: long; sell: short.';
COMMENT ON COLUMN research.backtest_trades.quantity IS 'The most units that were held.';
COMMENT ON COLUMN research.backtest_trades.opened_at IS 'Event time of the first fill.';
COMMENT ON COLUMN research.backtest_trades.closed_at IS
  'Event time of its end; NULL: open at the end of the run, and marked at the last price.';
COMMENT ON COLUMN research.backtest_trades.entry_price IS 'Average price of what was entered.';
COMMENT ON COLUMN research.backtest_trades.exit_price IS
  'Average price of what was left, or of the mark; NULL: what ended it has no price.';
COMMENT ON COLUMN research.backtest_trades.pnl IS 'Profit before fees.';
COMMENT ON COLUMN research.backtest_trades.fees IS 'Fees of its fills.';
COMMENT ON COLUMN research.backtest_trades.net_pnl IS 'Profit after fees.';
COMMENT ON COLUMN research.backtest_trades.return IS
  'pnl over the value of what was entered, a fraction; NULL when that is nothing.';
COMMENT ON COLUMN research.backtest_trades.bars IS 'Candles of the strategy that closed while it was held.';
COMMENT ON COLUMN research.backtest_trades.mae IS
  'What all of it would have made at the worst price while it was held, against the entry; zero or below. Of the '
  'bar of its end only the exit counts.';
COMMENT ON COLUMN research.backtest_trades.mfe IS 'The same at the best price; zero or above.';
COMMENT ON COLUMN research.backtest_trades.exit_reason IS
  'Why the agent left: rule, stop, take_profit, time_stop, session_end, volatility, leg; NULL: it did not, as when '
  'a contract ended.';

CREATE TABLE research.backtest_lots (
  run_id        bigint          NOT NULL CONSTRAINT backtest_lots_run_id_fkey
            REFERENCES research.backtests ON DELETE CASCADE,
  fill_id       bigint          NOT NULL,
  lot_fill_id   bigint          NOT NULL,
  instrument_id int             NOT NULL,
  quantity      market.quantity NOT NULL CONSTRAINT backtest_lots_quantity_check CHECK (quantity <> 0),
  cost          ledger.money    NOT NULL,
  value         ledger.money    NOT NULL,
  opened_at     timestamptz     NOT NULL,
  closed_at     timestamptz     NOT NULL,
  settled_pnl   ledger.money    NOT NULL,
  fees          ledger.money    NOT NULL,
  CONSTRAINT backtest_lots_pkey PRIMARY KEY (run_id, fill_id, lot_fill_id)
);
COMMENT ON TABLE research.backtest_lots IS
  'Which fill of a run closed how much of which lot, first in first out: as trading.lot_closures of a portfolio.';
COMMENT ON COLUMN research.backtest_lots.run_id IS 'The run.';
COMMENT ON COLUMN research.backtest_lots.fill_id IS
  'The fill that closed; 0 for a settlement or expiry, the negative action_id for a fraction that was paid in cash.';
COMMENT ON COLUMN research.backtest_lots.lot_fill_id IS 'The fill that had opened the lot.';
COMMENT ON COLUMN research.backtest_lots.instrument_id IS 'The instrument.';
COMMENT ON COLUMN research.backtest_lots.quantity IS
  'Units closed, in the shares of the close; negative: of a short lot.';
COMMENT ON COLUMN research.backtest_lots.cost IS 'What they had cost; the sign of quantity.';
COMMENT ON COLUMN research.backtest_lots.value IS
  'What closing them brought (long) or took (short); the sign of quantity. value − cost is the profit.';
COMMENT ON COLUMN research.backtest_lots.opened_at IS 'Event time of the opening.';
COMMENT ON COLUMN research.backtest_lots.closed_at IS 'Event time of the close.';
COMMENT ON COLUMN research.backtest_lots.settled_pnl IS 'Profit that daily settlements had paid for them before.';
COMMENT ON COLUMN research.backtest_lots.fees IS 'Fees of the close, and their share of those of the opening.';

CREATE TABLE research.backtest_equity (
  run_id          bigint       NOT NULL,
  day             date         NOT NULL,
  at              timestamptz  NOT NULL,
  equity          ledger.money NOT NULL,
  cash            ledger.money NOT NULL,
  positions_value ledger.money NOT NULL,
  drawdown        float8       NOT NULL,
  CONSTRAINT backtest_equity_pkey PRIMARY KEY (run_id, day)
);
COMMENT ON TABLE research.backtest_equity IS 'What a run was worth at the end of each trading day.';
COMMENT ON COLUMN research.backtest_equity.run_id IS 'The run.';
COMMENT ON COLUMN research.backtest_equity.day IS 'Trading day of the exchange of its first instrument.';
COMMENT ON COLUMN research.backtest_equity.at IS 'The last event of the day.';
COMMENT ON COLUMN research.backtest_equity.equity IS 'Worth at the latest prices.';
COMMENT ON COLUMN research.backtest_equity.cash IS 'Of it cash, with the collateral of short sales.';
COMMENT ON COLUMN research.backtest_equity.positions_value IS 'The rest.';
COMMENT ON COLUMN research.backtest_equity.drawdown IS
  'How far the equity is below its highest value so far, a fraction, zero or below; the capital counts, too.';

CREATE TABLE research.backtest_curves (
  run_id bigint        NOT NULL,
  times  timestamptz[] NOT NULL,
  equity float8[]      NOT NULL,
  CONSTRAINT backtest_curves_pkey PRIMARY KEY (run_id)
);
COMMENT ON TABLE research.backtest_curves IS 'The equity of a run from event to event.';
COMMENT ON COLUMN research.backtest_curves.run_id IS 'The run.';
COMMENT ON COLUMN research.backtest_curves.times IS
  'Event times, in order: at most 20,001 of all, evenly chosen, and the last.';
COMMENT ON COLUMN research.backtest_curves.equity IS 'Worth at these times.';

-- What is computed of the result of a run.
CREATE TYPE internal.backtest_figures AS (
  symbols        text[],
  legs           text[],
  instrument_ids int[],
  returns        trading.return_figures,
  exposure       float8,
  turnover_rate  float8,
  trades         trading.trade_figures
);
COMMENT ON TYPE internal.backtest_figures IS 'What internal.backtest_figures computes of the result of a backtest.';
COMMENT ON COLUMN internal.backtest_figures.symbols IS 'What was to be traded, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN internal.backtest_figures.legs IS 'The legs of the strategy likewise.';
COMMENT ON COLUMN internal.backtest_figures.instrument_ids IS 'All of them, by identifiers, legs last.';
COMMENT ON COLUMN internal.backtest_figures.returns IS 'Figures of the days.';
COMMENT ON COLUMN internal.backtest_figures.exposure IS 'Share of the days on which something was held.';
COMMENT ON COLUMN internal.backtest_figures.turnover_rate IS 'What was traded in a year over the mean equity.';
COMMENT ON COLUMN internal.backtest_figures.trades IS 'Figures of the closed round trips.';
