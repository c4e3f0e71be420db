-- 20 portfolios, the first as large as the others together: by :rows snapshots, orders, fills and signals in a year, each order with three
-- events, one in ten rejected with its breach and its event in the journal; five times :rows ticks of 20 instruments in the last ten days.
-- Made up by sets, without triggers and foreign keys, so the books are not sound, and nobody should trade on them.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SELECT count(*) FROM generate_series(0, 19) AS n CROSS JOIN LATERAL market.add_instrument('S' || n, sector => 'Sector' || n % 4) \g /dev/null
SELECT count(*) FROM generate_series(1, 20) AS n CROSS JOIN LATERAL trading.create_portfolio('p' || n, 'USD', 1000000, at => '2023-12-31Z') \g /dev/null
SELECT strategy.create_strategy('s' || n, 'trend', '1 day', '{"fast": 3, "slow": 5}') FROM generate_series(0, 4) AS n \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT count(*) FROM generate_series(1, 20) AS n CROSS JOIN generate_series(0, 4) AS a
 CROSS JOIN LATERAL strategy.create_agent('a' || a, 'p' || n, 's' || a, ARRAY(SELECT 'S' || i FROM generate_series(a * 4, a * 4 + 3) AS i)) \g /dev/null
SELECT risk.set_limit(m, b, 'portfolio', 'p' || n, at => '2024-01-01Z') FROM generate_series(1, 20) AS n,
       (VALUES ('gross_value'::risk.metric, 1e6), ('daily_loss', 1e4), ('position_share', 20), ('sector_share', 50), ('drawdown', 20)) AS l (m, b) \g /dev/null
SET session_replication_role = replica;

CREATE TEMP TABLE made AS
SELECT k, p.portfolio_id, n.number, i.instrument_id, a.agent_id, k % 20 IN (6, 7) AS is_rejected, (n.number % 2 = 0) AS is_sale,
       timestamptz '2024-01-01Z' + k * (interval '366 days' / :rows) AS at
  FROM generate_series(1, :rows) AS k
 CROSS JOIN LATERAL (SELECT CASE k % 2 WHEN 0 THEN 1 ELSE 2 + k / 2 % 19 END AS portfolio, CASE k % 2 WHEN 0 THEN k / 2 ELSE k / 38 + 1 END AS number) AS n
 CROSS JOIN LATERAL (SELECT (n.number / 2 % 20)::int AS instrument) AS s
  JOIN trading.portfolios AS p ON p.name = 'p' || n.portfolio
  JOIN market.instruments AS i ON i.symbol = 'S' || s.instrument
  JOIN strategy.agents AS a ON a.portfolio_id = p.portfolio_id AND a.name = 'a' || s.instrument / 4;
INSERT INTO trading.portfolio_snapshots (portfolio_id, bucket, at, day, cash, positions_value, equity, realised_pnl, unrealised_pnl, fees, net_deposits, index, drawdown, last_transfer_id)
SELECT m.portfolio_id, m.at, m.at, (m.at AT TIME ZONE 'UTC')::date, 500000, 500000 + m.k % 1000, 1000000 + m.k % 1000, 0, 0, 0, 1000000, 1 + m.k % 1000 / 1e6, -(m.k % 100) / 1e4, 1
  FROM made AS m;
INSERT INTO trading.orders (portfolio_id, order_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, quantity, limit_price, status, version, filled_quantity,
                            filled_value, average_fill_price, reason_code, reason, submitted_at, updated_at, closed_at, created_at)
SELECT m.portfolio_id, m.number, 'o' || m.number, m.instrument_id, m.agent_id, CASE WHEN m.is_sale THEN 'sell' ELSE 'buy' END::trading.order_side, 'limit', 'gtc', 1, 100,
       CASE WHEN m.is_rejected THEN 'rejected' ELSE 'filled' END::trading.order_status, 3, CASE WHEN m.is_rejected THEN 0 ELSE 1 END, CASE WHEN m.is_rejected THEN 0 ELSE 100 END,
       CASE WHEN NOT m.is_rejected THEN 100 END, CASE WHEN m.is_rejected THEN 'TR302' END, CASE WHEN m.is_rejected THEN 'too large' END, m.at, m.at, m.at, m.at + interval '30 ms'
  FROM made AS m ORDER BY m.k;
