-- The rules that a careful user has, in the place of the three limits of setup.sql; an order breaks none of them.
\set ON_ERROR_STOP on
DELETE FROM risk.limits;
DELETE FROM market.sessions;
INSERT INTO market.sessions (exchange_id, weekday, opens, closes)
SELECT e.exchange_id, d, '00:00', '24:00' FROM market.exchanges AS e, generate_series(1, 7) AS d;
SELECT risk.set_limit(m::risk.metric, b)
  FROM (VALUES ('order_value', 1000000), ('position_value', 100000000), ('daily_loss', 100000), ('drawdown', 50), ('price_collar', 20),
               ('market_hours', 0)) AS v (m, b) \g /dev/null
SELECT risk.set_protection('cooldown', pause => '1 hour') \g /dev/null
VACUUM ANALYZE;
