-- In the place of candles/candle_rows.sql.
CREATE OR REPLACE VIEW market.candle_rows AS
SELECT s.instrument_id, s.minutes, s.bucket, s.open, s.high, s.low, s.close, s.volume, s.turnover, s.first_ts,
       s.last_ts, s.first_seq, s.last_seq, s.ticks
  FROM market.candle_store AS s
UNION ALL
SELECT h.instrument_id, h.minutes, h.bucket, h.open, h.high, h.low, h.close, h.volume, h.turnover, h.first_ts,
       h.last_ts, h.first_seq, h.last_seq, h.ticks
  FROM market.history AS h
 WHERE EXISTS (SELECT FROM market.archived_days AS d
                WHERE d.instrument_id = h.instrument_id AND d.day = date_bin('1 day', h.bucket, '2000-01-01Z'));
COMMENT ON VIEW market.candle_rows IS
  'Candles of ticks as they are kept: of 1, 5 and 15 minutes in market.candle_store or, once their day is archived, in '
  'the continuous aggregates; longer ones in market.candle_store.';
