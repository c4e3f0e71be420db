-- Candle grids, collars and staleness of an exchange.
ALTER TABLE market.exchanges
  ADD COLUMN day_starts   interval     NOT NULL DEFAULT '0'
    CONSTRAINT exchanges_day_starts_check CHECK (day_starts BETWEEN interval '-12 hours' AND interval '12 hours'
                                                 AND mod(extract(epoch FROM day_starts), 900) = 0),
  ADD COLUMN grid_starts  interval     NOT NULL DEFAULT '0'
    CONSTRAINT exchanges_grid_starts_check CHECK (grid_starts >= interval '0' AND grid_starts < interval '24 hours'),
  ADD COLUMN hour_offset  smallint     NOT NULL DEFAULT 0
    CONSTRAINT exchanges_hour_offset_check CHECK (hour_offset IN (0, 15, 30, 45)),
  ADD COLUMN price_collar market.ratio DEFAULT 10 CONSTRAINT exchanges_price_collar_check CHECK (price_collar > 1),
  ADD COLUMN stale_after  interval     NOT NULL DEFAULT '1 minute' CONSTRAINT exchanges_stale_after_check CHECK (stale_after > interval '0');
COMMENT ON COLUMN market.exchanges.day_starts IS 'When a trading day begins, from its local midnight in steps of 15 minutes; negative is on the eve: -7 hours is 17:00 of the day before.';
COMMENT ON COLUMN market.exchanges.grid_starts IS 'Local time of day from which candles of other lengths than the kept ones count: the first open of the week''s sessions.';
COMMENT ON COLUMN market.exchanges.hour_offset IS 'UTC minute at which hour candles begin, the open''s: 45 where trading opens at 09:15 in India, 30 in New York.';
COMMENT ON COLUMN market.exchanges.price_collar IS 'A price this many times above or below both trades before it is a jump, and rejected; NULL rejects none.';
COMMENT ON COLUMN market.exchanges.stale_after IS 'Age at which a quote is too old to trade on.';
-- The grid follows the session; a later change of the usual hours does not move candles that are stored.
UPDATE market.exchanges AS e
   SET grid_starts = s.opens::interval,
       hour_offset = extract(minute FROM (date '2024-01-08' + s.opens) AT TIME ZONE e.time_zone AT TIME ZONE 'UTC')::int / 15 * 15
  FROM (SELECT w.exchange_id, min(w.opens) AS opens FROM market.sessions AS w GROUP BY w.exchange_id) AS s
 WHERE s.exchange_id = e.exchange_id;
UPDATE market.exchanges SET day_starts = '-7 hours', grid_starts = '17:00' WHERE code = 'FX';

ALTER TABLE market.instruments ADD COLUMN price_collar market.ratio CONSTRAINT instruments_price_collar_check CHECK (price_collar > 1);
COMMENT ON COLUMN market.instruments.price_collar IS 'Its own collar instead of its exchange''s; NULL is the exchange''s.';

CREATE TABLE market.sale_conditions (
  exchange_id    int     NOT NULL CONSTRAINT sale_conditions_exchange_id_fkey REFERENCES market.exchanges,
  sale_condition text    NOT NULL,
  is_suspicious  boolean NOT NULL DEFAULT true,
  name           text,
  CONSTRAINT sale_conditions_pkey PRIMARY KEY (exchange_id, sale_condition)
);
COMMENT ON TABLE  market.sale_conditions IS 'Rules: which sale conditions make a tick suspicious, so that candles and strategies leave it out. They count for ticks stored from then on.';
COMMENT ON COLUMN market.sale_conditions.exchange_id IS 'The exchange.';
COMMENT ON COLUMN market.sale_conditions.sale_condition IS 'The condition as the feed spells it.';
COMMENT ON COLUMN market.sale_conditions.is_suspicious IS 'True leaves its ticks out of candles.';
COMMENT ON COLUMN market.sale_conditions.name IS 'What it means; NULL when not known.';

-- Ticks with the time in front of the key. A tape comes in order of time: then each batch is appended to one end of the index,
-- where (instrument_id, ts, seq) has a place to look up for each tick. Half the time of a COPY and half the index
-- (make bench ONLY=tick_index).
CREATE SCHEMA archive;
COMMENT ON SCHEMA archive IS 'Partitions of ticks and quotes that market.keep_ticks has detached: to be copied away and dropped.';
CREATE SCHEMA before_0018;
DO $$
DECLARE
  v_table regclass;
BEGIN
  FOR v_table IN SELECT p.relid FROM pg_partition_tree('market.ticks') AS p LOOP
    EXECUTE format('ALTER TABLE %s SET SCHEMA before_0018', v_table);
  END LOOP;
END
$$;

