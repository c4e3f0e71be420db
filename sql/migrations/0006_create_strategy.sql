-- What to trade on: strategies in versions, the agents that run them on a portfolio, and the signals that they gave.
CREATE TYPE strategy.strategy_type AS ENUM
  ('trend', 'mean_reversion', 'momentum', 'arbitrage', 'scalping', 'swing', 'custom');
CREATE TYPE strategy.agent_kind    AS ENUM ('rule_based', 'ai_powered', 'hybrid');
CREATE TYPE strategy.agent_mode    AS ENUM ('dry', 'live');
CREATE TYPE strategy.agent_status  AS ENUM ('idle', 'running', 'paused', 'stopped', 'error');
CREATE TYPE strategy.signal_kind   AS ENUM ('entry', 'exit', 'stop');
COMMENT ON TYPE strategy.strategy_type IS 'Family of the strategy.';
COMMENT ON TYPE strategy.agent_kind IS 'Who decides: rules, a model, or rules over a model.';
COMMENT ON TYPE strategy.agent_mode IS 'dry: paper broker; live: the portfolio''s real broker.';
COMMENT ON TYPE strategy.agent_status IS
  'idle → running ⇄ paused → stopped, error from any; strategy.agent_transitions lists the moves.';
COMMENT ON TYPE strategy.signal_kind IS 'What the strategy wants: open, close, or protect a position.';

CREATE TABLE strategy.strategies (
  strategy_id       int                    GENERATED ALWAYS AS IDENTITY CONSTRAINT strategies_pkey PRIMARY KEY,
  name              text                   NOT NULL CONSTRAINT strategies_name_key UNIQUE
                    CONSTRAINT strategies_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  type              strategy.strategy_type NOT NULL,
  requires_approval boolean                NOT NULL DEFAULT false,
  description       text
);
COMMENT ON TABLE  strategy.strategies IS 'A named idea; what it does is in its versions.';
COMMENT ON COLUMN strategy.strategies.strategy_id IS 'Identifier.';
COMMENT ON COLUMN strategy.strategies.name IS 'Name that people use in calls.';
COMMENT ON COLUMN strategy.strategies.type IS 'Family; it decides which parameters are understood.';
COMMENT ON COLUMN strategy.strategies.requires_approval IS
  'True: orders of its agents wait for a second person''s trading.approve_order.';
COMMENT ON COLUMN strategy.strategies.description IS 'Free text; NULL when there is none.';

CREATE TABLE strategy.strategy_versions (
  strategy_id int         NOT NULL CONSTRAINT strategy_versions_strategy_id_fkey REFERENCES strategy.strategies,
  version     int         NOT NULL CONSTRAINT strategy_versions_version_check CHECK (version > 0),
  timeframe   interval    NOT NULL CONSTRAINT strategy_versions_timeframe_check CHECK (timeframe > interval '0'),
  parameters  jsonb       NOT NULL
              CONSTRAINT strategy_versions_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT strategy_versions_pkey PRIMARY KEY (strategy_id, version)
);
COMMENT ON TABLE  strategy.strategy_versions IS
  'The rules of a strategy at each change, append-only: an old result can always be explained.';
COMMENT ON COLUMN strategy.strategy_versions.strategy_id IS 'The strategy.';
COMMENT ON COLUMN strategy.strategy_versions.version IS 'Running number from 1.';
COMMENT ON COLUMN strategy.strategy_versions.timeframe IS 'Length of the candles that it looks at.';
COMMENT ON COLUMN strategy.strategy_versions.parameters IS
  'Parameters of entry, exit and sizing as JSON; TradingCore refuses keys that it does not know.';
