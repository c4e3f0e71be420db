-- With TimescaleDB, timescaledb/candles/candle_rows.sql takes its place.
CREATE OR REPLACE VIEW market.candle_rows AS
SELECT s.instrument_id, s.minutes, s.bucket, s.open, s.high, s.low, s.close, s.volume, s.turnover, s.first_ts,
       s.last_ts, s.first_seq, s.last_seq, s.ticks
  FROM market.candle_store AS s;
COMMENT ON VIEW market.candle_rows IS
  'Candles of ticks as they are kept, wherever they are: what market.candle_store has, and with TimescaleDB the '
  'archived ones.';
