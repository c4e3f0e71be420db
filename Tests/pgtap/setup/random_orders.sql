-- Random worlds: portfolios and instruments of many kinds, random rules, random orders. Included by \ir after
-- setup/book.sql; the caller sets the seed.

-- A portfolio with dollars and euros, one with fees, one that is poor, one on margin with fees, one of a real broker.
INSERT INTO trading.fee_schedules (name, per_order, percent, decimals) VALUES ('broker', 0.35, 0.031, 2);
INSERT INTO trading.fee_components (name, valid_from, component, side, percent, percent_of)
VALUES ('broker', '-infinity', 'stt', 'sell', 0.1, NULL), ('broker', '-infinity', 'gst', NULL, 18, '{brokerage}');
SELECT market.add_instrument('ABC', lot_size => 5, sector => 'Tech'), market.add_instrument('NONE'),
       market.add_instrument('XYZ', multiplier => 10, tick_size => 0.05, sector => 'Tech'),
       market.add_instrument('FUT', kind => 'future', multiplier => 5, initial_margin => 0.1,
                             maintenance_margin => 0.08),
       market.add_instrument('SAP', currency => 'EUR') \g /dev/null
SELECT trading.create_portfolio('fees', capital => 200000, fee_schedule => 'broker', at => '2024-01-02'),
       trading.create_portfolio('poor', capital => 3000, at => '2024-01-02'),
       trading.create_portfolio('margin', capital => 60000, fee_schedule => 'broker', at => '2024-01-02'),
       trading.create_portfolio('live', capital => 30000, broker => 'somewhere', at => '2024-01-02'),
       ledger.deposit('main', 90000, at => '2024-01-02'), ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-01'),
       ledger.deposit('main', 20000, 'EUR', at => '2024-01-02') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'margin';
SELECT market.upsert_quotes(array_agg(i.instrument_id), array_agg(timestamptz '2024-01-08 14:30Z'),
                            array_agg(100.25::float8), array_agg(NULL::float8))
  FROM market.instruments AS i WHERE i.symbol IN ('ABC', 'XYZ', 'FUT', 'SAP') \g /dev/null
SELECT strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.create_agent('a' || n, 'main', 's', '{IBM}') FROM generate_series(1, 2) AS n \g /dev/null
SELECT trading.update_portfolio_value(p.name, '2024-01-08') FROM trading.portfolios AS p \g /dev/null

-- Everything that the books hold, without clock times, without numbers that no transaction gives back, and without how
-- often a portfolio was written; of the journal each portfolio's order.
CREATE FUNCTION pg_temp.books() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_table text;
  v_rows  text;
  v_all   text := '';
BEGIN
  FOREACH v_table IN ARRAY '{ledger.portfolio_clocks,ledger.balances,ledger.transfers,ledger.holds,trading.orders,
                             trading.order_events,trading.fills,trading.positions,trading.portfolio_values,
                             trading.margin_calls,trading.lots,trading.lot_closures,risk.breaches,risk.halts,
                             risk.locks,risk.period_marks}'::text[] LOOP
    EXECUTE format($q$SELECT string_agg(r, E'\n' ORDER BY r)
                        FROM (SELECT (to_jsonb(t) - '{recorded_at,created_at,halt_id,lock_id,transitions}'::text[])::text AS r
                                FROM %s AS t) AS x$q$, v_table) INTO v_rows;
    v_all := concat_ws(E'\n', v_all, v_table, v_rows);
  END LOOP;
  SELECT string_agg((to_jsonb(e) - '{recorded_at,event_id}'::text[])::text, E'\n'
                    ORDER BY e.portfolio_id, e.stream_xid, e.event_id) INTO v_rows FROM ops.events AS e;
  RETURN concat_ws(E'\n', v_all, v_rows);
END $$;

CREATE FUNCTION pg_temp.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE
AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;

