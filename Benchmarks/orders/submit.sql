-- One order, its own commit.
\set k :k + 1
\set pair permute(:k, 100000, :seed)
\set portfolio :pair / 100
\set instrument :pair % 100
SELECT order_id FROM trading.submit_order('P' || :portfolio, 'S' || :instrument, 'buy', 10, client_order_id => 'latency-' || :seed || '-' || :k);
