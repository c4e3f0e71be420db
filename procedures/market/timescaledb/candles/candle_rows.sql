-- In the place of candles/candle_rows.sql.
CREATE OR REPLACE VIEW market.candle_rows WITH (security_invoker = true) AS
SELECT s.instrument_id, s.minutes, s.bucket, s.open, s.high, s.low, s.close, s.volume, s.turnover,
       s.first_ts, s.last_ts, s.first_seq, s.last_seq, s.ticks
  FROM market.candle_store AS s
UNION ALL
SELECT h.instrument_id, h.minutes, h.bucket, h.open, h.high, h.low, h.close, h.volume, h.turnover,
       h.first_ts, h.last_ts, h.first_seq, h.last_seq, h.ticks
  FROM market.history AS h
 WHERE EXISTS (SELECT FROM market.archived_days AS d
                WHERE d.instrument_id = h.instrument_id AND d.day = date_bin('1 day', h.bucket, '2000-01-01Z'));
COMMENT ON VIEW market.candle_rows IS
  'Candles of ticks as they are kept: of 1, 5 and 15 minutes in market.candle_store or, once their day is settled, '
  'in the continuous aggregates; longer ones in market.candle_store.';
COMMENT ON COLUMN market.candle_rows.instrument_id IS 'Identifier of the instrument.';
COMMENT ON COLUMN market.candle_rows.minutes IS 'Length: 1, 5, 15, 60, or 1440 for a trading day.';
COMMENT ON COLUMN market.candle_rows.bucket IS 'Beginning of the candle.';
COMMENT ON COLUMN market.candle_rows.open IS 'First price by (ts, seq).';
COMMENT ON COLUMN market.candle_rows.high IS 'Highest price.';
COMMENT ON COLUMN market.candle_rows.low IS 'Lowest price.';
COMMENT ON COLUMN market.candle_rows.close IS 'Last price by (ts, seq).';
COMMENT ON COLUMN market.candle_rows.volume IS 'Units traded.';
COMMENT ON COLUMN market.candle_rows.turnover IS 'Sum of price × size.';
COMMENT ON COLUMN market.candle_rows.first_ts IS 'Time of the tick that opened it.';
COMMENT ON COLUMN market.candle_rows.last_ts IS 'Time of the tick that closes it.';
COMMENT ON COLUMN market.candle_rows.first_seq IS 'Sequence of the tick that opened it.';
COMMENT ON COLUMN market.candle_rows.last_seq IS 'Sequence of the tick that closes it.';
COMMENT ON COLUMN market.candle_rows.ticks IS 'Number of ticks.';
