-- 500 ticks of ten instruments that no other client writes, with their candles.
\set k :k + 1
INSERT INTO market.ticks (instrument_id, ts, price, size)
SELECT i.instrument_id, timestamptz '2024-01-08 00:00Z' + make_interval(mins => :run) + (:k * 50 + n) * interval '1 millisecond', 100 + n % 7 / 100.0, 1
  FROM generate_series(0, 9) AS s JOIN market.instruments AS i ON i.symbol = 'S' || (:client_id * 10 + s) CROSS JOIN generate_series(1, 50) AS n;