CREATE TABLE market.ticks (
  ts             timestamptz NOT NULL,
  price          float8      NOT NULL,
  size           float8      NOT NULL,
  seq            bigint      NOT NULL DEFAULT 0,
  received_at    timestamptz,
  stored_at      timestamptz NOT NULL DEFAULT now(),
  instrument_id  int         NOT NULL,
  suspicious     boolean     NOT NULL DEFAULT false,
  venue          text,
  sale_condition text,
  CONSTRAINT ticks_pkey PRIMARY KEY (ts, instrument_id, seq)
) PARTITION BY RANGE (ts);
CREATE TABLE market.ticks_default PARTITION OF market.ticks DEFAULT;
COMMENT ON TABLE  market.ticks IS 'Trades as observed, one daily partition (UTC) each; measurements, hence float8. What cannot be is moved to market.rejected_ticks by the statement that brings it.';
COMMENT ON COLUMN market.ticks.ts IS 'Event time: when the trade happened.';
COMMENT ON COLUMN market.ticks.price IS 'Price in the instrument''s currency, positive and finite.';
COMMENT ON COLUMN market.ticks.size IS 'Units traded, zero or more.';
COMMENT ON COLUMN market.ticks.seq IS 'The exchange''s number of the trade where the feed has one; else its place on the tape among ticks of this instrument with the same ts, from 0.';
COMMENT ON COLUMN market.ticks.received_at IS 'Receive time: when the feed read it; NULL when it does not say, as in files.';
COMMENT ON COLUMN market.ticks.stored_at IS 'Commit time: the clock of the transaction that stored it, at its beginning.';
COMMENT ON COLUMN market.ticks.instrument_id IS 'What traded.';
COMMENT ON COLUMN market.ticks.suspicious IS 'The feed itself doubts this tick, or a rule of market.sale_conditions does: candles and strategies do not see it.';
COMMENT ON COLUMN market.ticks.venue IS 'Reporting venue as the feed spells it; NULL when the feed has none.';
COMMENT ON COLUMN market.ticks.sale_condition IS 'Sale condition as the feed spells it; NULL when the feed has none.';
COMMENT ON TABLE  market.ticks_default IS 'Ticks of days without a partition of their own; market.ensure_tick_partitions makes partitions ahead.';

CREATE TABLE market.quote_ticks (
  ts            timestamptz NOT NULL,
  bid           float8,
  ask           float8,
  bid_size      float8,
  ask_size      float8,
  seq           bigint      NOT NULL DEFAULT 0,
  received_at   timestamptz,
  stored_at     timestamptz NOT NULL DEFAULT now(),
  instrument_id int         NOT NULL,
  venue         text,
  CONSTRAINT quote_ticks_pkey PRIMARY KEY (ts, instrument_id, seq)
) PARTITION BY RANGE (ts);
CREATE TABLE market.quote_ticks_default PARTITION OF market.quote_ticks DEFAULT;
COMMENT ON TABLE  market.quote_ticks IS 'Best bids and offers as observed, one daily partition (UTC) each; the latest of each instrument is in market.quotes.';
COMMENT ON COLUMN market.quote_ticks.ts IS 'Event time.';
COMMENT ON COLUMN market.quote_ticks.bid IS 'Best bid; NULL when there is none.';
COMMENT ON COLUMN market.quote_ticks.ask IS 'Best offer; NULL when there is none.';
COMMENT ON COLUMN market.quote_ticks.bid_size IS 'Units bid for; NULL when the feed does not say.';
COMMENT ON COLUMN market.quote_ticks.ask_size IS 'Units offered; NULL when the feed does not say.';
COMMENT ON COLUMN market.quote_ticks.seq IS 'The exchange''s number where the feed has one; else its place among those of this instrument with the same ts, from 0.';
COMMENT ON COLUMN market.quote_ticks.received_at IS 'Receive time: when the feed read it; NULL when it does not say.';
COMMENT ON COLUMN market.quote_ticks.stored_at IS 'Commit time: the clock of the transaction that stored it, at its beginning.';
COMMENT ON COLUMN market.quote_ticks.instrument_id IS 'What was quoted.';
COMMENT ON COLUMN market.quote_ticks.venue IS 'Quoting venue as the feed spells it; NULL when the feed has none.';
COMMENT ON TABLE  market.quote_ticks_default IS 'Quotes of days without a partition of their own.';

