-- What to trade on: strategies in versions, the agents that run them on a portfolio, and the signals that they gave.
CREATE TYPE strategy.strategy_type AS ENUM
  ('trend', 'mean_reversion', 'momentum', 'arbitrage', 'scalping', 'swing', 'custom');
CREATE TYPE strategy.check_status  AS ENUM ('unchecked', 'checked', 'refused');
CREATE TYPE strategy.agent_kind    AS ENUM ('rule_based', 'ai_powered', 'hybrid');
CREATE TYPE strategy.agent_status  AS ENUM ('idle', 'running', 'paused', 'stopped', 'error');
CREATE TYPE strategy.signal_action AS ENUM ('buy', 'sell', 'exit');
CREATE TYPE strategy.exit_reason   AS ENUM
  ('rule', 'time_stop', 'session_end', 'volatility', 'stop', 'take_profit', 'request', 'leg');
COMMENT ON TYPE strategy.strategy_type IS 'Family of the strategy.';
COMMENT ON TYPE strategy.check_status IS
  'unchecked: nobody has parsed the rules yet; checked: they can run; refused: they cannot.';
COMMENT ON TYPE strategy.agent_kind IS
  'Who decides: the rules of its strategy; an outside program by strategy.record_signal; or both.';
COMMENT ON TYPE strategy.agent_status IS
  'idle → running ⇄ paused → stopped, error from any; strategy.agent_transitions lists the moves.';
COMMENT ON TYPE strategy.signal_action IS
  'buy: open a long position; sell: open a short one; exit: close what is there, or a part of it.';
COMMENT ON TYPE strategy.exit_reason IS
  'rule: the strategy''s exit rule; time_stop, session_end, volatility: exits of those names; stop, take_profit: an '
  'order that rests; request: a person or an outside program; leg: the other legs are gone.';

CREATE TABLE strategy.strategies (
  strategy_id       int                    GENERATED ALWAYS AS IDENTITY CONSTRAINT strategies_pkey PRIMARY KEY,
  owner             text                   DEFAULT ops.actor()
                    CONSTRAINT strategies_owner_check CHECK (length(owner) BETWEEN 1 AND 256),
  name              text                   NOT NULL
                    CONSTRAINT strategies_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  type              strategy.strategy_type NOT NULL,
  requires_approval boolean                NOT NULL DEFAULT false,
  description       text,
  CONSTRAINT strategies_owner_name_key UNIQUE NULLS NOT DISTINCT (owner, name)
);
COMMENT ON TABLE  strategy.strategies IS 'A named idea; what it does is in its versions.';
COMMENT ON COLUMN strategy.strategies.strategy_id IS 'Identifier.';
COMMENT ON COLUMN strategy.strategies.owner IS
  'Whose it is; NULL: the house''s, whose rules everybody may read and run, and nobody but the house changes.';
COMMENT ON COLUMN strategy.strategies.name IS
  'Name that people use in calls, unique among the owner''s. One''s own counts before the house''s; administrators '
  'name those of others owner/name.';
COMMENT ON COLUMN strategy.strategies.type IS 'Family; it decides which parameters are understood.';
COMMENT ON COLUMN strategy.strategies.requires_approval IS
  'True: orders of its agents wait for a second person''s trading.approve_order.';
COMMENT ON COLUMN strategy.strategies.description IS 'Free text; NULL when there is none.';

