-- One US instrument with a price, one portfolio with money, and words for what the tests repeat. Included by \ir after BEGIN.
SET LOCAL timezone = 'UTC';

SELECT market.add_instrument(symbol => 'IBM') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[timestamptz '2024-01-08 14:30Z'], ARRAY[100::float8], ARRAY[NULL::float8]) \g /dev/null
SELECT trading.create_portfolio(name => 'main', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null

-- A statement must fail with this SQLSTATE; texts are for people and are not compared.
CREATE FUNCTION pg_temp.refuses(statement text, code text, description text) RETURNS text LANGUAGE sql
AS $$ SELECT throws_ok(statement, code::char(5), NULL, description) $$;

-- The SQLSTATE of a statement under a role, 00000 when it works; it is undone in any case.
CREATE FUNCTION pg_temp.outcome(role_name text, statement text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
  BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'P0T00' THEN '00000' ELSE SQLSTATE END;
  END;
END
$$;

-- Nobody but the owner: the statement fails under each role of the engine for want of rights.
CREATE FUNCTION pg_temp.denies(statement text, description text) RETURNS text LANGUAGE sql
AS $$
  SELECT is((SELECT string_agg(pg_temp.outcome(r, statement), ' ' ORDER BY r)
               FROM unnest('{bourse_admin,bourse_analyst,bourse_runner,bourse_trader}'::text[]) AS r),
            '42501 42501 42501 42501', description)
$$;

CREATE FUNCTION pg_temp.is_sound(description text DEFAULT 'the books are sound') RETURNS text LANGUAGE sql
AS $$ SELECT is_empty('SELECT invariant, portfolio_id::text, detail FROM ops.check_invariants() UNION ALL SELECT * FROM ops.verify_audit()', description) $$;

-- A limit order when a price is given, a market order otherwise; good till cancelled unless said otherwise.
CREATE FUNCTION pg_temp.submit(id text, side trading.order_side, quantity numeric, price numeric DEFAULT NULL, symbol text DEFAULT 'IBM',
                               portfolio text DEFAULT 'main', at timestamptz DEFAULT '2024-01-08 15:00Z')
RETURNS trading.orders LANGUAGE sql
AS $$
  SELECT trading.submit_order(portfolio, symbol, side, quantity, type => CASE WHEN price IS NULL THEN 'market' ELSE 'limit' END::trading.order_type,
                              limit_price => price, time_in_force => 'gtc', client_order_id => id, at => at)
$$;

CREATE FUNCTION pg_temp.fill(id text, quantity numeric, price numeric, execution text, fee numeric DEFAULT NULL, portfolio text DEFAULT 'main',
                             at timestamptz DEFAULT NULL, force boolean DEFAULT false)
RETURNS trading.fills LANGUAGE sql
AS $$
  -- Unless said otherwise at 15:01, or when the order was submitted if that is later.
  SELECT trading.record_fill(portfolio, quantity, price, execution, client_order_id => id, fee => fee, force => force,
                             at => coalesce(at, greatest('2024-01-08 15:01Z',
                                                         (SELECT o.submitted_at FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id)
                                                           WHERE p.name = portfolio AND o.client_order_id = id))))
$$;

CREATE FUNCTION pg_temp.order_row(id text, portfolio text DEFAULT 'main') RETURNS trading.orders LANGUAGE sql STABLE
AS $$ SELECT o.* FROM trading.orders AS o WHERE o.portfolio_id = trading.portfolio_id(portfolio) AND o.client_order_id = id $$;

CREATE FUNCTION pg_temp.position_row(symbol text DEFAULT 'IBM', portfolio text DEFAULT 'main') RETURNS trading.positions LANGUAGE sql STABLE
AS $$ SELECT p.* FROM trading.positions AS p WHERE p.portfolio_id = trading.portfolio_id(portfolio) AND p.instrument_id = market.instrument_id(symbol) $$;

-- What an order still reserves; NULL when nothing.
CREATE FUNCTION pg_temp.held(id text, portfolio text DEFAULT 'main') RETURNS numeric LANGUAGE sql STABLE
AS $$
  SELECT nullif(o.reserved, 0) FROM trading.orders AS o
   WHERE o.portfolio_id = trading.portfolio_id(portfolio) AND o.client_order_id = id
$$;

CREATE FUNCTION pg_temp.cash(portfolio text DEFAULT 'main') RETURNS numeric LANGUAGE sql STABLE
AS $$ SELECT s.cash FROM trading.portfolio_summary AS s WHERE s.portfolio = $1 $$;

CREATE FUNCTION pg_temp.available(portfolio text DEFAULT 'main') RETURNS numeric LANGUAGE sql STABLE
AS $$ SELECT s.available FROM trading.portfolio_summary AS s WHERE s.portfolio = $1 $$;

-- Domains of numeric find no is() of their own.
CREATE FUNCTION pg_temp.amounts_to(have numeric, want numeric, description text) RETURNS text LANGUAGE sql
AS $$ SELECT is(have, want, description) $$;
