-- Many backtests of one strategy with different parameters, and which of them was chosen: research.optimize writes the
-- trials, and any number of sessions run them.
CREATE TYPE research.search_method AS ENUM ('grid', 'random', 'latin_hypercube', 'tpe');
COMMENT ON TYPE research.search_method IS
  'How the values of trials are chosen. grid: all combinations. random: draws. latin_hypercube: draws of which each '
  'slice of each parameter has one. tpe: by a tree-structured Parzen estimator of what was good before (Bergstra and '
  'others 2011).';
CREATE TYPE research.trial_status AS ENUM ('pending', 'done', 'failed', 'pruned');
COMMENT ON TYPE research.trial_status IS
  'What became of a trial. pending: it was not run yet. failed: it cannot be run, error says why. pruned: it ran, and '
  'a constraint on its statistics keeps it from being chosen.';
CREATE TYPE research.trial_part AS ENUM ('in_sample', 'out_of_sample');
COMMENT ON TYPE research.trial_part IS
  'in_sample: by it values are chosen. out_of_sample: what the chosen values did in the time behind.';

CREATE TABLE research.optimizations (
  optimization_id  bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT optimizations_pkey PRIMARY KEY,
  owner            text NOT NULL DEFAULT ops.actor(),
  strategy_id      int NOT NULL,
  version          int NOT NULL,
  symbols          text[] NOT NULL,
  instrument_ids   int[] NOT NULL,
  from_time        timestamptz NOT NULL,
  until_time       timestamptz NOT NULL,
  capital          ledger.money NOT NULL CONSTRAINT optimizations_capital_check CHECK (capital > 0),
  currency         ledger.currency NOT NULL,
  settings         jsonb NOT NULL
                   CONSTRAINT optimizations_settings_check CHECK (jsonb_typeof(settings) = 'object'),
  parameters       jsonb NOT NULL
                   CONSTRAINT optimizations_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
  method           research.search_method NOT NULL,
  objective        text NOT NULL,
  constraints      text[] NOT NULL DEFAULT '{}',
  seed             bigint NOT NULL,
  trials           int NOT NULL CONSTRAINT optimizations_trials_check CHECK (trials > 0),
  walk_forward     jsonb CONSTRAINT optimizations_walk_forward_check CHECK (jsonb_typeof(walk_forward) = 'object'),
  data_fingerprint text NOT NULL
                   CONSTRAINT optimizations_data_fingerprint_check CHECK (data_fingerprint ~ '^[0-9a-f]{16}$'),
  created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at      timestamptz,
  CONSTRAINT optimizations_strategy_id_version_fkey FOREIGN KEY (strategy_id, version)
    REFERENCES strategy.strategy_versions
);
COMMENT ON TABLE research.optimizations IS
  'Searches for the values of a strategy''s named parameters: what research.optimize was told.';
COMMENT ON COLUMN research.optimizations.optimization_id IS 'Identifier.';
COMMENT ON COLUMN research.optimizations.owner IS
  'Whose it is; others read it when all portfolios are shown to them.';
COMMENT ON COLUMN research.optimizations.strategy_id IS 'The strategy.';
COMMENT ON COLUMN research.optimizations.version IS 'Its version.';
COMMENT ON COLUMN research.optimizations.symbols IS 'What it trades, EXCHANGE:SYMBOL, in the order of the symbols.';
COMMENT ON COLUMN research.optimizations.instrument_ids IS
  'The same by identifiers, and behind them the legs of its strategy.';
COMMENT ON COLUMN research.optimizations.from_time IS 'Nothing acts before this time.';
COMMENT ON COLUMN research.optimizations.until_time IS 'Events are read until before this time.';
COMMENT ON COLUMN research.optimizations.capital IS 'What each trial begins with, in its currency.';
COMMENT ON COLUMN research.optimizations.currency IS 'Of all amounts.';
COMMENT ON COLUMN research.optimizations.settings IS
  'Settings of each trial as research.backtests has them, defaults filled in; params: values that are the same in all.';
COMMENT ON COLUMN research.optimizations.parameters IS
  'What the values are taken from, by the name of the parameter: a list, or from, to, step and scale '
  '(docs/optimisation.md).';
COMMENT ON COLUMN research.optimizations.method IS 'How they are chosen.';
COMMENT ON COLUMN research.optimizations.objective IS
  'What is to be as large as possible: a statistic of research.trials, or an expression over them.';
