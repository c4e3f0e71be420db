-- Fee schedules to begin with. What a portfolio uses is its owner's: nothing is added to it, neither now nor by an
-- upgrade. Rates change: insert a row with the new date, and its components.
CREATE TEMP TABLE fee_reference ON COMMIT DROP AS
SELECT n AS name FROM unnest('{us_equity,nse_equity,nse_futures,nse_options,crypto}'::text[]) AS n
 WHERE NOT EXISTS (SELECT FROM trading.portfolios AS p WHERE p.fee_schedule = n);

-- United States, stocks. Commission: Interactive Brokers' fixed pricing: 0.005 a share, at least 1, at most 1 % of the
-- value, which also counts below the minimum. Sales also pay the SEC's Section 31 fee (fee rate advisories, FINRA
-- information notices) and FINRA's trading activity fee (By-Laws, Schedule A, section 1: per share, with a maximum).
-- Before the first of these dates the schedule is the commission alone.
CREATE TEMP TABLE us_rates ON COMMIT DROP AS
SELECT r.* FROM fee_reference AS n CROSS JOIN (VALUES
    -- from, SEC per million, TAF per share, TAF at most
    (date '2014-03-18', 22.10, 0.000119, 5.95), ('2015-02-14', 18.40, 0.000119, 5.95),
    ('2016-02-16', 21.80, 0.000119, 5.95), ('2017-07-04', 23.10, 0.000119, 5.95),
    ('2018-05-22', 13.00, 0.000119, 5.95), ('2019-04-16', 20.70, 0.000119, 5.95), ('2020-02-18', 22.10, 0.000119, 5.95),
    ('2021-02-25', 5.10, 0.000119, 5.95), ('2022-01-01', 5.10, 0.000130, 6.49), ('2022-05-14', 22.90, 0.000130, 6.49),
    ('2023-01-01', 22.90, 0.000145, 7.27), ('2023-02-27', 8.00, 0.000145, 7.27),
    ('2024-01-01', 8.00, 0.000166, 8.30), ('2024-05-22', 27.80, 0.000166, 8.30), ('2025-05-14', 0, 0.000166, 8.30),
    ('2026-01-01', 0, 0.000195, 9.79), ('2026-04-04', 20.60, 0.000195, 9.79)
  ) AS r (valid_from, sec_per_million, taf_per_share, taf_maximum)
 WHERE n.name = 'us_equity';
INSERT INTO trading.fee_schedules (name, valid_from, per_share, minimum, maximum_percent)
SELECT 'us_equity', r.valid_from, 0.005, 1, 1 FROM us_rates AS r
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
INSERT INTO trading.fee_components (name, valid_from, component, side, percent, per_share, maximum)
SELECT 'us_equity', r.valid_from, c.component, 'sell', c.percent, c.per_share, c.maximum
  FROM us_rates AS r
  CROSS JOIN LATERAL (VALUES ('sec_fee'::trading.fee_component, r.sec_per_million / 10000, 0, NULL),
                      ('taf', 0, r.taf_per_share, r.taf_maximum))
       AS c (component, percent, per_share, maximum)
ON CONFLICT ON CONSTRAINT fee_components_terms_key DO NOTHING;

