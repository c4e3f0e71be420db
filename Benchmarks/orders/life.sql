-- One life of an order: submitted with all checks and filled in whole, in one transaction. Buys and sells take turns; what is sold
-- was bought 50 lives before, each time in another of 1,000 portfolios and 100 instruments.
\set k :k + 1
\set sell :k % 2
\if :k <= 100
  \set sell 0
\endif
\set pair permute(:k / 2 - 50 * :sell, 100000, :seed + :client_id)
\set portfolio :pair / 100
\set instrument :pair % 100
\set execution random(1, 9000000000000000000)
BEGIN;
\if :sell
SELECT order_id FROM trading.submit_order('P' || :portfolio, 'S' || :instrument, 'sell', 10) \gset
\else
SELECT order_id FROM trading.submit_order('P' || :portfolio, 'S' || :instrument, 'buy', 10) \gset
\endif
SELECT fill_id FROM trading.record_fill('P' || :portfolio, 10, 100.01, :execution::text, :order_id);
END;
