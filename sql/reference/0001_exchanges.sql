-- The usual hours. Holidays are not shipped: they change every year; insert them into market.holidays.
INSERT INTO market.exchanges (code, name, time_zone, currency, grid_starts, hour_offset, day_starts) VALUES
  ('US',     'United States, consolidated', 'America/New_York', 'USD', '09:30', 30, '0'),
  ('NYSE',   'New York Stock Exchange',     'America/New_York', 'USD', '09:30', 30, '0'),
  ('NASDAQ', 'Nasdaq Stock Market',         'America/New_York', 'USD', '09:30', 30, '0'),
  ('NSE',    'National Stock Exchange of India', 'Asia/Kolkata', 'INR', '09:15', 45, '0'),
  ('BSE',    'BSE, formerly Bombay Stock Exchange', 'Asia/Kolkata', 'INR', '09:15', 45, '0'),
  ('NFO',    'NSE futures and options',     'Asia/Kolkata', 'INR', '09:15', 45, '0'),
  ('BFO',    'BSE futures and options',     'Asia/Kolkata', 'INR', '09:15', 45, '0'),
  ('LSE',    'London Stock Exchange',       'Europe/London',    'GBP', '08:00', 0, '0'),
  ('XETRA',  'Xetra',                       'Europe/Berlin',    'EUR', '09:00', 0, '0'),
  ('CRYPTO', 'Crypto venues, around the clock', 'UTC',          'USD', '0', 0, '0'),
  ('FX',     'Foreign exchange, Sunday evening to Friday evening', 'America/New_York', 'USD', '17:00', 0, '-7 hours')
ON CONFLICT ON CONSTRAINT exchanges_code_key DO NOTHING;

INSERT INTO market.sessions (exchange_id, weekday, opens, closes)
SELECT e.exchange_id, d, s.opens, s.closes
  FROM (VALUES ('US', 1, 5, time '09:30', time '16:00'), ('NYSE', 1, 5, '09:30', '16:00'),
        ('NASDAQ', 1, 5, '09:30', '16:00'), ('NSE', 1, 5, '09:15', '15:30'), ('BSE', 1, 5, '09:15', '15:30'),
               ('NFO', 1, 5, '09:15', '15:30'), ('BFO', 1, 5, '09:15', '15:30'), ('LSE', 1, 5, '08:00', '16:30'),
               ('XETRA', 1, 5, '09:00', '17:30'), ('CRYPTO', 1, 7, '00:00', '24:00'),
               ('FX', 1, 4, '00:00', '24:00'), ('FX', 5, 5, '00:00', '17:00'), ('FX', 7, 7, '17:00', '24:00'))
       AS s (code, first_day, last_day, opens, closes)
  JOIN market.exchanges AS e USING (code)
  CROSS JOIN LATERAL generate_series(s.first_day, s.last_day) AS d
ON CONFLICT ON CONSTRAINT sessions_pkey DO NOTHING;

INSERT INTO trading.fee_schedules (name) VALUES ('free')
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
INSERT INTO trading.fee_schedules (name, per_share, minimum) VALUES ('us_equity', 0.005, 1)
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