COMMENT ON COLUMN strategy.strategy_versions.created_at IS 'Clock time.';

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
  portfolio_id int                   NOT NULL CONSTRAINT agents_portfolio_id_fkey REFERENCES trading.portfolios,
  agent_id     int                   GENERATED ALWAYS AS IDENTITY,
  name         text                  NOT NULL
               CONSTRAINT agents_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  strategy_id  int                   NOT NULL,
  version      int                   NOT NULL,
  kind         strategy.agent_kind   NOT NULL DEFAULT 'rule_based',
  mode         strategy.agent_mode   NOT NULL DEFAULT 'dry',
  status       strategy.agent_status NOT NULL DEFAULT 'idle',
  error        text,
  changed_at   timestamptz           NOT NULL,
  CONSTRAINT agents_pkey PRIMARY KEY (portfolio_id, agent_id),
  CONSTRAINT agents_portfolio_id_name_key UNIQUE (portfolio_id, name),
  CONSTRAINT agents_version_fkey FOREIGN KEY (strategy_id, version) REFERENCES strategy.strategy_versions,
  CONSTRAINT agents_error_check CHECK ((status = 'error') = (error IS NOT NULL))
) WITH (fillfactor = 80);
-- Scopes of limits and halts name an agent by its number alone.
CREATE INDEX agents_agent_id_idx ON strategy.agents (agent_id);
COMMENT ON TABLE  strategy.agents IS 'One strategy version at work on one portfolio.';
COMMENT ON COLUMN strategy.agents.portfolio_id IS 'The portfolio whose money it uses.';
COMMENT ON COLUMN strategy.agents.agent_id IS 'Identifier, unique over all portfolios.';
COMMENT ON COLUMN strategy.agents.name IS 'Name, unique in the portfolio; it begins the client_order_id of its orders.';
COMMENT ON COLUMN strategy.agents.strategy_id IS 'The strategy.';
COMMENT ON COLUMN strategy.agents.version IS 'Its version.';
COMMENT ON COLUMN strategy.agents.kind IS 'Who decides.';
COMMENT ON COLUMN strategy.agents.mode IS 'Paper or real.';
COMMENT ON COLUMN strategy.agents.status IS 'Only a running agent is evaluated.';
COMMENT ON COLUMN strategy.agents.error IS 'Why it is in status error; NULL in any other.';
COMMENT ON COLUMN strategy.agents.changed_at IS 'Event time of the last change of status.';

CREATE TABLE strategy.agent_instruments (
  portfolio_id  int NOT NULL,
  agent_id      int NOT NULL,
  instrument_id int NOT NULL CONSTRAINT agent_instruments_instrument_id_fkey REFERENCES market.instruments,
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
COMMENT ON COLUMN strategy.agent_instruments.at IS
  'Event time up to which the memory has seen the market; NULL before the first event.';
COMMENT ON COLUMN strategy.agent_instruments.state IS
  'Indicators, forming candles and counters as TradingCore exports them; NULL before the first event.';

CREATE TABLE strategy.signals (
  portfolio_id    int                  NOT NULL,
  agent_id        int                  NOT NULL,
  instrument_id   int                  NOT NULL,
  at              timestamptz          NOT NULL CONSTRAINT signals_at_check CHECK (isfinite(at)),
  kind            strategy.signal_kind NOT NULL,
  strength        float8               NOT NULL
                  CONSTRAINT signals_strength_check CHECK (strength BETWEEN -1e18 AND 1e18),
  price           float8               NOT NULL CONSTRAINT signals_price_check CHECK (price > 0 AND price < 'Infinity'),
  client_order_id text,
  CONSTRAINT signals_pkey PRIMARY KEY (portfolio_id, agent_id, instrument_id, at, kind),
  CONSTRAINT signals_agent_fkey FOREIGN KEY (portfolio_id, agent_id, instrument_id)
    REFERENCES strategy.agent_instruments
);
COMMENT ON TABLE  strategy.signals IS
  'What each agent wanted and when, whether or not an order came of it; append-only.';
COMMENT ON COLUMN strategy.signals.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN strategy.signals.agent_id IS 'The agent.';
COMMENT ON COLUMN strategy.signals.instrument_id IS 'The instrument.';
COMMENT ON COLUMN strategy.signals.at IS 'Event time: the close of the candle that gave the signal.';
COMMENT ON COLUMN strategy.signals.kind IS 'What it wanted.';
COMMENT ON COLUMN strategy.signals.strength IS
  'How clear the signal was, in the strategy''s own unit; for a crossover the distance of the averages in ATR.';
COMMENT ON COLUMN strategy.signals.price IS 'Price at the signal.';
COMMENT ON COLUMN strategy.signals.client_order_id IS 'The order that came of it; NULL when none did.';
