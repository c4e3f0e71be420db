-- What was tried, for ever: how good the best of many looks by luck depends on how many there were, and whoever deletes
-- the others has tried them all the same.
CREATE TABLE research.tried (
  tried_id         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT tried_pkey PRIMARY KEY,
  owner            text        NOT NULL,
  strategy_id      int         NOT NULL CONSTRAINT tried_strategy_id_fkey REFERENCES strategy.strategies,
  version          int         NOT NULL,
  configuration    uuid        NOT NULL,
  instrument_ids   int[]       NOT NULL,
  from_time        timestamptz NOT NULL,
  until_time       timestamptz NOT NULL,
  data_fingerprint text        NOT NULL,
  sharpe           float8,
  periods          int,
  tried_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE research.tried IS
  'A row for each backtest and trial, once for the same version, values, settings, time and data; it stays when they '
  'are deleted. Append-only.';
COMMENT ON COLUMN research.tried.tried_id IS 'Identifier.';
COMMENT ON COLUMN research.tried.owner IS
  'Who tried it; others read it when all portfolios are shown to them.';
COMMENT ON COLUMN research.tried.strategy_id IS 'The strategy.';
COMMENT ON COLUMN research.tried.version IS 'Its version.';
COMMENT ON COLUMN research.tried.configuration IS
  'A hash of version, values of the parameters, settings, capital, time and data. Two that were tried at the same '
  'moment may both have a row: count different ones.';
COMMENT ON COLUMN research.tried.instrument_ids IS 'What it traded, its legs included, in the order of the numbers.';
COMMENT ON COLUMN research.tried.from_time IS 'It acted from here on.';
COMMENT ON COLUMN research.tried.until_time IS 'Its events were read until before this time.';
COMMENT ON COLUMN research.tried.data_fingerprint IS 'A hash of every event that was read, in order.';
COMMENT ON COLUMN research.tried.sharpe IS 'Its Sharpe ratio, of a year; NULL without volatility.';
COMMENT ON COLUMN research.tried.periods IS 'Days of its record.';
COMMENT ON COLUMN research.tried.tried_at IS 'Clock time.';
CREATE INDEX tried_strategy_idx ON research.tried (owner, strategy_id, configuration);
