-- Fee schedules and plans to begin with. What a portfolio uses is its owner's: nothing is added to it, neither now
-- nor by an upgrade. Rates change: insert a row with the new date, and its components.
CREATE TEMP TABLE fee_reference ON COMMIT DROP AS
SELECT n AS name
  FROM unnest('{us_equity,us_options,nse_equity,nse_etf,nse_futures,nse_options,bse_equity,bse_etf,bse_futures,
                bse_options,crypto,us,zerodha}'::text[]) AS n
 WHERE NOT EXISTS (SELECT FROM trading.portfolios AS p
                    WHERE p.fee_schedule = n
                       OR p.fee_schedule IN (SELECT l.name FROM trading.fee_plans AS l WHERE l.fee_schedule = n));

-- United States. Commission: Interactive Brokers' fixed pricing. Stocks: 0.005 a share, at least 1, at most 1 % of
-- the value, which also counts below the minimum; options: 0.65 a contract, at least 1. Sales also pay the SEC's
-- Section 31 fee (fee rate advisories, FINRA information notices) and FINRA's trading activity fee (By-Laws, Schedule
-- A, section 1: per share with a maximum, per contract without). Before the first of these dates stocks pay the
-- commission alone. The exchanges' options regulatory fee, which each sets for itself, is not in it.
CREATE TEMP TABLE us_rates ON COMMIT DROP AS
SELECT n.name, r.* FROM fee_reference AS n JOIN (VALUES
    -- from, SEC per million, TAF per share, TAF at most, TAF per contract
    (date '2014-03-18', 22.10, 0.000119, 5.95, NULL), ('2015-02-14', 18.40, 0.000119, 5.95, NULL),
    ('2016-02-16', 21.80, 0.000119, 5.95, NULL), ('2017-07-04', 23.10, 0.000119, 5.95, NULL),
    ('2018-05-22', 13.00, 0.000119, 5.95, NULL), ('2019-04-16', 20.70, 0.000119, 5.95, NULL),
    ('2020-02-18', 22.10, 0.000119, 5.95, NULL), ('2021-02-25', 5.10, 0.000119, 5.95, NULL),
    ('2022-01-01', 5.10, 0.000130, 6.49, 0.00218), ('2022-05-14', 22.90, 0.000130, 6.49, 0.00218),
    ('2023-01-01', 22.90, 0.000145, 7.27, 0.00244), ('2023-02-27', 8.00, 0.000145, 7.27, 0.00244),
    ('2024-01-01', 8.00, 0.000166, 8.30, 0.00279), ('2024-05-22', 27.80, 0.000166, 8.30, 0.00279),
    ('2025-05-14', 0, 0.000166, 8.30, 0.00279), ('2026-01-01', 0, 0.000195, 9.79, 0.00329),
    ('2026-04-04', 20.60, 0.000195, 9.79, 0.00329)
  ) AS r (valid_from, sec_per_million, taf_per_share, taf_maximum, taf_per_contract)
  ON n.name = 'us_equity' OR n.name = 'us_options' AND r.taf_per_contract IS NOT NULL;
INSERT INTO trading.fee_schedules (name, valid_from, per_share, minimum, maximum_percent)
SELECT r.name, r.valid_from, CASE r.name WHEN 'us_equity' THEN 0.005 ELSE 0.65 END, 1,
       CASE r.name WHEN 'us_equity' THEN 1 END
  FROM us_rates AS r
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
INSERT INTO trading.fee_components (name, valid_from, component, side, percent, per_share, maximum)
SELECT r.name, r.valid_from, c.component, 'sell', c.percent, c.per_share, c.maximum
  FROM us_rates AS r
  CROSS JOIN LATERAL (VALUES
    ('sec_fee'::trading.fee_component, r.sec_per_million / 10000, 0, NULL),
    ('taf', 0, CASE r.name WHEN 'us_equity' THEN r.taf_per_share ELSE r.taf_per_contract END,
     CASE r.name WHEN 'us_equity' THEN r.taf_maximum END)) AS c (component, percent, per_share, maximum)
