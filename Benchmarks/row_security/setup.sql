-- 1,000 portfolios of as many owners and 5 of the trader, 20 instruments, positions and closed orders in all, more in the trader's own.
\set ON_ERROR_STOP on
SELECT count(*) FROM generate_series(0, 19) AS n CROSS JOIN LATERAL market.add_instrument('S' || n) \g /dev/null
SELECT market.upsert_quotes(array_agg(i.instrument_id), array_agg(now()), array_agg(100::float8), array_agg(100::float8)) FROM market.instruments AS i \g /dev/null
SELECT count(*) FROM generate_series(0, 999) AS n CROSS JOIN LATERAL trading.create_portfolio('main', 'USD', 1000000, owner => 'user' || n) \g /dev/null
SELECT count(*) FROM generate_series(0, 4) AS n CROSS JOIN LATERAL trading.create_portfolio('P' || n, 'USD', 1000000000, owner => :'trader') \g /dev/null
SELECT count(*) FROM trading.portfolios AS p CROSS JOIN generate_series(1, 200) AS n
 CROSS JOIN LATERAL trading.submit_order(p.owner || '/' || p.name, 'S' || n % 20, 'buy', 1, 'limit', 100, time_in_force => 'gtc', client_order_id => 'o' || n) AS o
 WHERE n <= CASE p.owner WHEN :'trader' THEN 200 ELSE 5 END \g /dev/null
SELECT count(*) FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id)
 CROSS JOIN LATERAL trading.record_fill(p.owner || '/' || p.name, 1, 100, o.client_order_id, o.order_id) AS f WHERE o.order_id % 4 > 0 \g /dev/null
SELECT count(*) FROM trading.portfolios AS p CROSS JOIN generate_series(0, 29) AS d
 CROSS JOIN LATERAL trading.record_snapshots(ARRAY[p.portfolio_id], now() + make_interval(days => d)) \g /dev/null
