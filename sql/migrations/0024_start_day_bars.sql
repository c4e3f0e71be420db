-- A day bar starts where the trading day of its exchange does, as its candle of ticks; where that is not local midnight, it did not.
UPDATE market.bars AS b
   SET ts = ((b.ts AT TIME ZONE e.time_zone) + e.day_starts) AT TIME ZONE e.time_zone
  FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
 WHERE i.instrument_id = b.instrument_id AND b.resolution >= interval '1 day' AND e.day_starts <> interval '0'
   AND (b.ts AT TIME ZONE e.time_zone)::time = time '00:00';
COMMENT ON COLUMN market.bars.ts IS 'Start of the bar; for a day bar, that of the trading day on its exchange: local midnight, where the exchange has no other.';
