-- One schema per concern; procedures/ has one folder for each. Schema ops exists already: it holds the record of the
-- migrations themselves.
CREATE SCHEMA market;
CREATE SCHEMA ledger;
CREATE SCHEMA trading;
CREATE SCHEMA risk;
CREATE SCHEMA strategy;
CREATE SCHEMA research;
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
COMMENT ON SCHEMA internal IS
  'What only other functions call: decisions without writes, and the writers that carry them out.';
COMMENT ON SCHEMA archive IS
  'Partitions of ticks and quotes that market.apply_tick_retention has detached: to be copied away and dropped.';

-- The one answer to "who". Everything that records who did something, and every rule that asks, calls it. Its body is
-- bound when it is created, so that it is inlined and needs no search_path.
CREATE FUNCTION ops.actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
RETURN session_user::text;
COMMENT ON FUNCTION ops.actor() IS 'Who acts: the role that logged in, whoever''s rights the statement runs with.';

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
