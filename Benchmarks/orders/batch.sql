-- 100 lives in one transaction through the array form: 10 portfolios with 10 orders each are submitted in one call and filled in
-- another. Batches of buys and of sells take turns; what is sold was bought 10 batches before.
\set k :k + 1
\set sell :k % 2
\if :k <= 20
  \set sell 0
\endif
\set block permute(:k / 2 - 10 * :sell, 1000, :seed)
\set first :block / 10 * 10
\set column :block % 10 * 10
\set execution random(1, 9000000000000000000)
BEGIN;
SELECT array_agg(o.portfolio_id) AS portfolios, array_agg(o.order_id) AS orders
  FROM (SELECT array_agg(p.portfolio_id) AS portfolios, array_agg(:execution || '-' || p.n || '-' || i.n) AS keys, array_agg(i.instrument_id) AS instruments,
               array_agg(CASE WHEN :sell = 1 THEN 'sell' ELSE 'buy' END) AS sides
          FROM (SELECT row_number() OVER () AS n, portfolio_id FROM trading.portfolios WHERE portfolio_id > :first ORDER BY portfolio_id LIMIT 10) AS p,
               (SELECT row_number() OVER () AS n, instrument_id FROM market.instruments WHERE instrument_id > :column ORDER BY instrument_id LIMIT 10) AS i) AS b,
       trading.submit_orders(b.portfolios, b.keys, b.instruments, array_fill(NULL::int, '{100}'), b.sides, array_fill('market'::text, '{100}'),
         array_fill('day'::text, '{100}'), array_fill(10::numeric, '{100}'), array_fill(NULL::numeric, '{100}'), array_fill(NULL::numeric, '{100}'),
         array_fill(NULL::timestamptz, '{100}'), array_fill(now(), '{100}')) AS o \gset
SELECT count(fill_id)
  FROM trading.record_fills(:portfolios::int[], :orders::bigint[], array_fill(10::numeric, '{100}'), array_fill(100.01, '{100}'), 'paper',
         (SELECT array_agg(:execution || '-' || n) FROM generate_series(1, 100) AS n), array_fill(now(), '{100}'));
END;
