-- What an order must pass, and what stops orders: limits, halts, pauses after losses, and what was broken.
CREATE TYPE risk.scope AS ENUM
  ('system', 'user', 'portfolio', 'strategy', 'agent', 'instrument', 'sector');
CREATE TYPE risk.metric AS ENUM
  ('restricted', 'market_hours', 'quote_age', 'price_collar', 'order_rate', 'open_orders', 'order_value',
   'position_quantity', 'position_value', 'position_share', 'sector_value', 'sector_share', 'gross_value',
   'gross_share', 'net_value', 'net_share', 'open_positions', 'trade_risk', 'portfolio_heat', 'correlation',
   'daily_loss', 'daily_loss_share', 'weekly_loss', 'weekly_loss_share', 'drawdown');
CREATE TYPE risk.action          AS ENUM ('warn', 'reject', 'reduce_only', 'halt');
CREATE TYPE risk.trading_state   AS ENUM ('active', 'reducing', 'halted');
CREATE TYPE risk.protection_kind AS ENUM ('cooldown', 'stop_loss_guard', 'low_profit');
CREATE TYPE risk.protected       AS ENUM ('portfolio', 'agent', 'instrument');
COMMENT ON TYPE risk.scope IS
  'Whose orders a limit, halt or protection concerns: everybody''s; in the portfolios of a user, and those that the '
  'user sends elsewhere; of a portfolio; of all agents of a strategy; of an agent; in an instrument; in a sector.';
COMMENT ON TYPE risk.metric IS
  'What a limit measures of an order, within the order''s portfolio; of a user order_rate, open_orders, positions, '
  'sectors, gross, net, open_positions and losses add up all of the user''s portfolios. Money is in the '
  'portfolio''s currency, shares are percent of the equity. restricted: 1. market_hours: minutes until the exchange '
  'opens. quote_age: seconds since the last price. price_collar: percent by which a limit price is worse than the '
  'last (or stop) price. order_rate: orders within the period, this one and refused ones included. open_orders: '
  'orders that are not closed yet, this one included; of an agent, strategy, instrument or sector, like order_rate, '
  'its own. order_value: value of the order. position_quantity, position_value, position_share: what is held plus '
  'what open orders of its side would add. sector_…: the same over the sector. gross_…: sum of all positions, with '
  'their open orders at worst. net_…: long less short positions, with the open orders of its side. open_positions: '
  'instruments that are held or ordered. trade_risk: percent lost if the order fills and its stop is hit; all of it '
  'when no stop is known. portfolio_heat: the same summed over what is held. correlation: highest of its daily '
  'returns with those of what is held, negative for a hedge. daily_loss, weekly_loss: lost since the day, or the '
  'week, of the order''s exchange began, in money or (share) percent by which the time-weighted return fell. '
  'drawdown: percent by which it is below its peak.';
COMMENT ON TYPE risk.action IS
  'What a breach does. warn: it is recorded, the order passes. reject: the order is rejected. reduce_only, halt: '
  'rejected, and its agent (limits of an agent or strategy) or its portfolio (all others) goes into the state reducing '
  'or halted.';
COMMENT ON TYPE risk.trading_state IS
  'active: whatever the limits allow. reducing: nothing that opens or enlarges a position; a rule that set it may let '
  'it end by itself. halted: the same, and only a person ends it.';
COMMENT ON TYPE risk.protection_kind IS
  'cooldown: a pause after a trade that was stopped out at a loss. stop_loss_guard: a pause after so many of them '
  'within the period. low_profit: a pause when so many closing orders within the period made less than the least '
  'profit.';
COMMENT ON TYPE risk.protected IS
  'Whose trades a protection counts and whom it pauses: the portfolio, one agent of it, or one instrument in it.';

