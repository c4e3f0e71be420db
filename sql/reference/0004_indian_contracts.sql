-- Where else Indian brokers' masters list contracts, and what these call indices. Source of the names: the contract
-- specifications of the National Stock Exchange of India and its list of indices.
INSERT INTO market.exchanges (code, name, time_zone, currency, grid_starts, hour_offset, day_starts) VALUES
  ('MCX', 'Multi Commodity Exchange of India', 'Asia/Kolkata', 'INR', '09:00', 30, '0'),
  ('CDS', 'NSE currency derivatives',          'Asia/Kolkata', 'INR', '09:00', 30, '0')
ON CONFLICT ON CONSTRAINT exchanges_code_key DO NOTHING;

INSERT INTO market.sessions (exchange_id, weekday, opens, closes)
SELECT e.exchange_id, d, s.opens, s.closes
  FROM (VALUES ('MCX', time '09:00', time '23:30'), ('CDS', '09:00', '17:00')) AS s (code, opens, closes)
  JOIN market.exchanges AS e USING (code)
  CROSS JOIN generate_series(1, 5) AS d
ON CONFLICT ON CONSTRAINT sessions_pkey DO NOTHING;

INSERT INTO market.underlying_names (name, symbol) VALUES
  ('NIFTY', 'NIFTY 50'), ('BANKNIFTY', 'NIFTY BANK'), ('FINNIFTY', 'NIFTY FIN SERVICE'),
  ('MIDCPNIFTY', 'NIFTY MID SELECT'), ('NIFTYNXT50', 'NIFTY NEXT 50')
ON CONFLICT ON CONSTRAINT underlying_names_pkey DO NOTHING;