CREATE TABLE strategy.strategy_versions (
  strategy_id int                   NOT NULL
              CONSTRAINT strategy_versions_strategy_id_fkey REFERENCES strategy.strategies,
  version     int                   NOT NULL CONSTRAINT strategy_versions_version_check CHECK (version > 0),
  timeframe   interval              NOT NULL
              CONSTRAINT strategy_versions_timeframe_check CHECK (timeframe >= interval '0'),
  parameters  jsonb                 NOT NULL
              CONSTRAINT strategy_versions_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
  status      strategy.check_status NOT NULL DEFAULT 'unchecked',
  error       text,
  explanation text,
  normalized  jsonb,
  models      text[]                NOT NULL DEFAULT '{}',
  created_at  timestamptz           NOT NULL DEFAULT clock_timestamp(),
  checked_at  timestamptz,
  CONSTRAINT strategy_versions_pkey PRIMARY KEY (strategy_id, version),
  CONSTRAINT strategy_versions_error_check CHECK ((status = 'refused') = (error IS NOT NULL)),
  CONSTRAINT strategy_versions_checked_at_check CHECK ((status = 'unchecked') = (checked_at IS NULL))
);
CREATE INDEX strategy_versions_unchecked_idx ON strategy.strategy_versions (strategy_id, version)
  WHERE status = 'unchecked';
COMMENT ON TABLE  strategy.strategy_versions IS
  'The rules of a strategy at each change. They never change, so that an old result can always be explained; that they '
  'were checked is recorded once (strategy.record_check).';
COMMENT ON COLUMN strategy.strategy_versions.strategy_id IS 'The strategy.';
COMMENT ON COLUMN strategy.strategy_versions.version IS 'Running number from 1.';
COMMENT ON COLUMN strategy.strategy_versions.timeframe IS
  'Length of the candles that it looks at; 0: each tick is a candle.';
COMMENT ON COLUMN strategy.strategy_versions.parameters IS
  'Rules of entry and exit, sizing, protective exits and named parameters as JSON, as they were given.';
COMMENT ON COLUMN strategy.strategy_versions.status IS 'Whether the rules were parsed, and can run.';
COMMENT ON COLUMN strategy.strategy_versions.error IS
  'Why it was refused: rule, line, column, what was expected; NULL for any other.';
COMMENT ON COLUMN strategy.strategy_versions.explanation IS 'The rules in plain words; NULL before the check.';
COMMENT ON COLUMN strategy.strategy_versions.normalized IS
  'The parameters as the parser prints them, with rules in their normal form; NULL before the check.';
COMMENT ON COLUMN strategy.strategy_versions.models IS 'Names of the models whose predictions the rules use.';
COMMENT ON COLUMN strategy.strategy_versions.created_at IS 'Clock time.';
COMMENT ON COLUMN strategy.strategy_versions.checked_at IS 'Time of the check; NULL before.';

CREATE TABLE strategy.agent_transitions (
  from_status strategy.agent_status NOT NULL,
  to_status   strategy.agent_status NOT NULL,
  CONSTRAINT agent_transitions_pkey PRIMARY KEY (from_status, to_status)
);
COMMENT ON TABLE  strategy.agent_transitions IS 'The moves that an agent''s status may make; all others are refused.';
COMMENT ON COLUMN strategy.agent_transitions.from_status IS 'Status before.';
COMMENT ON COLUMN strategy.agent_transitions.to_status IS 'Status after.';

INSERT INTO strategy.agent_transitions (from_status, to_status) VALUES
  ('idle', 'running'), ('running', 'paused'), ('paused', 'running'),
  ('idle', 'stopped'), ('running', 'stopped'), ('paused', 'stopped'), ('error', 'stopped'),
  ('idle', 'error'), ('running', 'error'), ('paused', 'error'), ('stopped', 'error'),
  ('error', 'running'), ('error', 'idle'), ('stopped', 'idle');

