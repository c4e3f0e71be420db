CREATE TYPE risk.scope  AS ENUM ('system', 'portfolio', 'agent', 'instrument');
CREATE TYPE risk.metric AS ENUM ('order_value', 'position_quantity', 'position_value');
COMMENT ON TYPE risk.scope IS 'Whom a limit or halt concerns.';
COMMENT ON TYPE risk.metric IS 'order_value: value of one order; position_quantity, position_value: what is held plus what open orders would add.';

CREATE TABLE risk.limits (
  limit_id   int GENERATED ALWAYS AS IDENTITY CONSTRAINT limits_pkey PRIMARY KEY,
  scope      risk.scope  NOT NULL,
  scope_id   int         CONSTRAINT limits_scope_id_check CHECK ((scope = 'system') = (scope_id IS NULL)),
  metric     risk.metric NOT NULL,
  bound      numeric(28, 8) NOT NULL CONSTRAINT limits_bound_check CHECK (bound >= 0 AND bound <> 'NaN'),
  set_at     timestamptz NOT NULL,
  set_by     text        NOT NULL DEFAULT session_user
);
CREATE UNIQUE INDEX limits_scope_key ON risk.limits (scope, coalesce(scope_id, 0), metric);
COMMENT ON TABLE  risk.limits IS 'Bounds that an order must keep; every limit that concerns it counts.';
COMMENT ON COLUMN risk.limits.limit_id IS 'Identifier.';
COMMENT ON COLUMN risk.limits.scope IS 'Whom it concerns.';
COMMENT ON COLUMN risk.limits.scope_id IS 'Identifier of the portfolio, agent or instrument; NULL for the whole system.';
COMMENT ON COLUMN risk.limits.metric IS 'What is measured.';
COMMENT ON COLUMN risk.limits.bound IS 'Highest allowed figure: money for values, units for quantities.';
COMMENT ON COLUMN risk.limits.set_at IS 'Event time.';
COMMENT ON COLUMN risk.limits.set_by IS 'Who set it.';

CREATE TABLE risk.halts (
  halt_id    int GENERATED ALWAYS AS IDENTITY CONSTRAINT halts_pkey PRIMARY KEY,
  scope      risk.scope  NOT NULL,
  scope_id   int         CONSTRAINT halts_scope_id_check CHECK ((scope = 'system') = (scope_id IS NULL)),
  reason     text        NOT NULL,
  halted_at  timestamptz NOT NULL,
  halted_by  text        NOT NULL DEFAULT session_user,
  resumed_at timestamptz,
  resumed_by text        CONSTRAINT halts_resumed_by_check CHECK ((resumed_at IS NULL) = (resumed_by IS NULL))
);
CREATE UNIQUE INDEX halts_in_force_key ON risk.halts (scope, coalesce(scope_id, 0)) WHERE resumed_at IS NULL;
COMMENT ON TABLE  risk.halts IS 'Who may not open orders, since when and why; at most one in force for each scope.';
COMMENT ON COLUMN risk.halts.halt_id IS 'Identifier.';
COMMENT ON COLUMN risk.halts.scope IS 'Whom it concerns.';
COMMENT ON COLUMN risk.halts.scope_id IS 'Identifier of the portfolio, agent or instrument; NULL for the whole system.';
COMMENT ON COLUMN risk.halts.reason IS 'Why.';
COMMENT ON COLUMN risk.halts.halted_at IS 'Event time of the halt.';
COMMENT ON COLUMN risk.halts.halted_by IS 'Who halted.';
COMMENT ON COLUMN risk.halts.resumed_at IS 'Event time of its end; NULL while in force.';
COMMENT ON COLUMN risk.halts.resumed_by IS 'Who resumed; NULL while in force.';

CREATE TABLE risk.breaches (
  portfolio_id int         NOT NULL,
  order_id     bigint      NOT NULL,
  code         text        NOT NULL,
  limit_id     int,
  figure       numeric,
  bound        numeric,
  at           timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT breaches_pkey PRIMARY KEY (portfolio_id, order_id, code),
  CONSTRAINT breaches_order_fkey FOREIGN KEY (portfolio_id, order_id) REFERENCES trading.orders
    -- The rule speaks in a BEFORE trigger, when the rejected order's row is not there yet.
    DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE  risk.breaches IS 'Orders that a rule refused, with the figures, append-only.';
COMMENT ON COLUMN risk.breaches.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN risk.breaches.order_id IS 'The rejected order.';
COMMENT ON COLUMN risk.breaches.code IS 'Code of the rule.';
COMMENT ON COLUMN risk.breaches.limit_id IS 'The limit (no foreign key: limits may be deleted later); NULL for rules that are no limits.';
COMMENT ON COLUMN risk.breaches.figure IS 'What was measured; NULL for rules without figures.';
COMMENT ON COLUMN risk.breaches.bound IS 'What was allowed; NULL for rules without figures.';
COMMENT ON COLUMN risk.breaches.at IS 'Event time.';
COMMENT ON COLUMN risk.breaches.recorded_at IS 'Clock time.';
