-- What the program and runners look at: rules that nobody has parsed yet.
CREATE OR REPLACE VIEW strategy.unchecked_versions WITH (security_invoker = true) AS
SELECT s.name AS strategy, s.type, v.version, v.timeframe, v.parameters, v.strategy_id
  FROM strategy.strategy_versions AS v
  JOIN strategy.strategies AS s USING (strategy_id)
 WHERE v.status = 'unchecked';
COMMENT ON VIEW strategy.unchecked_versions IS
  'Versions of strategies that wait for a check: their agents cannot start. A runner checks them when it starts and '
  'whenever it is woken, "bourse strategy check" at once.';
COMMENT ON COLUMN strategy.unchecked_versions.strategy IS 'Name of the strategy.';
COMMENT ON COLUMN strategy.unchecked_versions.type IS 'Its family.';
COMMENT ON COLUMN strategy.unchecked_versions.version IS 'Number of the version.';
COMMENT ON COLUMN strategy.unchecked_versions.timeframe IS 'Length of its candles; 0: each tick is a candle.';
COMMENT ON COLUMN strategy.unchecked_versions.parameters IS 'What is to be checked.';
COMMENT ON COLUMN strategy.unchecked_versions.strategy_id IS 'Identifier of the strategy.';