COMMENT ON COLUMN research.optimizations.constraints IS
  'Conditions over parameters (values that break one are no trials) and statistics (a trial that breaks one is '
  'pruned).';
COMMENT ON COLUMN research.optimizations.seed IS 'Of all draws: the same seed gives the same trials.';
COMMENT ON COLUMN research.optimizations.trials IS 'In-sample trials of each window; less where values ran out.';
COMMENT ON COLUMN research.optimizations.walk_forward IS
  'How the time is cut into windows: kind, train, test, purge, embargo; NULL: it is one window, all in sample.';
COMMENT ON COLUMN research.optimizations.data_fingerprint IS
  'A hash over all bars or ticks of the instruments from from_time until until_time; trials are refused when the data '
  'have changed.';
COMMENT ON COLUMN research.optimizations.created_at IS 'Clock time.';
COMMENT ON COLUMN research.optimizations.finished_at IS
  'Clock time of the end of the last trial; NULL while some wait.';
CREATE INDEX optimizations_strategy_idx ON research.optimizations (strategy_id, version);
CREATE INDEX optimizations_owner_idx ON research.optimizations (owner, optimization_id);

CREATE TABLE research.optimization_windows (
  optimization_id bigint      NOT NULL CONSTRAINT optimization_windows_optimization_id_fkey
                  REFERENCES research.optimizations ON DELETE CASCADE,
  window_no       int         NOT NULL CONSTRAINT optimization_windows_window_no_check CHECK (window_no > 0),
  from_time       timestamptz NOT NULL,
  until_time      timestamptz NOT NULL,
  test_from       timestamptz,
  test_until      timestamptz,
  chosen_trial    int,
  CONSTRAINT optimization_windows_pkey PRIMARY KEY (optimization_id, window_no),
  CONSTRAINT optimization_windows_times_check CHECK (
    from_time < until_time AND ((test_from IS NULL) = (test_until IS NULL))
    AND (test_from IS NULL OR until_time <= test_from AND test_from < test_until))
);
COMMENT ON TABLE research.optimization_windows IS
  'The times of an optimization: where values are chosen, and where the chosen ones are tried.';
COMMENT ON COLUMN research.optimization_windows.optimization_id IS 'The optimization.';
COMMENT ON COLUMN research.optimization_windows.window_no IS 'Number from 1, in the order of the times.';
COMMENT ON COLUMN research.optimization_windows.from_time IS 'In-sample trials act from here on.';
COMMENT ON COLUMN research.optimization_windows.until_time IS
  'They see nothing that was not over by this time: with a walk-forward, by its purge before the split.';
COMMENT ON COLUMN research.optimization_windows.test_from IS
  'The out-of-sample trial acts from here on; NULL: there is none.';
COMMENT ON COLUMN research.optimization_windows.test_until IS
  'Its events are read until before this time; NULL likewise.';
COMMENT ON COLUMN research.optimization_windows.chosen_trial IS
  'The in-sample trial with the best objective, of equal ones the first; NULL: not all were run yet, or none can be '
  'chosen.';

CREATE TABLE research.trials (
  optimization_id  bigint                NOT NULL CONSTRAINT trials_optimization_id_fkey
                   REFERENCES research.optimizations ON DELETE CASCADE,
  trial            int                   NOT NULL CONSTRAINT trials_trial_check CHECK (trial > 0),
  window_no        int                   NOT NULL,
  part             research.trial_part   NOT NULL DEFAULT 'in_sample',
  params           jsonb,
  status           research.trial_status NOT NULL DEFAULT 'pending',
  error            text,
  objective        float8,
  days             date[],
  returns          float8[],
  data_fingerprint text CONSTRAINT trials_data_fingerprint_check CHECK (data_fingerprint ~ '^[0-9a-f]{16}$'),
  engine_version   text,
  events           bigint,
  duration         interval,
  final_equity     ledger.money,
  final_cash       ledger.money,
  orders           bigint,
  rejected         bigint,
  fills            bigint,
  fees             ledger.money,
  income           ledger.money,
  LIKE trading.return_figures INCLUDING COMMENTS,
  exposure         float8,
  turnover_rate    float8,
  LIKE trading.trade_figures INCLUDING COMMENTS,
  CONSTRAINT trials_pkey PRIMARY KEY (optimization_id, trial),
  CONSTRAINT trials_status_check CHECK (
    CASE status WHEN 'failed' THEN error IS NOT NULL AND returns IS NULL
                WHEN 'pending' THEN error IS NULL AND returns IS NULL AND objective IS NULL
                WHEN 'pruned' THEN error IS NOT NULL AND returns IS NOT NULL AND objective IS NULL
                ELSE error IS NULL AND returns IS NOT NULL AND params IS NOT NULL END),
  CONSTRAINT trials_params_check CHECK (jsonb_typeof(params) = 'object' OR part = 'out_of_sample' AND params IS NULL)
);
COMMENT ON TABLE research.trials IS
  'Backtests of an optimization, each with the statistics that research.backtests would have of it '
  '(research.run_backtest with the same params gives the same ones). Figures are NULL until it has run. A row '
  'is locked '
  'while somebody runs it, and written once.';
