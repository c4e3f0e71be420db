-- One order, not committed: the table keeps its size.
\set k :k + 1
\set pair permute(:k, 100000, :seed)
\set portfolio :pair / 100
\set instrument :pair % 100
BEGIN;
SELECT order_id FROM trading.submit_order('P' || :portfolio, 'S' || :instrument, 'buy', 10);
ROLLBACK;
