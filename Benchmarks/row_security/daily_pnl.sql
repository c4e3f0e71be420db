\set portfolio random(0, 4)
SELECT * FROM trading.daily_pnl AS v WHERE v.owner = session_user::text AND v.portfolio = 'P' || :portfolio;