CREATE TABLE strategy.agents (
  portfolio_id      int                   NOT NULL CONSTRAINT agents_portfolio_id_fkey REFERENCES trading.portfolios,
  agent_id          int                   GENERATED ALWAYS AS IDENTITY,
  owner             text                  NOT NULL DEFAULT ops.actor(),
  name              text                  NOT NULL
                    CONSTRAINT agents_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  strategy_id       int                   NOT NULL,
  version           int                   NOT NULL,
  params            jsonb                 NOT NULL DEFAULT '{}'
                    CONSTRAINT agents_params_check CHECK (jsonb_typeof(params) = 'object'),
  kind              strategy.agent_kind   NOT NULL DEFAULT 'rule_based',
  status            strategy.agent_status NOT NULL DEFAULT 'idle',
  error             text,
  capital_per_trade ledger.money          CONSTRAINT agents_capital_per_trade_check CHECK (capital_per_trade > 0),
  maximum_positions int                   CONSTRAINT agents_maximum_positions_check CHECK (maximum_positions > 0),
  schedule_days     int[]
                    CONSTRAINT agents_schedule_days_check
                      CHECK (schedule_days <> '{}' AND schedule_days <@ '{1,2,3,4,5,6,7}'::int[]),
  schedule_from     time,
  schedule_until    time,
  changed_at        timestamptz           NOT NULL,
  CONSTRAINT agents_pkey PRIMARY KEY (portfolio_id, agent_id),
  CONSTRAINT agents_portfolio_id_name_key UNIQUE (portfolio_id, name),
  CONSTRAINT agents_version_fkey FOREIGN KEY (strategy_id, version) REFERENCES strategy.strategy_versions,
  CONSTRAINT agents_error_check CHECK ((status = 'error') = (error IS NOT NULL)),
  CONSTRAINT agents_schedule_check CHECK (
    (schedule_from IS NULL) = (schedule_until IS NULL) AND schedule_from <> schedule_until)
) WITH (fillfactor = 80);
-- Scopes of limits and halts name an agent by its number alone.
CREATE INDEX agents_agent_id_idx ON strategy.agents (agent_id);
COMMENT ON TABLE  strategy.agents IS 'One strategy version at work on one portfolio.';
COMMENT ON COLUMN strategy.agents.portfolio_id IS 'The portfolio whose money it uses.';
COMMENT ON COLUMN strategy.agents.agent_id IS 'Identifier, unique over all portfolios.';
COMMENT ON COLUMN strategy.agents.owner IS
  'Who created it. Whoever may trade its portfolio starts and stops it.';
COMMENT ON COLUMN strategy.agents.name IS 'Name, unique in the portfolio; it begins the client_order_id of its orders.';
COMMENT ON COLUMN strategy.agents.strategy_id IS 'The strategy.';
COMMENT ON COLUMN strategy.agents.version IS 'Its version.';
COMMENT ON COLUMN strategy.agents.params IS
  'Values that it gives to named parameters of the version instead of the version''s own: numbers, or symbols.';
COMMENT ON COLUMN strategy.agents.kind IS 'Who decides.';
COMMENT ON COLUMN strategy.agents.capital_per_trade IS
  'Most that an entry may cost, in the portfolio''s currency; NULL: what the sizing says.';
COMMENT ON COLUMN strategy.agents.maximum_positions IS
  'How many of its instruments may have a position at once; NULL: all.';
COMMENT ON COLUMN strategy.agents.schedule_days IS
  'Days on which it may open positions, 1 Monday to 7 Sunday, as the exchange''s clock says; NULL: any.';
COMMENT ON COLUMN strategy.agents.schedule_from IS
  'Time of the exchange from which on it may open positions; NULL: any. Exits are never out of hours.';
COMMENT ON COLUMN strategy.agents.schedule_until IS
  'Last time at which it may; before schedule_from: of the next day. NULL with schedule_from.';
COMMENT ON COLUMN strategy.agents.status IS 'Only a running agent is evaluated.';
COMMENT ON COLUMN strategy.agents.error IS 'Why it is in status error; NULL in any other.';
COMMENT ON COLUMN strategy.agents.changed_at IS 'Event time of the last change of status.';

