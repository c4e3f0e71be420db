-- A past of :orders orders in each portfolio: limit buys that were submitted and cancelled, with all rows that the procedures would have
-- written. They are written past the triggers, which would take an hour for a million.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;
CREATE TEMPORARY TABLE past ON COMMIT DROP AS
SELECT p.portfolio_id, k.next_order_id + n.n AS order_id, k.next_transfer_id + 2 * n.n AS transfer_id, 'past-' || n.n AS client_order_id, i.instrument_id,
       timestamptz '2020-01-01' + n.n * interval '1 minute' AS at, c.account_id AS cash_id, s.account_id AS securities_id
  FROM generate_series(0, :orders - 1) AS n (n)
  CROSS JOIN trading.portfolios AS p
  JOIN ledger.portfolio_clocks AS k USING (portfolio_id)
  JOIN ledger.accounts AS c ON c.portfolio_id = p.portfolio_id AND c.kind = 'cash'
  JOIN ledger.accounts AS s ON s.portfolio_id = p.portfolio_id AND s.kind = 'securities'
  JOIN (SELECT row_number() OVER () - 1 AS n, instrument_id FROM market.instruments) AS i ON i.n = n.n % 100;
INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, pending_id, order_id, at)
SELECT portfolio_id, transfer_id + t, cash_id, securities_id, 500.40, 'USD', 'reservation', CASE t WHEN 0 THEN 'pending' ELSE 'voided' END::ledger.transfer_state,
       CASE t WHEN 1 THEN transfer_id END, order_id, at FROM past, generate_series(0, 1) AS t;
INSERT INTO trading.orders (portfolio_id, order_id, client_order_id, instrument_id, side, type, time_in_force, quantity, limit_price, reserve_price,
                            opening_quantity, reservation_id, status, version, submitted_at, updated_at, closed_at)
SELECT portfolio_id, order_id, client_order_id, instrument_id, 'buy', 'limit', 'gtc', 10, 50, 50, 10, transfer_id, 'cancelled', 2, at, at, at FROM past;
INSERT INTO trading.order_events (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, at)
SELECT portfolio_id, order_id, v, CASE v WHEN 1 THEN 'new' ELSE 'accepted' END::trading.order_status, CASE v WHEN 1 THEN 'accepted' ELSE 'cancelled' END::trading.order_status,
       10, 0, 50, at FROM past, generate_series(1, 2) AS v;
INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
SELECT pg_current_xact_id(), CASE v WHEN 1 THEN 'order.accepted' ELSE 'order.cancelled' END, portfolio_id, instrument_id, order_id,
       jsonb_build_object('client_order_id', client_order_id), at FROM past, generate_series(1, 2) AS v;
UPDATE ledger.portfolio_clocks SET next_order_id = next_order_id + :orders, next_transfer_id = next_transfer_id + 2 * :orders, stream_xid = pg_current_xact_id();
COMMIT;
VACUUM ANALYZE;
