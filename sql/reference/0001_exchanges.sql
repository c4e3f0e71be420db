-- The usual hours; days that differ are in 0003_calendars.sql.
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

-- NSE and BSE opened at 09:55 until 2009 and, before there was an auction at the open, at 09:00 in 2010.
INSERT INTO market.sessions (exchange_id, weekday, opens, closes, valid_from, valid_until)
SELECT e.exchange_id, d, s.opens, s.closes, s.valid_from, s.valid_until
  FROM (SELECT h.*, date '-infinity' AS valid_from, date 'infinity' AS valid_until
          FROM (VALUES ('US', 1, 5, time '09:30', time '16:00'), ('NYSE', 1, 5, '09:30', '16:00'),
                       ('NASDAQ', 1, 5, '09:30', '16:00'), ('LSE', 1, 5, '08:00', '16:30'),
                       ('XETRA', 1, 5, '09:00', '17:30'), ('CRYPTO', 1, 7, '00:00', '24:00'),
                       ('FX', 1, 4, '00:00', '24:00'), ('FX', 5, 5, '00:00', '17:00'), ('FX', 7, 7, '17:00', '24:00'))
               AS h (code, first_day, last_day, opens, closes)
        UNION ALL
        SELECT i.code, 1, 5, h.opens, time '15:30', h.valid_from, h.valid_until
          FROM (VALUES ('NSE'), ('BSE'), ('NFO'), ('BFO')) AS i (code)
          CROSS JOIN (VALUES (time '09:55', date '-infinity', date '2010-01-04'), ('09:00', '2010-01-04', '2010-10-18'),
                             ('09:15', '2010-10-18', 'infinity')) AS h (opens, valid_from, valid_until))
       AS s (code, first_day, last_day, opens, closes, valid_from, valid_until)
  JOIN market.exchanges AS e USING (code)
  CROSS JOIN LATERAL generate_series(s.first_day, s.last_day) AS d
ON CONFLICT ON CONSTRAINT sessions_pkey DO NOTHING;

INSERT INTO trading.fee_schedules (name) VALUES ('free')
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
INSERT INTO trading.fee_schedules (name, per_share, minimum) VALUES ('us_equity', 0.005, 1)
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
