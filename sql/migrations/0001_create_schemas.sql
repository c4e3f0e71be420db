-- One schema per concern; procedures/ has one folder for each. Schema ops exists already: it holds the record of the
-- migrations themselves.
CREATE SCHEMA market;
CREATE SCHEMA ledger;
CREATE SCHEMA trading;
CREATE SCHEMA risk;
CREATE SCHEMA strategy;
CREATE SCHEMA research;
CREATE SCHEMA identity;
CREATE SCHEMA reporting;
CREATE SCHEMA archive;
CREATE SCHEMA internal;
COMMENT ON SCHEMA market IS
  'Exchanges, sessions, instruments, ticks, quotes, imported bars and corporate actions: what was observed.';
COMMENT ON SCHEMA ledger IS
  'Double-entry books: accounts, transfers (posted, pending, voided) and balances, exact to eight decimals.';
COMMENT ON SCHEMA trading IS 'Portfolios, orders and their events, fills, positions and portfolio snapshots.';
COMMENT ON SCHEMA risk IS 'Limits, halts and breaches: what an order must pass before it is accepted.';
COMMENT ON SCHEMA strategy IS
  'Strategies and their versions, the agents that run them, and the signals that they gave.';
COMMENT ON SCHEMA research IS 'Models outside of the database, and what they predict.';
COMMENT ON SCHEMA ops IS
  'Running the engine: event journal and its consumers, runners, feed cursors, imports, invariants, migrations.';
COMMENT ON SCHEMA identity IS
  'Who may do what: users, their sessions, keys and tiers, and what owners have shown to others.';
COMMENT ON SCHEMA reporting IS
  'What panels, alerts and reports read: views of the other schemas by names, times and plain numbers.';
COMMENT ON SCHEMA internal IS
  'What only other functions call: decisions without writes, and the writers that carry them out.';
COMMENT ON SCHEMA archive IS
  'Partitions of ticks and quotes that market.apply_tick_retention has detached: to be copied away and dropped.';

-- Whom a transaction acts for. The row is written by identity.use_token, is of no use to any later transaction, and
-- nobody but the owner can read or write it: no setting makes, changes or ends it. Not logged, so that a transaction
-- that only reads does not wait for the disk; fillfactor leaves room to update in place.
CREATE UNLOGGED TABLE identity.acting (
  pid            int         CONSTRAINT acting_pkey PRIMARY KEY,
  xid            xid8        NOT NULL,
  server_started timestamptz NOT NULL,
  username       text        NOT NULL,
  role           text        NOT NULL,
  scopes         text[]      NOT NULL,
  session_id     uuid,
  key_id         int
) WITH (fillfactor = 20);
COMMENT ON TABLE  identity.acting IS
  'Whom transactions act for that gave a token, one row for each server process that ever did; a row counts while its '
  'transaction runs.';
COMMENT ON COLUMN identity.acting.pid IS 'Server process.';
COMMENT ON COLUMN identity.acting.xid IS
  'The transaction that gave the token; numbers of transactions never come again.';
COMMENT ON COLUMN identity.acting.server_started IS
  'Start of the server: numbers of another server, from which a dump came, mean nothing here.';
COMMENT ON COLUMN identity.acting.username IS 'The user of the token.';
COMMENT ON COLUMN identity.acting.role IS
  'What the token lets its user be: admin, runner, trader, investor, analyst or dashboard.';
COMMENT ON COLUMN identity.acting.scopes IS 'Scopes of the token that the user''s role has.';
COMMENT ON COLUMN identity.acting.session_id IS 'Session of the token; NULL for an API key.';
COMMENT ON COLUMN identity.acting.key_id IS 'The API key; NULL for a session''s token.';

CREATE FUNCTION identity.acting_user() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce((SELECT a.username FROM identity.acting AS a
                    WHERE a.pid = pg_backend_pid() AND a.xid = pg_current_xact_id_if_assigned()
                      AND a.server_started = pg_postmaster_start_time()), session_user);
END
$$;
COMMENT ON FUNCTION identity.acting_user() IS
  'The user of the token that this transaction gave, else the role that logged in; ops.actor() asks it.';

-- The one answer to "who". Everything that records who did something, and every rule that asks, calls it. Its body is
-- bound when it is created, so that it is inlined and needs no search_path. A transaction that has written nothing to
-- identity.acting gave no token: the server counts in memory, which costs less than looking.
CREATE FUNCTION ops.actor() RETURNS text
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
RETURN CASE WHEN pg_stat_get_xact_tuples_updated('identity.acting'::regclass)
                 + pg_stat_get_xact_tuples_inserted('identity.acting'::regclass) = 0 THEN session_user::text
            ELSE identity.acting_user() END;
COMMENT ON FUNCTION ops.actor() IS
  'Who acts: the user of the token that identity.use_token gave this transaction, else the role that logged in, '
  'whoever''s rights the statement runs with.';

-- Observations are float8. Obligations are exact: the bounds fit the fixed-point types of TradingCore, 64 bits for
-- prices and quantities, 128 bits for money, eight decimals each. numeric(p, s) refuses infinities by itself.
CREATE DOMAIN market.price AS numeric(18, 8)
  CONSTRAINT price_is_a_number CHECK (VALUE <> 'NaN');
CREATE DOMAIN market.quantity AS numeric(18, 8)
  CONSTRAINT quantity_is_a_number CHECK (VALUE <> 'NaN');
CREATE DOMAIN market.ratio AS numeric(18, 8)
  CONSTRAINT ratio_is_positive CHECK (VALUE > 0 AND VALUE <> 'NaN');
CREATE DOMAIN market.symbol AS text
  CONSTRAINT symbol_is_readable CHECK (VALUE ~ '^[A-Za-z0-9^][A-Za-z0-9._/&+=^ -]{0,63}$');
CREATE DOMAIN ledger.money AS numeric(28, 8)
  CONSTRAINT money_is_a_number CHECK (VALUE <> 'NaN');
CREATE DOMAIN ledger.currency AS text
  CONSTRAINT currency_is_a_code CHECK (VALUE ~ '^[A-Z][A-Z0-9]{2,9}$');
CREATE DOMAIN ledger.exchange_rate AS numeric(38, 20)
  CONSTRAINT exchange_rate_is_positive CHECK (VALUE > 0 AND VALUE <> 'NaN');
COMMENT ON DOMAIN market.price IS 'Price of one unit in the instrument''s currency, eight decimals.';
COMMENT ON DOMAIN market.quantity IS
  'Number of units (shares, contracts, coins), eight decimals; signed where a column says so.';
COMMENT ON DOMAIN market.ratio IS 'A positive factor without unit, eight decimals.';
COMMENT ON DOMAIN market.symbol IS 'Ticker as its exchange spells it, at most 64 characters.';
COMMENT ON DOMAIN ledger.money IS
  'Amount of money in the row''s currency, eight decimals, rounded half away from zero.';
COMMENT ON DOMAIN ledger.currency IS 'ISO 4217 code, or a crypto currency''s ticker.';
COMMENT ON DOMAIN ledger.exchange_rate IS 'Units of one currency for one unit of another, twenty decimals.';
