-- One rule in one place: the books and the runner read the same column.
ALTER TABLE trading.portfolios
  ADD COLUMN is_paper boolean NOT NULL GENERATED ALWAYS AS (starts_with(broker, 'paper')) STORED;
COMMENT ON COLUMN trading.portfolios.is_paper IS
  'Whether the runner matches its orders: the broker''s name begins with paper. Orders for others wait in pending_submit until they are sent.';
COMMENT ON COLUMN trading.portfolios.broker IS 'Where its orders go; is_paper says which brokers are imitated.';

COMMENT ON SCHEMA archive IS 'Partitions of ticks and quotes that market.apply_tick_retention has detached: to be copied away and dropped.';
COMMENT ON TABLE  market.tick_policy IS 'What market.apply_tick_retention does: one row.';