INSERT INTO trading.order_events (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, at, recorded_at)
SELECT m.portfolio_id, m.number, e.version, e.before, e.after, 1, e.filled, m.at, m.at + e.late
  FROM made AS m
 CROSS JOIN (VALUES (1, 'new'::trading.order_status, 'accepted'::trading.order_status, 0, interval '30 ms'), (2, 'accepted', 'working', 0, '40 ms'),
                    (3, 'working', 'filled', 1, '50 ms')) AS e (version, before, after, filled, late)
 ORDER BY m.k, e.version;
INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, closed_quantity, realised_pnl, fifo_pnl, broker, execution_id, at, recorded_at)
SELECT m.portfolio_id, m.number, m.number, m.instrument_id, CASE WHEN m.is_sale THEN 'sell' ELSE 'buy' END::trading.order_side, 1, 100, 100, 0.01, CASE WHEN m.is_sale THEN 1 ELSE 0 END,
       0, 0, 'paper', 'x' || m.number, m.at, m.at + interval '50 ms'
  FROM made AS m WHERE NOT m.is_rejected ORDER BY m.k;
INSERT INTO strategy.signals (portfolio_id, agent_id, instrument_id, signal_no, at, action, price, client_order_id, recorded_at)
SELECT m.portfolio_id, m.agent_id, m.instrument_id, m.number, m.at, CASE WHEN m.is_sale THEN 'exit' ELSE 'buy' END::strategy.signal_action, 99.99, 'o' || m.number, m.at + interval '20 ms'
  FROM made AS m ORDER BY m.k;
INSERT INTO risk.breaches (portfolio_id, order_id, number, code, scope, metric, figure, bound, action, reason, at)
SELECT m.portfolio_id, m.number, 1, 'TR302', 'portfolio', 'order_value', 100, 1, 'reject', 'too large', m.at FROM made AS m WHERE m.is_rejected ORDER BY m.k;
INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, at, recorded_at)
SELECT m.k::text::xid8, CASE WHEN m.is_rejected THEN 'order.rejected' ELSE 'order.filled' END, m.portfolio_id, m.instrument_id, m.number, m.at, m.at FROM made AS m ORDER BY m.k;
INSERT INTO trading.positions (portfolio_id, instrument_id, quantity, cost, multiplier, market_value, updated_at)
SELECT p.portfolio_id, i.instrument_id, 100, 10000, 1, 10000, '2024-12-31Z' FROM trading.portfolios AS p, market.instruments AS i;

INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT i.instrument_id, '1 day', d, 100 + random(), 102, 99, 100 + random(), 1 FROM market.instruments AS i, generate_series(timestamptz '2024-10-20 05:00Z', '2024-12-30 05:00Z', '1 day') AS d;
UPDATE trading.portfolio_values SET at = '2024-12-31 23:00Z';
SELECT market.ensure_tick_partitions('2024-12-22', '2025-01-01') \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id, received_at)
SELECT t.ts, 100, 1, i.instrument_id, t.ts + interval '10 ms'
  FROM generate_series(0, 5 * :rows - 1) AS k
 CROSS JOIN LATERAL (SELECT timestamptz '2024-12-22Z' + k * (interval '10 days' / (5 * :rows)) AS ts) AS t
  JOIN (SELECT n.instrument_id, row_number() OVER () - 1 AS place FROM market.instruments AS n WHERE n.symbol ~ '^S[0-9]+$') AS i ON i.place = k % 20;
INSERT INTO market.candle_store (bucket, open, high, low, close, volume, turnover, first_ts, last_ts, first_seq, last_seq, ticks, instrument_id, minutes)
SELECT date_bin('1 minute', t.ts, '2000-01-01Z'), 100, 100, 100, 100, count(*), count(*) * 100, min(t.ts), max(t.ts), 0, 0, count(*), t.instrument_id, 1 FROM market.ticks AS t GROUP BY 1, t.instrument_id ORDER BY 1;
INSERT INTO market.quotes (instrument_id, ts, last) SELECT i.instrument_id, '2024-12-31 23:59Z', 100 FROM market.instruments AS i;
RESET session_replication_role;
INSERT INTO identity.shares (portfolio_id, username, "right") VALUES (0, :'reader', 'read');