-- Rules of a world, some that count other orders among them.
CREATE FUNCTION pg_temp.make_rules(number int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_rule text;
BEGIN
  FOR v_rule IN
    SELECT r FROM unnest(ARRAY[
      $r$'order_value', 2000$r$, $r$'position_quantity', 40, 'portfolio', 'main'$r$,
      $r$'position_value', 15000, 'instrument', 'XYZ'$r$, $r$'position_share', 8$r$,
      $r$'order_rate', 3, 'portfolio', 'main', period => '1 hour'$r$,
      $r$'order_rate', 4, 'agent', 'main/a1', period => '2 minutes'$r$, $r$'open_orders', 3$r$, $r$'gross_value', 25000$r$,
      $r$'gross_share', 40$r$, $r$'net_value', 6000, 'portfolio', 'margin'$r$, $r$'open_positions', 2$r$,
      $r$'sector_value', 12000, 'sector', 'Tech'$r$, $r$'sector_share', 30$r$, $r$'trade_risk', 2$r$,
      $r$'portfolio_heat', 25$r$, $r$'price_collar', 1$r$, $r$'quote_age', 100000$r$, $r$'daily_loss', 50$r$,
      $r$'drawdown', 0.2$r$, $r$'weekly_loss_share', 1$r$, $r$'correlation', 1$r$,
      $r$'restricted', 0, 'instrument', 'ABC'$r$]) AS r
     ORDER BY random() LIMIT number
  LOOP
    EXECUTE format('SELECT risk.set_limit(%s, action => %L, at => ''2024-01-08'')', v_rule,
                   CASE WHEN v_rule ~ 'restricted' THEN 'reject'
                        ELSE pg_temp.pick('reject', 'reject', 'reject', 'warn', 'warn', 'reduce_only', 'halt') END);
  END LOOP;
  IF random() < 0.4 THEN
    PERFORM risk.set_protection('cooldown', '3 minutes', per => pg_temp.pick('instrument', 'portfolio')::risk.protected,
                                at => '2024-01-08'),
            risk.set_protection('low_profit', '5 minutes', period => '1 hour', trades => 2, least_profit => 0,
                                at => '2024-01-08');
  END IF;
  UPDATE trading.portfolios SET requires_approval = random() < 0.15 WHERE name = 'fees';
END $$;

-- What goes on besides: prices, cancellations, brackets, orders that begin to work.
CREATE FUNCTION pg_temp.move_on(id text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF random() < 0.5 THEN
    PERFORM market.upsert_quotes(ARRAY[market.instrument_id(pg_temp.pick('IBM', 'ABC', 'XYZ', 'FUT'))], ARRAY[at],
                                 ARRAY[97 + round(random() * 6)], ARRAY[NULL::float8]);
  END IF;
  IF random() < 0.3 THEN
    PERFORM trading.cancel_order(p.name, o.order_id, at => move_on.at)
       FROM (SELECT * FROM trading.orders AS x WHERE x.closed_at IS NULL ORDER BY random() LIMIT 1) AS o
       JOIN trading.portfolios AS p USING (portfolio_id);
  END IF;
  IF random() < 0.3 THEN
    PERFORM trading.submit_bracket(pg_temp.pick('main', 'margin'), pg_temp.pick('IBM', 'XYZ'), 'buy', 10, 'limit', 100,
                                   take_profits => '{110,120}', take_profit_quantities => '{5,5}', stop_loss => 90,
                                   time_in_force => 'gtc', client_order_id => 'bracket-' || id, at => at);
  END IF;
  IF random() < 0.3 THEN
    PERFORM trading.acknowledge_orders(array_agg(o.portfolio_id), array_agg(o.order_id), move_on.at)
       FROM trading.orders AS o WHERE o.status = 'accepted' AND random() < 0.5;
  END IF;
END $$;

CREATE TYPE pg_temp.terms AS (
  portfolio text, symbol text, side text, quantity numeric, type text, limit_price numeric, stop_price numeric,
  tif text, expires_at timestamptz, product text, id text, agent text, at timestamptz, trail numeric,
  reduce_only boolean, post_only boolean);
-- is_odd: may be refused; is_plain: the array form can say it.
CREATE FUNCTION pg_temp.random_terms(id text, at timestamptz, is_odd boolean, is_plain boolean) RETURNS pg_temp.terms
LANGUAGE plpgsql AS $$
DECLARE
  t      pg_temp.terms;
  v_held numeric;
BEGIN
  t.portfolio := pg_temp.pick('main', 'main', 'fees', 'margin', 'live', CASE WHEN is_odd THEN 'poor' ELSE 'fees' END);
  t.symbol := pg_temp.pick('IBM', 'IBM', 'ABC', 'XYZ',
                           CASE t.portfolio WHEN 'main' THEN 'SAP' WHEN 'margin' THEN 'FUT' ELSE 'ABC' END,
                           CASE WHEN is_odd THEN pg_temp.pick('NONE', 'FUT') ELSE 'IBM' END);
  t.type := CASE WHEN is_plain OR random() < 0.6
                 THEN pg_temp.pick('market', 'market', 'limit', 'limit', 'stop', 'stop_limit')
                 ELSE pg_temp.pick('limit_if_touched', 'trailing_stop') END;
  t.tif := CASE WHEN is_plain OR random() < 0.8 OR NOT is_odd AND t.type NOT IN ('market', 'limit')
                THEN pg_temp.pick('day', 'gtc', 'ioc', 'gtd') ELSE pg_temp.pick('fok', 'at_open', 'at_close') END;
  t.quantity := (1 + floor(random() * 3)) * 5 * CASE WHEN is_odd AND random() < 0.15 THEN 7 ELSE 1 END;
  SELECT s.quantity INTO v_held FROM trading.positions AS s
   WHERE s.portfolio_id = trading.portfolio_id(t.portfolio) AND s.instrument_id = market.instrument_id(t.symbol);
  t.side := CASE WHEN t.portfolio = 'margin' OR is_odd THEN pg_temp.pick('buy', 'sell')
                 WHEN v_held >= t.quantity AND random() < 0.7 THEN 'sell' ELSE 'buy' END;
  t.limit_price := CASE WHEN t.type IN ('limit', 'stop_limit', 'limit_if_touched')
                        THEN 99 + 0.5 * floor(random() * 5)
                             + CASE WHEN is_odd AND random() < 0.05 THEN 0.013 ELSE 0 END END;
  t.stop_price := CASE WHEN t.type IN ('stop', 'stop_limit', 'limit_if_touched')
                       THEN 98 + 0.5 * floor(random() * 9) END;
  t.trail := CASE t.type WHEN 'trailing_stop' THEN 1 + floor(random() * 3) END;
  t.expires_at := CASE WHEN t.tif = 'gtd' THEN timestamptz '2024-02-01' END;
  t.product := CASE WHEN is_plain THEN 'delivery' ELSE pg_temp.pick('delivery', 'intraday') END;
  t.id := id;
  t.agent := CASE WHEN t.portfolio = 'main' AND random() < 0.4 THEN pg_temp.pick('a1', 'a2') END;
  t.at := at + floor(random() * 20) * interval '1 second';
  t.reduce_only := NOT is_plain AND random() < 0.2;
  t.post_only := NOT is_plain AND t.type = 'limit' AND t.tif IN ('day', 'gtc', 'gtd') AND random() < 0.3;
  IF is_odd AND random() < 0.03 THEN
    t.quantity := t.quantity + 0.5;
  ELSIF is_odd AND random() < 0.02 THEN
    t.side := NULL;
  END IF;
  RETURN t;
END $$;

-- The call of trading.submit_order: its row as text, without its clock time.
CREATE FUNCTION pg_temp.named(t pg_temp.terms) RETURNS text LANGUAGE sql AS $$
  SELECT format($q$SELECT (to_jsonb(o) - 'created_at')::text
                     FROM trading.submit_order(%L, %L, %L, %L, %L, %L, %L, %L, %L, %L, %L, %L, %L, %L,
                                               reduce_only => %L, post_only => %L) AS o$q$,
                (t).portfolio, (t).symbol, (t).side, (t).quantity, (t).type, (t).limit_price, (t).stop_price, (t).tif,
                (t).expires_at, (t).product, (t).id, (t).agent, (t).at, (t).trail, (t).reduce_only, (t).post_only)
$$;
