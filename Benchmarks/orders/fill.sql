-- The fill of what submit.sql has submitted, its own commit.
\set k :k + 1
\set pair permute(:k, 100000, :seed)
\set portfolio :pair / 100
SELECT fill_id FROM trading.record_fill('P' || :portfolio, 10, 100.01, 'latency-' || :seed || '-' || :k, client_order_id => 'latency-' || :seed || '-' || :k);
