-- An order that is undone at once, and what became of it: its code, or its status. Included by \ir after setup/book.sql.
CREATE SEQUENCE pg_temp.n;
CREATE FUNCTION pg_temp.verdict(side trading.order_side, quantity numeric, price numeric, symbol text DEFAULT 'IBM', portfolio text DEFAULT 'main', agent text DEFAULT NULL,
                                type trading.order_type DEFAULT NULL, stop numeric DEFAULT NULL, tif trading.time_in_force DEFAULT 'gtc', at timestamptz DEFAULT '2024-01-08 15:00Z') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_order trading.orders;
BEGIN
  BEGIN
    v_order := trading.submit_order(portfolio, symbol, side, quantity, coalesce(type, CASE WHEN price IS NULL THEN 'market' ELSE 'limit' END::trading.order_type), price, stop,
                                    time_in_force => tif, client_order_id => nextval('pg_temp.n')::text, agent => agent, at => at);
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    RETURN coalesce(v_order.reason_code, v_order.status::text);
  END;
END
$$;
CREATE FUNCTION pg_temp.limited(metric risk.metric, bound numeric, scope risk.scope DEFAULT 'system', target text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s %s', l.metric, trim_scale(l.bound)) FROM risk.set_limit(metric, bound, scope, target, '2024-01-08') AS l
$$;
CREATE FUNCTION pg_temp.quote(symbol text, price float8, at timestamptz DEFAULT '2024-01-08 14:30Z') RETURNS void LANGUAGE sql AS $$
  SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[price], ARRAY[NULL::float8])
$$;
-- Buys at once.
CREATE FUNCTION pg_temp.hold(id text, quantity numeric, price numeric, symbol text DEFAULT 'IBM', portfolio text DEFAULT 'main', side trading.order_side DEFAULT 'buy', at timestamptz DEFAULT '2024-01-08 14:31Z')
RETURNS trading.order_status LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.submit(id, side, quantity, price, symbol, portfolio, at);
  PERFORM pg_temp.fill(id, quantity, price, portfolio || id, portfolio => portfolio, at => at);
  RETURN (pg_temp.order_row(id, portfolio)).status;
END
$$;
