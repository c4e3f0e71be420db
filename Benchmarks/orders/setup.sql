-- Books for the measurements of orders: 1,000 portfolios with 1,000,000 each, 100 instruments with quotes, a fee schedule that charges
-- per order and by value, and limits that every order is judged by and none breaks.
\set ON_ERROR_STOP on
INSERT INTO trading.fee_schedules (name, per_order, percent) VALUES ('bench', 0.35, 0.01);
SELECT count(*) FROM generate_series(0, 99) AS n CROSS JOIN LATERAL market.add_instrument('S' || n) \g /dev/null
SELECT market.upsert_quotes(array_agg(i.instrument_id), array_agg(now()), array_agg(100::float8), array_agg(100::float8))
  FROM market.instruments AS i \g /dev/null
SELECT count(*) FROM generate_series(0, 999) AS n
 CROSS JOIN LATERAL trading.create_portfolio('P' || n, 'USD', 1000000, fee_schedule => 'bench') \g /dev/null
SELECT risk.set_limit('order_value', 1000000) \g /dev/null
SELECT risk.set_limit('position_quantity', 1000000) \g /dev/null
SELECT risk.set_limit('position_value', 100000000) \g /dev/null
SELECT count(*) FROM generate_series(0, 999) AS n CROSS JOIN unnest(ARRAY['order_value', 'position_quantity', 'position_value']::risk.metric[]) AS m
 CROSS JOIN LATERAL risk.set_limit(m, 100000000, 'portfolio', 'P' || n) \g /dev/null
VACUUM ANALYZE;