CREATE TABLE strategy.agent_instruments (
  portfolio_id  int NOT NULL,
  agent_id      int NOT NULL,
  instrument_id int NOT NULL CONSTRAINT agent_instruments_instrument_id_fkey REFERENCES market.instruments,
  leg_no        smallint CONSTRAINT agent_instruments_leg_no_check CHECK (leg_no > 0),
  at            timestamptz,
  state         bytea,
  CONSTRAINT agent_instruments_pkey PRIMARY KEY (portfolio_id, agent_id, instrument_id),
  CONSTRAINT agent_instruments_agent_fkey FOREIGN KEY (portfolio_id, agent_id) REFERENCES strategy.agents
) WITH (fillfactor = 50);
COMMENT ON TABLE  strategy.agent_instruments IS
  'What an agent trades, with its memory: committed with each batch, so that a killed runner goes on bit for bit.';
COMMENT ON COLUMN strategy.agent_instruments.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN strategy.agent_instruments.agent_id IS 'The agent.';
COMMENT ON COLUMN strategy.agent_instruments.instrument_id IS 'The instrument.';
COMMENT ON COLUMN strategy.agent_instruments.leg_no IS
  'Place in the version''s legs, from 1: it is traded along with the agent''s other instrument. NULL: it is traded by '
  'the rules.';
COMMENT ON COLUMN strategy.agent_instruments.at IS
  'Event time up to which the memory has seen the market; NULL before the first event.';
COMMENT ON COLUMN strategy.agent_instruments.state IS
  'Indicators, forming candles and counters as TradingCore exports them; NULL before the first event.';

CREATE TABLE strategy.signals (
  portfolio_id    int                    NOT NULL,
  agent_id        int                    NOT NULL,
  instrument_id   int                    NOT NULL,
  signal_no       bigint                 NOT NULL CONSTRAINT signals_signal_no_check CHECK (signal_no > 0),
  at              timestamptz            NOT NULL CONSTRAINT signals_at_check CHECK (isfinite(at)),
  action          strategy.signal_action NOT NULL,
  reason          strategy.exit_reason,
  price           float8                 CONSTRAINT signals_price_check CHECK (price > 0 AND price < 'Infinity'),
  operands        jsonb                  NOT NULL DEFAULT '{}'
                  CONSTRAINT signals_operands_check CHECK (jsonb_typeof(operands) = 'object'),
  client_order_id text,
  code            text                   CONSTRAINT signals_code_check CHECK (code ~ '^[A-Z0-9]{5}$'),
  recorded_at     timestamptz            NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT signals_pkey PRIMARY KEY (portfolio_id, agent_id, instrument_id, signal_no),
  CONSTRAINT signals_agent_fkey FOREIGN KEY (portfolio_id, agent_id, instrument_id)
    REFERENCES strategy.agent_instruments,
  CONSTRAINT signals_reason_check CHECK (reason IS NULL OR action = 'exit')
);
CREATE INDEX signals_order_idx ON strategy.signals (portfolio_id, client_order_id) WHERE client_order_id IS NOT NULL;
CREATE INDEX signals_at_idx ON strategy.signals (portfolio_id, at);
COMMENT ON TABLE  strategy.signals IS
  'What each agent wanted, when and why, with the order or the refusal that came of it; append-only.';
COMMENT ON COLUMN strategy.signals.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN strategy.signals.agent_id IS 'The agent.';
COMMENT ON COLUMN strategy.signals.instrument_id IS 'The instrument whose candle or tick gave it.';
COMMENT ON COLUMN strategy.signals.signal_no IS
  'Running number within the agent''s instrument, counted in its memory: the same in every replay.';
COMMENT ON COLUMN strategy.signals.at IS 'Event time: the close of the candle that gave the signal, or of the fill.';
COMMENT ON COLUMN strategy.signals.action IS 'What it wanted.';
COMMENT ON COLUMN strategy.signals.reason IS 'Why it leaves a position; NULL for an entry.';
COMMENT ON COLUMN strategy.signals.price IS 'Price at the signal; NULL when none is known.';
COMMENT ON COLUMN strategy.signals.operands IS
  'What the rules compared, in their normal form, with its value at that time; null while it is not known.';
