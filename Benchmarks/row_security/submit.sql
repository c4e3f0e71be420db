\set k :k + 1
\set portfolio random(0, 4)
\set instrument random(0, 19)
SELECT order_id FROM trading.submit_order('P' || :portfolio, 'S' || :instrument, 'buy', 1, client_order_id => 's' || :seed || '-' || :k);