COMMENT ON COLUMN research.trials.optimization_id IS 'The optimization.';
COMMENT ON COLUMN research.trials.trial IS
  'Number, window by window: of window w in-sample trials have those from (w − 1) · (trials + 1) + 1 on, and the '
  'out-of-sample one has w · (trials + 1).';
COMMENT ON COLUMN research.trials.window_no IS 'The row of research.optimization_windows that says its times.';
COMMENT ON COLUMN research.trials.part IS 'Whether values are chosen by it, or it tries the chosen ones.';
COMMENT ON COLUMN research.trials.params IS
  'The values of the parameters; NULL: out of sample, and nothing was chosen yet.';
COMMENT ON COLUMN research.trials.status IS 'What became of it.';
COMMENT ON COLUMN research.trials.error IS 'Why it failed or was pruned; NULL: it did not.';
COMMENT ON COLUMN research.trials.objective IS
  'Value of the optimization''s objective, the larger the better; NULL: it has none, and the trial cannot be chosen.';
COMMENT ON COLUMN research.trials.days IS
  'Trading days of the exchange of the first instrument; those of all trials of a window and part are the same.';
COMMENT ON COLUMN research.trials.returns IS
  'Return of each of these days, a fraction: the first against the capital. Trials of a window and part are a matrix.';
COMMENT ON COLUMN research.trials.data_fingerprint IS
  'A hash of every event that was read, in order, those that warmed it up included.';
COMMENT ON COLUMN research.trials.engine_version IS 'The version of Bourse that ran it.';
COMMENT ON COLUMN research.trials.events IS 'Bars or ticks from the beginning of its time on.';
COMMENT ON COLUMN research.trials.duration IS
  'Its share of the time that the batch took in which it ran; the only column that differs from run to run.';
COMMENT ON COLUMN research.trials.final_equity IS 'Worth at the end, open positions at their last prices.';
COMMENT ON COLUMN research.trials.final_cash IS 'Of it cash, with the collateral of short sales.';
COMMENT ON COLUMN research.trials.orders IS 'Orders that were submitted.';
COMMENT ON COLUMN research.trials.rejected IS 'Of these the refused ones.';
COMMENT ON COLUMN research.trials.fills IS 'Executions.';
COMMENT ON COLUMN research.trials.fees IS 'Fees of all fills.';
COMMENT ON COLUMN research.trials.income IS
  'Dividends received, less those owed on shorts and less what borrowing them cost.';
COMMENT ON COLUMN research.trials.exposure IS
  'Share of the days after the first on which something was held; NULL without days.';
COMMENT ON COLUMN research.trials.turnover_rate IS
  'What was traded in a year as a multiple of the mean equity (trading.turnover_rate); NULL when it cannot be said.';
CREATE INDEX trials_pending_idx ON research.trials (optimization_id, trial) WHERE status = 'pending';

-- What is looked at on the way.
CREATE TYPE internal.search_dimension AS (
  name    text,
  choices jsonb,
  low     numeric,
  high    numeric,
  step    numeric,
  is_log  boolean,
  size    bigint
);
COMMENT ON TYPE internal.search_dimension IS 'A parameter of a search and the values that it may have.';
COMMENT ON COLUMN internal.search_dimension.name IS 'The parameter.';
COMMENT ON COLUMN internal.search_dimension.choices IS 'A list of values; NULL: it is a range.';
COMMENT ON COLUMN internal.search_dimension.low IS 'The lowest value of a range.';
COMMENT ON COLUMN internal.search_dimension.high IS 'The highest value of a range.';
COMMENT ON COLUMN internal.search_dimension.step IS 'From one value of a range to the next; NULL: it is continuous.';
COMMENT ON COLUMN internal.search_dimension.is_log IS 'Ratios, not differences, are drawn evenly.';
COMMENT ON COLUMN internal.search_dimension.size IS 'How many values there are; NULL: it is continuous.';