CREATE TYPE market.tick_rejection AS ENUM ('unknown_instrument', 'bad_time', 'bad_price', 'bad_size', 'jump');
COMMENT ON TYPE market.tick_rejection IS 'Why a tick was not accepted: nobody knows its instrument; its time, price or size cannot be; its price is beyond the collar around both trades before it.';
CREATE TABLE market.rejected_ticks (
  rejected_id   bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT rejected_ticks_pkey PRIMARY KEY,
  rejected_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  feed          text        NOT NULL,
  reason        market.tick_rejection NOT NULL,
  instrument_id int,
  symbol        text,
  ts            timestamptz,
  price         float8,
  size          float8,
  seq           bigint,
  detail        text
);
CREATE INDEX rejected_ticks_instrument_idx ON market.rejected_ticks (instrument_id, rejected_id);
COMMENT ON TABLE  market.rejected_ticks IS 'Ticks and quotes that were not accepted, with the reason. market.rejection_counts counts them.';
COMMENT ON COLUMN market.rejected_ticks.rejected_id IS 'Running number; gaps are normal.';
COMMENT ON COLUMN market.rejected_ticks.rejected_at IS 'Clock time.';
COMMENT ON COLUMN market.rejected_ticks.feed IS 'Who brought it: the feed''s name, or the application name of the SQL session.';
COMMENT ON COLUMN market.rejected_ticks.reason IS 'Why.';
COMMENT ON COLUMN market.rejected_ticks.instrument_id IS 'The instrument as given; NULL when the feed named a symbol that nobody knows.';
COMMENT ON COLUMN market.rejected_ticks.symbol IS 'The symbol as given; NULL when the tick named its instrument by number.';
COMMENT ON COLUMN market.rejected_ticks.ts IS 'Event time as given; NULL when it was not readable.';
COMMENT ON COLUMN market.rejected_ticks.price IS 'Price as given, or the bid of a quote; NULL when it was not readable.';
COMMENT ON COLUMN market.rejected_ticks.size IS 'Size as given; NULL when it was not readable.';
COMMENT ON COLUMN market.rejected_ticks.seq IS 'Sequence as given; NULL when it has none.';
COMMENT ON COLUMN market.rejected_ticks.detail IS 'Figures; NULL when the reason says all.';

ALTER TABLE market.quotes
  ADD COLUMN bid_size    float8 CONSTRAINT quotes_bid_size_check CHECK (bid_size >= 0 AND bid_size < 'Infinity'),
  ADD COLUMN ask_size    float8 CONSTRAINT quotes_ask_size_check CHECK (ask_size >= 0 AND ask_size < 'Infinity'),
  ADD COLUMN quoted_at   timestamptz CONSTRAINT quotes_quoted_at_check CHECK (isfinite(quoted_at)),
  ALTER COLUMN ts DROP NOT NULL, ALTER COLUMN last DROP NOT NULL,
  ADD CONSTRAINT quotes_times_check CHECK ((ts IS NULL) = (last IS NULL) AND coalesce(ts, quoted_at) IS NOT NULL);
COMMENT ON TABLE  market.quotes IS 'The latest price, bid and offer of each instrument: one row, updated in place (HOT).';
COMMENT ON COLUMN market.quotes.ts IS 'Event time of the last price; NULL when nothing traded yet.';
COMMENT ON COLUMN market.quotes.last IS 'Last traded price, or the close of the last bar; NULL when nothing traded yet.';
COMMENT ON COLUMN market.quotes.bid_size IS 'Units bid for; NULL when the feed does not say.';
COMMENT ON COLUMN market.quotes.ask_size IS 'Units offered; NULL when the feed does not say.';
COMMENT ON COLUMN market.quotes.quoted_at IS 'Event time of bid and ask; NULL when the feed has none.';

CREATE TABLE market.tick_policy (
  only_row   boolean  NOT NULL DEFAULT true CONSTRAINT tick_policy_pkey PRIMARY KEY CONSTRAINT tick_policy_only_row_check CHECK (only_row),
  ahead_days smallint NOT NULL DEFAULT 7 CONSTRAINT tick_policy_ahead_days_check CHECK (ahead_days BETWEEN 1 AND 366),
  keep_days  int      CONSTRAINT tick_policy_keep_days_check CHECK (keep_days >= 1),
  archives   boolean  NOT NULL DEFAULT false,
  dropped_before timestamptz NOT NULL DEFAULT '1900-01-01 00:00Z'
);
INSERT INTO market.tick_policy DEFAULT VALUES;
COMMENT ON TABLE  market.tick_policy IS 'What market.keep_ticks does: one row.';
COMMENT ON COLUMN market.tick_policy.only_row IS 'Always true.';
COMMENT ON COLUMN market.tick_policy.ahead_days IS 'Days for which partitions are made ahead.';
COMMENT ON COLUMN market.tick_policy.keep_days IS 'Days that ticks and quotes are kept; NULL is for ever. Candles stay in any case.';
COMMENT ON COLUMN market.tick_policy.archives IS 'True detaches old partitions into schema archive instead of dropping them.';
COMMENT ON COLUMN market.tick_policy.dropped_before IS 'Ticks before are gone or were never wanted: another one is rejected, because nobody could tell whether its candle knows it.';

ALTER TABLE ops.feed_cursors ALTER COLUMN sequence TYPE bigint;