-- India, National Stock Exchange. Brokerage as discount brokers publish it: nothing for delivery, 0.03 % and at most 20
-- rupees an order for intraday and futures, 20 rupees an order for options, whose value is the premium. Securities
-- transaction tax: Finance Acts 2023 (April 2023), 2024 (October 2024) and 2026 (April 2026); in whole rupees.
-- Transaction charge of the exchange: NSE's circulars for April and October 2024 ("true to label"). SEBI: 10 rupees in
-- ten million. GST: 18 % of brokerage, transaction charge and SEBI's. Stamp duty: buyers, Indian Stamp Act as of July
-- 2020. The rest in paise, as contract notes have it.
CREATE TEMP TABLE nse_rates ON COMMIT DROP AS
SELECT r.* FROM fee_reference AS n JOIN (VALUES
    ('nse_equity', date '2024-04-01', 'exchange', NULL, NULL, 0.00322),
    ('nse_equity', '2024-10-01', 'exchange', NULL, NULL, 0.00297),
    ('nse_futures', '2024-04-01', 'exchange', NULL, NULL, 0.00188),
    ('nse_futures', '2024-10-01', 'exchange', NULL, NULL, 0.00173),
    ('nse_futures', '2026-04-01', 'exchange', NULL, NULL, 0.00173),
    ('nse_options', '2024-04-01', 'exchange', NULL, NULL, 0.0495),
    ('nse_options', '2024-10-01', 'exchange', NULL, NULL, 0.03503),
    ('nse_options', '2026-04-01', 'exchange', NULL, NULL, 0.03503),
    ('nse_equity', '2024-04-01', 'stt', NULL, 'delivery', 0.1),
    ('nse_equity', '2024-10-01', 'stt', NULL, 'delivery', 0.1),
    ('nse_equity', '2024-04-01', 'stt', 'sell', 'intraday', 0.025),
    ('nse_equity', '2024-10-01', 'stt', 'sell', 'intraday', 0.025),
    ('nse_futures', '2024-04-01', 'stt', 'sell', NULL, 0.0125),
    ('nse_futures', '2024-10-01', 'stt', 'sell', NULL, 0.02), ('nse_futures', '2026-04-01', 'stt', 'sell', NULL, 0.05),
    ('nse_options', '2024-04-01', 'stt', 'sell', NULL, 0.0625), ('nse_options', '2024-10-01', 'stt', 'sell', NULL, 0.1),
    ('nse_options', '2026-04-01', 'stt', 'sell', NULL, 0.15)
  ) AS r (name, valid_from, component, side, product, percent) USING (name);
INSERT INTO trading.fee_schedules (name, valid_from, per_order, percent, maximum, decimals)
SELECT DISTINCT r.name, r.valid_from, CASE r.name WHEN 'nse_options' THEN 20 ELSE 0 END,
       CASE r.name WHEN 'nse_futures' THEN 0.03 ELSE 0 END,
       CASE r.name WHEN 'nse_futures' THEN 20 END, 2
  FROM nse_rates AS r
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
INSERT INTO trading.fee_components (name, valid_from, component, side, product, percent, maximum, percent_of, decimals)
SELECT r.name, r.valid_from, r.component::trading.fee_component, r.side::trading.order_side, r.product::trading.product,
       r.percent, NULL, NULL, CASE r.component WHEN 'stt' THEN 0 ELSE 2 END
  FROM nse_rates AS r
UNION ALL
SELECT d.name, d.valid_from, c.component::trading.fee_component, c.side::trading.order_side, c.product::trading.product,
       c.percent, c.maximum, c.percent_of::trading.fee_component[], 2
  FROM (SELECT DISTINCT r.name, r.valid_from FROM nse_rates AS r) AS d
  JOIN (VALUES
    (NULL, 'sebi', NULL, NULL, 0.0001, NULL, NULL), (NULL, 'gst', NULL, NULL, 18, NULL, '{brokerage,exchange,sebi}'),
    ('nse_equity', 'brokerage', NULL, 'intraday', 0.03, 20, NULL),
    ('nse_equity', 'stamp_duty', 'buy', 'delivery', 0.015, NULL, NULL),
    ('nse_equity', 'stamp_duty', 'buy', 'intraday', 0.003, NULL, NULL),
    ('nse_futures', 'stamp_duty', 'buy', NULL, 0.002, NULL, NULL),
    ('nse_options', 'stamp_duty', 'buy', NULL, 0.003, NULL, NULL)
  ) AS c (name, component, side, product, percent, maximum, percent_of) ON c.name IS NULL OR c.name = d.name
ON CONFLICT ON CONSTRAINT fee_components_terms_key DO NOTHING;

-- Crypto exchanges, entry tier: 0.25 % when the order rested in the book, 0.4 % when it took (Kraken Pro's published
-- fees of 2024).
INSERT INTO trading.fee_schedules (name, percent, maker_percent)
SELECT n.name, 0.4, 0.25 FROM fee_reference AS n WHERE n.name = 'crypto'
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