COMMENT ON COLUMN strategy.signals.client_order_id IS 'The order that came of it; NULL when none did.';
COMMENT ON COLUMN strategy.signals.code IS 'Code of what kept an order from coming of it; NULL when one did.';
COMMENT ON COLUMN strategy.signals.recorded_at IS 'Clock time.';

CREATE TABLE strategy.external_signals (
  portfolio_id       int                    NOT NULL,
  external_signal_id bigint                 GENERATED ALWAYS AS IDENTITY,
  agent_id           int                    NOT NULL,
  instrument_id      int                    NOT NULL,
  key                text
                     CONSTRAINT external_signals_key_check CHECK (length(key) BETWEEN 1 AND 256),
  action             strategy.signal_action NOT NULL,
  at                 timestamptz            NOT NULL CONSTRAINT external_signals_at_check CHECK (isfinite(at)),
  confidence         float8
                     CONSTRAINT external_signals_confidence_check CHECK (confidence BETWEEN 0 AND 1),
  price              float8
                     CONSTRAINT external_signals_price_check CHECK (price > 0 AND price < 'Infinity'),
  note               text                   CONSTRAINT external_signals_note_check CHECK (length(note) <= 10000),
  actor              text                   NOT NULL DEFAULT ops.actor(),
  recorded_at        timestamptz            NOT NULL DEFAULT clock_timestamp(),
  handled_at         timestamptz,
  signal_no          bigint,
  CONSTRAINT external_signals_pkey PRIMARY KEY (portfolio_id, external_signal_id),
  CONSTRAINT external_signals_key_key UNIQUE (portfolio_id, agent_id, key),
  CONSTRAINT external_signals_agent_fkey FOREIGN KEY (portfolio_id, agent_id, instrument_id)
    REFERENCES strategy.agent_instruments,
  CONSTRAINT external_signals_signal_no_check CHECK (signal_no IS NULL OR handled_at IS NOT NULL)
);
CREATE INDEX external_signals_waiting_idx ON strategy.external_signals (portfolio_id, external_signal_id)
  WHERE handled_at IS NULL;
COMMENT ON TABLE  strategy.external_signals IS
  'The inbox of agents of kind ai_powered and hybrid: what outside programs want (strategy.record_signal).';
COMMENT ON COLUMN strategy.external_signals.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN strategy.external_signals.external_signal_id IS
  'Identifier, rising: signals are handled in its order.';
COMMENT ON COLUMN strategy.external_signals.agent_id IS 'The agent that is to act.';
COMMENT ON COLUMN strategy.external_signals.instrument_id IS 'The instrument.';
COMMENT ON COLUMN strategy.external_signals.key IS
  'The caller''s key, unique within the agent: the same again answers the first; NULL without one.';
COMMENT ON COLUMN strategy.external_signals.action IS 'What it wants.';
COMMENT ON COLUMN strategy.external_signals.at IS 'Event time that the caller gave.';
COMMENT ON COLUMN strategy.external_signals.confidence IS 'How sure the program is, 0 to 1; NULL when it does not say.';
COMMENT ON COLUMN strategy.external_signals.price IS 'Price that the program saw; NULL when it does not say.';
COMMENT ON COLUMN strategy.external_signals.note IS 'Free text of the caller; NULL when there is none.';
COMMENT ON COLUMN strategy.external_signals.actor IS 'Database role that recorded it.';
COMMENT ON COLUMN strategy.external_signals.recorded_at IS 'Clock time.';
COMMENT ON COLUMN strategy.external_signals.handled_at IS
  'Event time at which the agent acted on it, or refused it; NULL while it waits.';
COMMENT ON COLUMN strategy.external_signals.signal_no IS
  'The row of strategy.signals that came of it; NULL while it waits, and when none did.';
