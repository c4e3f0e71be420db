\set portfolio random(0, 4)
\set order random(1, 200)
SELECT * FROM trading.order_history AS v WHERE v.owner = session_user::text AND v.portfolio = 'P' || :portfolio AND v.order_id = :order;
