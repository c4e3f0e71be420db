\set k :k + 1
\set portfolio random(0, 4)
INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, type, quantity, submitted_at) SELECT p.portfolio_id, 'i' || :seed || '-' || :k, 1, 'buy', 'market', 1, now() FROM trading.portfolios AS p WHERE p.owner = session_user::text AND p.name = 'P' || :portfolio RETURNING order_id;