-- Each row that concerns orders has a subject, so that one look-up with the subjects of an order finds all rows that
-- concern it.
CREATE FUNCTION risk.subject(p_scope risk.scope, p_scope_id int, p_scope_name text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
RETURN CASE p_scope WHEN 'system'     THEN 'system'
                    WHEN 'user'       THEN 'user:' || p_scope_name
                    WHEN 'portfolio'  THEN 'portfolio:' || p_scope_id::text
                    WHEN 'strategy'   THEN 'strategy:' || p_scope_id::text
                    WHEN 'agent'      THEN 'agent:' || p_scope_id::text
                    WHEN 'instrument' THEN 'instrument:' || p_scope_id::text
                    WHEN 'sector'     THEN 'sector:' || p_scope_name END;
COMMENT ON FUNCTION risk.subject(risk.scope, int, text) IS 'Key of a scope, such as portfolio:1.';

CREATE TABLE risk.limits (
  limit_id      int              GENERATED ALWAYS AS IDENTITY CONSTRAINT limits_pkey PRIMARY KEY,
  scope         risk.scope       NOT NULL,
  scope_id      int,
  scope_name    text,
  subject       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (risk.subject(scope, scope_id, scope_name)) STORED,
  instrument_id int              CONSTRAINT limits_instrument_id_fkey REFERENCES market.instruments,
  metric        risk.metric      NOT NULL,
  period        interval,
  bound         numeric(28, 8)   NOT NULL CONSTRAINT limits_bound_check CHECK (bound >= 0 AND bound <> 'NaN'),
  action        risk.action      NOT NULL DEFAULT 'reject',
  set_at        timestamptz      NOT NULL,
  set_by        text             NOT NULL DEFAULT ops.actor(),
  by_house      boolean          NOT NULL DEFAULT false,
  CONSTRAINT limits_scope_id_check
    CHECK ((scope_id IS NOT NULL) = (scope IN ('portfolio', 'strategy', 'agent', 'instrument'))),
  CONSTRAINT limits_scope_name_check CHECK ((scope_name IS NOT NULL) = (scope IN ('user', 'sector'))),
  CONSTRAINT limits_period_check CHECK (
    CASE metric WHEN 'order_rate' THEN period IS NOT NULL AND period > interval '0' AND period <= interval '31 days'
                ELSE period IS NULL END),
  -- So many orders are looked at.
  CONSTRAINT limits_orders_check CHECK (metric NOT IN ('order_rate', 'open_orders') OR bound <= 10000)
);
CREATE UNIQUE INDEX limits_subject_key
  ON risk.limits (subject, metric, action, coalesce(instrument_id, 0), coalesce(period, '0'));
COMMENT ON TABLE  risk.limits IS 'Bounds that an order must keep; every limit that concerns it counts.';
COMMENT ON COLUMN risk.limits.limit_id IS 'Identifier.';
COMMENT ON COLUMN risk.limits.scope IS 'Whom it concerns.';
COMMENT ON COLUMN risk.limits.scope_id IS
  'Identifier of the portfolio, strategy, agent or instrument; NULL for other scopes.';
COMMENT ON COLUMN risk.limits.scope_name IS 'Name of the database role or of the sector; NULL for other scopes.';
COMMENT ON COLUMN risk.limits.subject IS 'Key of the scope.';
COMMENT ON COLUMN risk.limits.instrument_id IS
  'It concerns orders of this instrument alone; NULL for all that the scope concerns.';
COMMENT ON COLUMN risk.limits.metric IS 'What is measured.';
COMMENT ON COLUMN risk.limits.period IS 'Length of time in which an order_rate counts; NULL for other metrics.';
COMMENT ON COLUMN risk.limits.bound IS 'Highest allowed figure, in the unit of the metric.';
COMMENT ON COLUMN risk.limits.action IS 'What a breach does.';
COMMENT ON COLUMN risk.limits.set_at IS 'Event time.';
COMMENT ON COLUMN risk.limits.set_by IS 'Who set it.';
COMMENT ON COLUMN risk.limits.by_house IS
  'An administrator or runner set it: whom it concerns cannot change it or take it away.';

CREATE TABLE risk.halts (
  halt_id    int                GENERATED ALWAYS AS IDENTITY CONSTRAINT halts_pkey PRIMARY KEY,
  scope      risk.scope         NOT NULL,
  scope_id   int,
  scope_name text,
  subject    text COLLATE "C"   NOT NULL GENERATED ALWAYS AS (risk.subject(scope, scope_id, scope_name)) STORED,
  state      risk.trading_state NOT NULL DEFAULT 'halted' CONSTRAINT halts_state_check CHECK (state <> 'active'),
  metric     risk.metric,
  reason     text               NOT NULL,
  halted_at  timestamptz        NOT NULL,
  halted_by  text               NOT NULL DEFAULT ops.actor(),
  by_house   boolean            NOT NULL DEFAULT false,
  expires_at timestamptz        CONSTRAINT halts_expires_at_check CHECK (state = 'reducing' OR expires_at IS NULL),
  resumed_at timestamptz,
  resumed_by text               CONSTRAINT halts_resumed_by_check CHECK ((resumed_at IS NULL) = (resumed_by IS NULL)),
  CONSTRAINT halts_scope_id_check
    CHECK ((scope_id IS NOT NULL) = (scope IN ('portfolio', 'strategy', 'agent', 'instrument'))),
  CONSTRAINT halts_scope_name_check CHECK ((scope_name IS NOT NULL) = (scope IN ('user', 'sector')))
);
CREATE UNIQUE INDEX halts_in_force_key ON risk.halts (subject) WHERE resumed_at IS NULL;
COMMENT ON TABLE  risk.halts IS
  'Who may not open positions, since when and why: the trading states other than active. At most one in force for each '
  'scope.';
COMMENT ON COLUMN risk.halts.halt_id IS 'Identifier.';
COMMENT ON COLUMN risk.halts.scope IS 'Whom it concerns.';
COMMENT ON COLUMN risk.halts.scope_id IS
  'Identifier of the portfolio, strategy, agent or instrument; NULL for other scopes.';
COMMENT ON COLUMN risk.halts.scope_name IS 'Name of the database role or of the sector; NULL for other scopes.';
COMMENT ON COLUMN risk.halts.subject IS 'Key of the scope.';
COMMENT ON COLUMN risk.halts.state IS 'reducing or halted.';
COMMENT ON COLUMN risk.halts.metric IS 'What the limit measured whose breach set it; NULL when a person did.';
COMMENT ON COLUMN risk.halts.reason IS 'Why.';
COMMENT ON COLUMN risk.halts.halted_at IS 'Event time of the halt.';
COMMENT ON COLUMN risk.halts.halted_by IS 'Who halted.';
COMMENT ON COLUMN risk.halts.by_house IS
  'An administrator or runner halted: whom it concerns cannot end it. False for what a limit set off.';
COMMENT ON COLUMN risk.halts.expires_at IS 'Event time at which reducing ends by itself; NULL: a person ends it.';
COMMENT ON COLUMN risk.halts.resumed_at IS 'Event time of its end; NULL while in force.';
COMMENT ON COLUMN risk.halts.resumed_by IS 'Who resumed; NULL while in force.';

CREATE TABLE risk.protections (
  protection_id int                  GENERATED ALWAYS AS IDENTITY CONSTRAINT protections_pkey PRIMARY KEY,
  kind          risk.protection_kind NOT NULL,
  per           risk.protected       NOT NULL DEFAULT 'instrument',
  scope         risk.scope           NOT NULL,
  scope_id      int,
  scope_name    text,
  subject       text COLLATE "C"     NOT NULL GENERATED ALWAYS AS (risk.subject(scope, scope_id, scope_name)) STORED,
  pause         interval             NOT NULL
                CONSTRAINT protections_pause_check CHECK (pause > interval '0' AND pause <= interval '3650 days'),
  period        interval
                CONSTRAINT protections_period_check CHECK (period > interval '0' AND period <= interval '3650 days'),
  trades        int                  NOT NULL DEFAULT 1
                CONSTRAINT protections_trades_check CHECK (trades BETWEEN 1 AND 1000),
  least_profit  ledger.money,
  set_at        timestamptz          NOT NULL CONSTRAINT protections_set_at_check CHECK (isfinite(set_at)),
  set_by        text                 NOT NULL DEFAULT ops.actor(),
  by_house      boolean              NOT NULL DEFAULT false,
  CONSTRAINT protections_scope_id_check
    CHECK ((scope_id IS NOT NULL) = (scope IN ('portfolio', 'strategy', 'agent', 'instrument'))),
  CONSTRAINT protections_scope_name_check CHECK ((scope_name IS NOT NULL) = (scope IN ('user', 'sector'))),
  CONSTRAINT protections_terms_check CHECK (
    CASE kind WHEN 'cooldown'        THEN period IS NULL AND least_profit IS NULL AND trades = 1
              WHEN 'stop_loss_guard' THEN period IS NOT NULL AND least_profit IS NULL
              WHEN 'low_profit'      THEN period IS NOT NULL AND least_profit IS NOT NULL END)
);
CREATE UNIQUE INDEX protections_subject_key ON risk.protections (subject, kind, per);
COMMENT ON TABLE  risk.protections IS
  'Pauses after losses: which trades are counted, and how long opening orders wait then.';
COMMENT ON COLUMN risk.protections.protection_id IS 'Identifier.';
COMMENT ON COLUMN risk.protections.kind IS 'What it looks at.';
COMMENT ON COLUMN risk.protections.per IS 'Whose trades are counted, and who is paused.';
COMMENT ON COLUMN risk.protections.scope IS 'Whose fills it looks at.';
COMMENT ON COLUMN risk.protections.scope_id IS
  'Identifier of the portfolio, strategy, agent or instrument; NULL for other scopes.';
COMMENT ON COLUMN risk.protections.scope_name IS 'Name of the database role or of the sector; NULL for other scopes.';
COMMENT ON COLUMN risk.protections.subject IS 'Key of the scope.';
COMMENT ON COLUMN risk.protections.pause IS 'How long it pauses, in event time from the fill that set it off.';
COMMENT ON COLUMN risk.protections.period IS
  'Event time before that fill in which trades are counted; NULL for a cooldown.';
COMMENT ON COLUMN risk.protections.trades IS
  'How many orders that closed a position it takes; for a stop_loss_guard, orders that were stopped out.';
COMMENT ON COLUMN risk.protections.least_profit IS
  'Profit after fees, in the portfolio''s currency, below which low_profit pauses; NULL for the other kinds.';
COMMENT ON COLUMN risk.protections.set_at IS 'Event time.';
COMMENT ON COLUMN risk.protections.set_by IS 'Who set it.';
COMMENT ON COLUMN risk.protections.by_house IS
  'An administrator or runner set it: whom it concerns cannot change it or take it away.';

CREATE TABLE risk.locks (
  portfolio_id  int         NOT NULL CONSTRAINT locks_portfolio_id_fkey REFERENCES trading.portfolios,
  lock_id       int         GENERATED ALWAYS AS IDENTITY,
  instrument_id int,
  agent_id      int,
  code          text        NOT NULL,
  cause_id      int,
  reason        text        NOT NULL,
  locked_at     timestamptz NOT NULL CONSTRAINT locks_locked_at_check CHECK (isfinite(locked_at)),
  expires_at    timestamptz NOT NULL,
  released_at   timestamptz,
  released_by   text        CONSTRAINT locks_released_by_check CHECK ((released_at IS NULL) = (released_by IS NULL)),
  CONSTRAINT locks_pkey PRIMARY KEY (portfolio_id, lock_id),
  CONSTRAINT locks_expires_at_check CHECK (expires_at > locked_at)
);
CREATE INDEX locks_in_force_idx ON risk.locks (portfolio_id, expires_at) WHERE released_at IS NULL;
COMMENT ON TABLE  risk.locks IS
  'Pauses of opening orders that a rule set: protections after losses until they expire, a drawdown until a person '
  'releases it.';
COMMENT ON COLUMN risk.locks.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN risk.locks.lock_id IS 'Identifier.';
COMMENT ON COLUMN risk.locks.instrument_id IS 'Orders of this instrument wait; NULL: of all.';
COMMENT ON COLUMN risk.locks.agent_id IS 'Orders of this agent wait; NULL: of everybody.';
COMMENT ON COLUMN risk.locks.code IS 'Code with which orders are refused meanwhile.';
COMMENT ON COLUMN risk.locks.cause_id IS
  'The protection, or for a drawdown the limit (no foreign key: they may be deleted later).';
COMMENT ON COLUMN risk.locks.reason IS 'Why, with the figures.';
COMMENT ON COLUMN risk.locks.locked_at IS 'Event time of what set it off.';
COMMENT ON COLUMN risk.locks.expires_at IS 'Event time of its end; infinity: a person releases it.';
COMMENT ON COLUMN risk.locks.released_at IS 'Event time at which a person released it; NULL when nobody did.';
COMMENT ON COLUMN risk.locks.released_by IS 'Who released it; NULL when nobody did.';

CREATE TABLE risk.period_marks (
  portfolio_id int          NOT NULL CONSTRAINT period_marks_portfolio_id_fkey REFERENCES trading.portfolios,
  at           timestamptz  NOT NULL,
  profit       ledger.money NOT NULL,
  index        numeric      NOT NULL,
  CONSTRAINT period_marks_pkey PRIMARY KEY (portfolio_id, at)
);
COMMENT ON TABLE  risk.period_marks IS
  'What portfolios had made when a day or week of an exchange began, at the prices before: what limits of daily and '
  'weekly losses count from, whatever snapshots there are.';
COMMENT ON COLUMN risk.period_marks.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN risk.period_marks.at IS 'When the day or week began.';
COMMENT ON COLUMN risk.period_marks.profit IS 'Equity less net deposits, in the portfolio''s currency.';
COMMENT ON COLUMN risk.period_marks.index IS 'Index of the time-weighted return (trading.portfolio_snapshots).';

CREATE TYPE risk.verdict AS (
  code      text,
  rule      text,
  scope     risk.scope,
  limit_id  int,
  metric    risk.metric,
  figure    numeric,
  bound     numeric,
  action    risk.action,
  is_breach boolean,
  reason    text
);
COMMENT ON TYPE risk.verdict IS
  'What one rule says of one order. figure NULL: cannot be measured, which is a breach, or does not concern the order.';

CREATE TABLE risk.breaches (
  portfolio_id int         NOT NULL,
  order_id     bigint      NOT NULL,
  number       smallint    NOT NULL,
  code         text        NOT NULL,
  scope        risk.scope,
  limit_id     int,
  metric       risk.metric,
  figure       numeric,
  bound        numeric,
  action       risk.action NOT NULL,
  reason       text        NOT NULL,
  at           timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT breaches_pkey PRIMARY KEY (portfolio_id, order_id, number),
  CONSTRAINT breaches_order_fkey FOREIGN KEY (portfolio_id, order_id) REFERENCES trading.orders
    -- The rule speaks in a BEFORE trigger, when the rejected order's row is not there yet.
    DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX breaches_at_idx ON risk.breaches (portfolio_id, at);
COMMENT ON TABLE  risk.breaches IS
  'Rules that an order broke, with the figures, append-only; an order that broke warnings only was let pass.';
COMMENT ON COLUMN risk.breaches.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN risk.breaches.order_id IS 'The order.';
COMMENT ON COLUMN risk.breaches.number IS 'Place among the rules that the order broke, from 1.';
COMMENT ON COLUMN risk.breaches.code IS 'Code of the rule.';
COMMENT ON COLUMN risk.breaches.scope IS 'Scope of the limit or halt; NULL for a lock.';
COMMENT ON COLUMN risk.breaches.limit_id IS
  'The limit (no foreign key: limits may be deleted later); NULL for rules that are no limits.';
COMMENT ON COLUMN risk.breaches.metric IS 'What the limit measures; NULL for rules that are no limits.';
COMMENT ON COLUMN risk.breaches.figure IS 'What was measured; NULL for rules without figures.';
COMMENT ON COLUMN risk.breaches.bound IS 'What was allowed; NULL for rules without figures.';
COMMENT ON COLUMN risk.breaches.action IS 'What the breach did.';
COMMENT ON COLUMN risk.breaches.reason IS 'The rule in words.';
COMMENT ON COLUMN risk.breaches.at IS 'Event time.';
COMMENT ON COLUMN risk.breaches.recorded_at IS 'Clock time.';