ON CONFLICT ON CONSTRAINT fee_components_terms_key DO NOTHING;

-- India, NSE and BSE. Brokerage as discount brokers publish it: nothing for delivery, 0.03 % and at most 20 rupees an
-- order for intraday and futures, 20 rupees an order for options, whose value is the premium. The rest in paise, as
-- contract notes have it, but for the transaction tax, which is in whole rupees.
--
-- STT, securities transaction tax (Finance (No. 2) Act 2004, section 98, as amended). Shares: 0.1 % of delivery on
-- both sides (Finance Act 2012), 0.025 % of intraday sales. Units of equity funds: 0.001 % of sold delivery (2013);
-- those of gold and debt funds pay none, and want a schedule without it. Futures, on sales: 0.01 % (2013), 0.0125 %
-- from April 2023, 0.02 % from October 2024 (No. 2 of 2024), 0.05 % from April 2026. Options, on sales: 0.05 % of the
-- premium (2016), 0.0625 % from April 2023, 0.1 % from October 2024, 0.15 % from April 2026. Options that are
-- exercised, by the holder: 0.125 % of the settlement value until August 2019, since then of the intrinsic value (No.
-- 2 of 2019; NSE's circular of 20 August 2019), 0.15 % from April 2026.
-- Transaction charge. NSE: 6 % more from January 2021 until March 2023, 1 % less from April 2024, "true to label"
-- from October 2024 (its circulars). BSE: "true to label" alone.
-- SEBI: 15 rupees in ten million, 10 from April 2019, 5 from June 2020, 10 from April 2021 (Payment of Fees
-- Regulations).
-- GST: 18 % of brokerage and transaction charge from July 2017, from 18 July 2022 of SEBI's charge, too.
-- Stamp duty: buyers, Indian Stamp Act as of July 2020. Before then it was the states': that of Maharashtra, Delhi
-- and Gujarat, on both sides.
CREATE TEMP TABLE india_rates ON COMMIT DROP AS
SELECT n.name, n.first_day, r.valid_from, r.component::trading.fee_component, r.side::trading.order_side,
       r.product::trading.product, r.basis::trading.fee_basis, r.percent, r.maximum,
       r.percent_of::trading.fee_component[]
  FROM (SELECT f.name, split_part(f.name, '_', 2) AS kind,
               CASE WHEN f.name ~ '_(equity|etf)$' THEN 'shares' ELSE 'contracts' END AS segment,
               CASE WHEN f.name ~ '^nse' THEN date '2017-07-01' ELSE '2024-10-01' END AS first_day
          FROM fee_reference AS f WHERE f.name ~ '^[nb]se_') AS n
  JOIN (VALUES
    -- Each holds from its day until the next for the same schedules, component, and trades or exercise.
    ('equity', date '2017-07-01', 'stt', NULL, 'delivery', 'traded', 0.1, NULL, NULL),
    ('equity', '2017-07-01', 'stt', 'sell', 'intraday', 'traded', 0.025, NULL, NULL),
    ('etf', '2017-07-01', 'stt', 'sell', 'delivery', 'traded', 0.001, NULL, NULL),
    ('etf', '2017-07-01', 'stt', 'sell', 'intraday', 'traded', 0.025, NULL, NULL),
    ('futures', '2017-07-01', 'stt', 'sell', NULL, 'traded', 0.01, NULL, NULL),
    ('futures', '2023-04-01', 'stt', 'sell', NULL, 'traded', 0.0125, NULL, NULL),
    ('futures', '2024-10-01', 'stt', 'sell', NULL, 'traded', 0.02, NULL, NULL),
    ('futures', '2026-04-01', 'stt', 'sell', NULL, 'traded', 0.05, NULL, NULL),
    ('options', '2017-07-01', 'stt', 'sell', NULL, 'traded', 0.05, NULL, NULL),
    ('options', '2023-04-01', 'stt', 'sell', NULL, 'traded', 0.0625, NULL, NULL),
    ('options', '2024-10-01', 'stt', 'sell', NULL, 'traded', 0.1, NULL, NULL),
    ('options', '2026-04-01', 'stt', 'sell', NULL, 'traded', 0.15, NULL, NULL),
    ('options', '2017-07-01', 'stt', NULL, NULL, 'settlement', 0.125, NULL, NULL),
    ('options', '2019-09-01', 'stt', NULL, NULL, 'intrinsic', 0.125, NULL, NULL),
    ('options', '2026-04-01', 'stt', NULL, NULL, 'intrinsic', 0.15, NULL, NULL),
    ('nse_shares', '2017-07-01', 'exchange', NULL, NULL, 'traded', 0.00325, NULL, NULL),
    ('nse_shares', '2021-01-01', 'exchange', NULL, NULL, 'traded', 0.00345, NULL, NULL),
    ('nse_shares', '2023-04-01', 'exchange', NULL, NULL, 'traded', 0.00325, NULL, NULL),
    ('nse_shares', '2024-04-01', 'exchange', NULL, NULL, 'traded', 0.00322, NULL, NULL),
    ('nse_shares', '2024-10-01', 'exchange', NULL, NULL, 'traded', 0.00297, NULL, NULL),
    ('nse_futures', '2017-07-01', 'exchange', NULL, NULL, 'traded', 0.0019, NULL, NULL),
    ('nse_futures', '2021-01-01', 'exchange', NULL, NULL, 'traded', 0.002, NULL, NULL),
    ('nse_futures', '2023-04-01', 'exchange', NULL, NULL, 'traded', 0.0019, NULL, NULL),
    ('nse_futures', '2024-04-01', 'exchange', NULL, NULL, 'traded', 0.00188, NULL, NULL),
    ('nse_futures', '2024-10-01', 'exchange', NULL, NULL, 'traded', 0.00173, NULL, NULL),
    ('nse_options', '2017-07-01', 'exchange', NULL, NULL, 'traded', 0.05, NULL, NULL),
    ('nse_options', '2021-01-01', 'exchange', NULL, NULL, 'traded', 0.053, NULL, NULL),
    ('nse_options', '2023-04-01', 'exchange', NULL, NULL, 'traded', 0.05, NULL, NULL),
    ('nse_options', '2024-04-01', 'exchange', NULL, NULL, 'traded', 0.0495, NULL, NULL),
    ('nse_options', '2024-10-01', 'exchange', NULL, NULL, 'traded', 0.03503, NULL, NULL),
    ('bse_shares', '2024-10-01', 'exchange', NULL, NULL, 'traded', 0.00375, NULL, NULL),
    ('bse_options', '2024-10-01', 'exchange', NULL, NULL, 'traded', 0.0325, NULL, NULL),
    ('all', '2017-07-01', 'sebi', NULL, NULL, 'traded', 0.00015, NULL, NULL),
    ('all', '2019-04-01', 'sebi', NULL, NULL, 'traded', 0.0001, NULL, NULL),
    ('all', '2020-06-01', 'sebi', NULL, NULL, 'traded', 0.00005, NULL, NULL),
    ('all', '2021-04-01', 'sebi', NULL, NULL, 'traded', 0.0001, NULL, NULL),
    ('all', '2017-07-01', 'gst', NULL, NULL, 'traded', 18, NULL, '{brokerage,exchange}'),
    ('all', '2022-07-18', 'gst', NULL, NULL, 'traded', 18, NULL, '{brokerage,exchange,sebi}'),
    ('shares', '2017-07-01', 'stamp_duty', NULL, 'delivery', 'traded', 0.01, NULL, NULL),
    ('shares', '2017-07-01', 'stamp_duty', NULL, 'intraday', 'traded', 0.002, NULL, NULL),
    ('shares', '2020-07-01', 'stamp_duty', 'buy', 'delivery', 'traded', 0.015, NULL, NULL),
    ('shares', '2020-07-01', 'stamp_duty', 'buy', 'intraday', 'traded', 0.003, NULL, NULL),
    ('contracts', '2017-07-01', 'stamp_duty', NULL, NULL, 'traded', 0.002, NULL, NULL),
    ('futures', '2020-07-01', 'stamp_duty', 'buy', NULL, 'traded', 0.002, NULL, NULL),
    ('options', '2020-07-01', 'stamp_duty', 'buy', NULL, 'traded', 0.003, NULL, NULL),
    ('shares', '2017-07-01', 'brokerage', NULL, 'intraday', 'traded', 0.03, 20, NULL)
  ) AS r (schedules, valid_from, component, side, product, basis, percent, maximum, percent_of)
  ON r.schedules IN (n.name, n.kind, n.segment, left(n.name, 4) || n.segment, 'all');
CREATE TEMP TABLE india_days ON COMMIT DROP AS
SELECT DISTINCT r.name, greatest(r.valid_from, r.first_day) AS valid_from FROM india_rates AS r;
INSERT INTO trading.fee_schedules (name, valid_from, per_order, percent, maximum, decimals)
SELECT d.name, d.valid_from, CASE WHEN d.name ~ 'options' THEN 20 ELSE 0 END,
       CASE WHEN d.name ~ 'futures' THEN 0.03 ELSE 0 END, CASE WHEN d.name ~ 'futures' THEN 20 END, 2
  FROM india_days AS d
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;
INSERT INTO trading.fee_components (name, valid_from, component, side, product, basis, percent, maximum, percent_of,
                                    decimals)
SELECT d.name, d.valid_from, r.component, r.side, r.product, r.basis, r.percent, r.maximum, r.percent_of,
       CASE r.component WHEN 'stt' THEN 0 ELSE 2 END
  FROM india_days AS d
  JOIN india_rates AS r
    ON r.name = d.name
   AND r.valid_from = (SELECT max(n.valid_from) FROM india_rates AS n
                        WHERE n.name = d.name AND n.component = r.component AND n.valid_from <= d.valid_from
                          AND (n.basis = 'traded') = (r.basis = 'traded'))
ON CONFLICT ON CONSTRAINT fee_components_terms_key DO NOTHING;

-- Crypto exchanges, entry tier: 0.25 % when the order rested in the book, 0.4 % when it took (Kraken Pro's published
-- fees of 2024).
INSERT INTO trading.fee_schedules (name, percent, maker_percent)
SELECT n.name, 0.4, 0.25 FROM fee_reference AS n WHERE n.name = 'crypto'
ON CONFLICT ON CONSTRAINT fee_schedules_pkey DO NOTHING;

-- Plans: one name for a portfolio that holds shares, funds and contracts. What is not listed cannot be traded on them.
INSERT INTO trading.fee_plans (name, kind, exchange_id, fee_schedule)
SELECT p.name, p.kind::market.instrument_kind, e.exchange_id, p.fee_schedule
  FROM fee_reference AS n
  JOIN (VALUES
    ('zerodha', 'equity', NULL, 'nse_equity'), ('zerodha', 'etf', NULL, 'nse_etf'),
    ('zerodha', 'future', NULL, 'nse_futures'), ('zerodha', 'option', NULL, 'nse_options'),
    ('zerodha', 'equity', 'BSE', 'bse_equity'), ('zerodha', 'etf', 'BSE', 'bse_etf'),
    ('zerodha', 'future', 'BFO', 'bse_futures'), ('zerodha', 'option', 'BFO', 'bse_options'),
    ('us', 'equity', NULL, 'us_equity'), ('us', 'etf', NULL, 'us_equity'), ('us', 'option', NULL, 'us_options'),
    ('us', 'crypto', NULL, 'crypto')
  ) AS p (name, kind, exchange, fee_schedule) USING (name)
  LEFT JOIN market.exchanges AS e ON e.code = p.exchange
 WHERE EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = p.fee_schedule)
ON CONFLICT ON CONSTRAINT fee_plans_kind_key DO NOTHING;
