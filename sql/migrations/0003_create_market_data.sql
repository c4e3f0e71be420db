-- What was observed: ticks and quotes as they came, the latest of each, candles made of ticks, and bars that others
-- made.

-- Ticks have no number of their own: (time, instrument, place on the tape) is the same whoever loads the file, so that
-- loading it twice changes nothing. The time leads the key because a tape comes in order of time: each batch is
-- appended to one end of the index, where (instrument_id, ts, seq) has a place to look up for each tick. Half the time
-- of a COPY and half the index (make bench ONLY=tick_index). No foreign key and no CHECK: a trigger looks at the ticks
-- of a statement together, and moves what cannot be to market.rejected_ticks.
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
COMMENT ON TABLE  market.ticks IS
  'Trades as observed, one daily partition (UTC) each; measurements, hence float8. What cannot be is moved to '
  'market.rejected_ticks by the statement that brings it.';
COMMENT ON COLUMN market.ticks.ts IS 'Event time: when the trade happened.';
COMMENT ON COLUMN market.ticks.price IS 'Price in the instrument''s currency, positive and finite.';
COMMENT ON COLUMN market.ticks.size IS 'Units traded, zero or more.';
COMMENT ON COLUMN market.ticks.seq IS
  'The exchange''s number of the trade where the feed has one; else its place on the tape among ticks of this '
  'instrument with the same ts, from 0.';
COMMENT ON COLUMN market.ticks.received_at IS
  'Receive time: when the feed read it; NULL when it does not say, as in files.';
COMMENT ON COLUMN market.ticks.stored_at IS
  'Commit time: the clock of the transaction that stored it, at its beginning.';
COMMENT ON COLUMN market.ticks.instrument_id IS 'What traded.';
COMMENT ON COLUMN market.ticks.suspicious IS
  'The feed itself doubts this tick, or a rule of market.sale_conditions does: candles and strategies do not see it.';
COMMENT ON COLUMN market.ticks.venue IS 'Reporting venue as the feed spells it; NULL when the feed has none.';
COMMENT ON COLUMN market.ticks.sale_condition IS 'Sale condition as the feed spells it; NULL when the feed has none.';
COMMENT ON TABLE  market.ticks_default IS
  'Ticks of days without a partition of their own; market.ensure_tick_partitions makes partitions ahead.';

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
COMMENT ON TABLE  market.quote_ticks IS
  'Best bids and offers as observed, one daily partition (UTC) each; the latest of each instrument is in '
  'market.quotes.';
COMMENT ON COLUMN market.quote_ticks.ts IS 'Event time.';
COMMENT ON COLUMN market.quote_ticks.bid IS 'Best bid; NULL when there is none.';
COMMENT ON COLUMN market.quote_ticks.ask IS 'Best offer; NULL when there is none.';
COMMENT ON COLUMN market.quote_ticks.bid_size IS 'Units bid for; NULL when the feed does not say.';
COMMENT ON COLUMN market.quote_ticks.ask_size IS 'Units offered; NULL when the feed does not say.';
COMMENT ON COLUMN market.quote_ticks.seq IS
  'The exchange''s number where the feed has one; else its place among those of this instrument with the same ts, from '
  '0.';
COMMENT ON COLUMN market.quote_ticks.received_at IS 'Receive time: when the feed read it; NULL when it does not say.';
COMMENT ON COLUMN market.quote_ticks.stored_at IS
  'Commit time: the clock of the transaction that stored it, at its beginning.';
COMMENT ON COLUMN market.quote_ticks.instrument_id IS 'What was quoted.';
COMMENT ON COLUMN market.quote_ticks.venue IS 'Quoting venue as the feed spells it; NULL when the feed has none.';
COMMENT ON TABLE  market.quote_ticks_default IS 'Quotes of days without a partition of their own.';

CREATE TYPE market.tick_rejection AS ENUM ('unknown_instrument', 'bad_time', 'bad_price', 'bad_size', 'jump');
COMMENT ON TYPE market.tick_rejection IS
  'Why a tick was not accepted: nobody knows its instrument; its time, price or size cannot be; its price is beyond '
  'the collar around both trades before it.';

CREATE TABLE market.rejected_ticks (
  rejected_id   bigint                GENERATED ALWAYS AS IDENTITY CONSTRAINT rejected_ticks_pkey PRIMARY KEY,
  rejected_at   timestamptz           NOT NULL DEFAULT clock_timestamp(),
  feed          text                  NOT NULL,
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
CREATE INDEX rejected_ticks_times_idx ON market.rejected_ticks USING brin (rejected_at) WITH (pages_per_range = 16);
COMMENT ON TABLE  market.rejected_ticks IS
  'Ticks and quotes that were not accepted, with the reason. market.rejection_counts counts them.';
COMMENT ON COLUMN market.rejected_ticks.rejected_id IS 'Running number; gaps are normal.';
COMMENT ON COLUMN market.rejected_ticks.rejected_at IS 'Clock time.';
COMMENT ON COLUMN market.rejected_ticks.feed IS
  'Who brought it: the feed''s name, or the application name of the SQL session.';
COMMENT ON COLUMN market.rejected_ticks.reason IS 'Why.';
COMMENT ON COLUMN market.rejected_ticks.instrument_id IS
  'The instrument as given; NULL when the feed named a symbol that nobody knows.';
COMMENT ON COLUMN market.rejected_ticks.symbol IS
  'The symbol as given; NULL when the tick named its instrument by number.';
COMMENT ON COLUMN market.rejected_ticks.ts IS 'Event time as given; NULL when it was not readable.';
COMMENT ON COLUMN market.rejected_ticks.price IS
  'Price as given, or the bid of a quote; NULL when it was not readable.';
COMMENT ON COLUMN market.rejected_ticks.size IS 'Size as given; NULL when it was not readable.';
COMMENT ON COLUMN market.rejected_ticks.seq IS 'Sequence as given; NULL when it has none.';
COMMENT ON COLUMN market.rejected_ticks.detail IS 'Figures; NULL when the reason says all.';

CREATE TABLE market.tick_policy (
  only_row       boolean     NOT NULL DEFAULT true CONSTRAINT tick_policy_pkey PRIMARY KEY
                 CONSTRAINT tick_policy_only_row_check CHECK (only_row),
  ahead_days     smallint    NOT NULL DEFAULT 7
                 CONSTRAINT tick_policy_ahead_days_check CHECK (ahead_days BETWEEN 1 AND 366),
  keep_days      int         CONSTRAINT tick_policy_keep_days_check CHECK (keep_days >= 1),
  archives       boolean     NOT NULL DEFAULT false,
  dropped_before timestamptz NOT NULL DEFAULT '1900-01-01 00:00Z'
);
INSERT INTO market.tick_policy DEFAULT VALUES;
COMMENT ON TABLE  market.tick_policy IS 'What market.apply_tick_retention does: one row.';
COMMENT ON COLUMN market.tick_policy.only_row IS 'Always true.';
COMMENT ON COLUMN market.tick_policy.ahead_days IS 'Days for which partitions are made ahead.';
COMMENT ON COLUMN market.tick_policy.keep_days IS
  'Days that ticks and quotes are kept; NULL is for ever. Candles stay in any case.';
COMMENT ON COLUMN market.tick_policy.archives IS
  'True detaches old partitions into schema archive instead of dropping them.';
COMMENT ON COLUMN market.tick_policy.dropped_before IS
  'Ticks before are gone or were never wanted: another one is rejected, because nobody could tell whether its candle '
  'knows it.';

CREATE TABLE market.quotes (
  instrument_id int         CONSTRAINT quotes_pkey PRIMARY KEY
                CONSTRAINT quotes_instrument_id_fkey REFERENCES market.instruments,
  ts            timestamptz CONSTRAINT quotes_ts_check CHECK (isfinite(ts)),
  last          float8      CONSTRAINT quotes_last_check CHECK (last > 0 AND last < 'Infinity'),
  last_size     float8      CONSTRAINT quotes_last_size_check CHECK (last_size >= 0 AND last_size < 'Infinity'),
  quoted_at     timestamptz CONSTRAINT quotes_quoted_at_check CHECK (isfinite(quoted_at)),
  bid           float8      CONSTRAINT quotes_bid_check CHECK (bid > 0 AND bid < 'Infinity'),
  bid_size      float8      CONSTRAINT quotes_bid_size_check CHECK (bid_size >= 0 AND bid_size < 'Infinity'),
  ask           float8      CONSTRAINT quotes_ask_check CHECK (ask > 0 AND ask < 'Infinity'),
  ask_size      float8      CONSTRAINT quotes_ask_size_check CHECK (ask_size >= 0 AND ask_size < 'Infinity'),
  CONSTRAINT quotes_times_check CHECK ((ts IS NULL) = (last IS NULL) AND coalesce(ts, quoted_at) IS NOT NULL)
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.quotes IS
  'The latest price, bid and offer of each instrument: one row, updated in place (HOT).';
COMMENT ON COLUMN market.quotes.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.quotes.ts IS 'Event time of the last price; NULL when nothing traded yet.';
COMMENT ON COLUMN market.quotes.last IS
  'Last traded price, or the close of the last bar; NULL when nothing traded yet.';
COMMENT ON COLUMN market.quotes.last_size IS 'Units of the last trade; NULL when a bar set the price.';
COMMENT ON COLUMN market.quotes.quoted_at IS 'Event time of bid and ask; NULL when the feed has none.';
COMMENT ON COLUMN market.quotes.bid IS 'Best bid; NULL when the feed has none.';
COMMENT ON COLUMN market.quotes.bid_size IS 'Units bid for; NULL when the feed does not say.';
COMMENT ON COLUMN market.quotes.ask IS 'Best ask; NULL when the feed has none.';
COMMENT ON COLUMN market.quotes.ask_size IS 'Units offered; NULL when the feed does not say.';

CREATE TABLE market.feed_positions (
  feed          text        NOT NULL CONSTRAINT feed_positions_feed_check CHECK (feed ~ '^[[:graph:]]{1,200}$'),
  instrument_id int         NOT NULL CONSTRAINT feed_positions_instrument_id_fkey REFERENCES market.instruments,
  seq           bigint      NOT NULL,
  ts            timestamptz NOT NULL,
  stored_at     timestamptz NOT NULL,
  CONSTRAINT feed_positions_pkey PRIMARY KEY (feed, instrument_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.feed_positions IS
  'How far each live feed has come with each instrument, committed with what it brought: where it goes on after a '
  'restart.';
COMMENT ON COLUMN market.feed_positions.feed IS 'Name of the feed.';
COMMENT ON COLUMN market.feed_positions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.feed_positions.seq IS 'The source''s number of the last message that is stored.';
COMMENT ON COLUMN market.feed_positions.ts IS 'Event time of that message.';
COMMENT ON COLUMN market.feed_positions.stored_at IS 'Clock time at which it was stored.';

-- Candles of ticks, kept with the transaction of the ticks. Coarser ones are rolled up from finer ones when their
-- bucket is over; market.candle_marks says how far, and the views add the rest from finer rows.
CREATE TABLE market.candle_store (
  bucket        timestamptz NOT NULL,
  open          float8      NOT NULL,
  high          float8      NOT NULL,
  low           float8      NOT NULL,
  close         float8      NOT NULL,
  volume        float8      NOT NULL,
  turnover      float8      NOT NULL,
  first_ts      timestamptz NOT NULL,
  last_ts       timestamptz NOT NULL,
  first_seq     bigint      NOT NULL,
  last_seq      bigint      NOT NULL,
  ticks         bigint      NOT NULL CONSTRAINT candle_store_ticks_check CHECK (ticks > 0),
  instrument_id int         NOT NULL,
  minutes       smallint    NOT NULL CONSTRAINT candle_store_minutes_check CHECK (minutes IN (1, 5, 15, 60, 1440)),
  CONSTRAINT candle_store_pkey PRIMARY KEY (instrument_id, minutes, bucket)
) WITH (fillfactor = 70);
-- Who reads the candles of all instruments at a time skips most blocks, and storing them costs next to nothing.
CREATE INDEX candle_store_times_idx ON market.candle_store USING brin (bucket) WITH (pages_per_range = 16);
COMMENT ON TABLE  market.candle_store IS
  'Candles of accepted ticks: all of one minute, and coarser ones up to market.candle_marks. Read the views '
  'market.candles_1m and the like.';
COMMENT ON COLUMN market.candle_store.bucket IS 'Start of the candle.';
COMMENT ON COLUMN market.candle_store.open IS 'First price by (ts, seq).';
COMMENT ON COLUMN market.candle_store.high IS 'Highest price.';
COMMENT ON COLUMN market.candle_store.low IS 'Lowest price.';
COMMENT ON COLUMN market.candle_store.close IS 'Last price by (ts, seq).';
COMMENT ON COLUMN market.candle_store.volume IS 'Units traded.';
COMMENT ON COLUMN market.candle_store.turnover IS 'Sum of price × size.';
COMMENT ON COLUMN market.candle_store.first_ts IS 'Time of the tick that opened it.';
COMMENT ON COLUMN market.candle_store.last_ts IS 'Time of the tick that closes it.';
COMMENT ON COLUMN market.candle_store.first_seq IS 'Sequence of the tick that opened it.';
COMMENT ON COLUMN market.candle_store.last_seq IS 'Sequence of the tick that closes it.';
COMMENT ON COLUMN market.candle_store.ticks IS 'Number of ticks.';
COMMENT ON COLUMN market.candle_store.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.candle_store.minutes IS 'Length: 1, 5, 15, 60, or 1440 for a trading day.';

CREATE TABLE market.candle_marks (
  instrument_id int         CONSTRAINT candle_marks_pkey PRIMARY KEY
                CONSTRAINT candle_marks_instrument_id_fkey REFERENCES market.instruments,
  rolled_5m     timestamptz NOT NULL,
  rolled_15m    timestamptz NOT NULL,
  rolled_1h     timestamptz NOT NULL,
  rolled_1d     timestamptz NOT NULL,
  closed_until  timestamptz,
  -- What a coarse candle takes from finer ones begins where it ends itself.
  CONSTRAINT candle_marks_order_check
    CHECK (rolled_1d <= rolled_15m AND rolled_1h <= rolled_15m AND rolled_15m <= rolled_5m)
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.candle_marks IS
  'How far the candles of each instrument are rolled up, and up to where they have been journaled as closed.';
COMMENT ON COLUMN market.candle_marks.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.candle_marks.rolled_5m IS
  'Candles of 5 minutes that start before are complete in market.candle_store, those after are not there.';
COMMENT ON COLUMN market.candle_marks.rolled_15m IS 'The same for 15 minutes.';
COMMENT ON COLUMN market.candle_marks.rolled_1h IS 'The same for an hour.';
COMMENT ON COLUMN market.candle_marks.rolled_1d IS 'The same for a trading day.';
COMMENT ON COLUMN market.candle_marks.closed_until IS
  'Candles that end here or before have been journaled as closed; NULL before the first.';

CREATE TABLE market.candle_settings (
  only_row  boolean    NOT NULL DEFAULT true CONSTRAINT candle_settings_pkey PRIMARY KEY
            CONSTRAINT candle_settings_only_row_check CHECK (only_row),
  grace     interval   NOT NULL DEFAULT '2 seconds'
            CONSTRAINT candle_settings_grace_check CHECK (grace BETWEEN interval '0' AND interval '1 hour'),
  journaled smallint[] NOT NULL DEFAULT '{1,5,15,60,1440}'
            CONSTRAINT candle_settings_journaled_check CHECK (journaled <@ '{1,5,15,60,1440}'::smallint[])
);
INSERT INTO market.candle_settings DEFAULT VALUES;
COMMENT ON TABLE  market.candle_settings IS 'How candles close: one row.';
COMMENT ON COLUMN market.candle_settings.only_row IS 'Always true.';
COMMENT ON COLUMN market.candle_settings.grace IS
  'Event time that passes after the end of a candle before it counts as closed.';
COMMENT ON COLUMN market.candle_settings.journaled IS
  'Lengths in minutes of the candles that are journaled when they close; empty is none.';

-- No foreign key, which would look each bar's instrument up: the trigger on market.bars looks at those of a statement,
-- and instruments are never deleted.
CREATE TABLE market.bars (
  instrument_id  int         NOT NULL,
  resolution     interval    NOT NULL CONSTRAINT bars_resolution_check CHECK (resolution > interval '0'),
  ts             timestamptz NOT NULL,
  open           float8      NOT NULL,
  high           float8      NOT NULL,
  low            float8      NOT NULL,
  close          float8      NOT NULL,
  volume         float8      NOT NULL,
  adjusted_close float8,
  vendor         text        CONSTRAINT bars_vendor_check CHECK (vendor ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  CONSTRAINT bars_pkey PRIMARY KEY (instrument_id, resolution, ts),
  CONSTRAINT bars_prices_check
    CHECK (low > 0 AND high < 'Infinity' AND low <= open AND low <= close AND open <= high AND close <= high),
  CONSTRAINT bars_volume_check CHECK (volume >= 0 AND volume < 'Infinity')
);
-- Bars are read by instrument. Who reads those of all instruments at a time finds days by a key of their own; of
-- shorter bars, which are many, he skips most blocks, and storing them costs next to nothing.
CREATE INDEX bars_days_idx ON market.bars (resolution, ts) WHERE resolution >= interval '1 day';
CREATE INDEX bars_times_idx ON market.bars USING brin (ts) WITH (pages_per_range = 4);
COMMENT ON TABLE  market.bars IS 'Bars that a vendor made, imported without their ticks; raw, not adjusted for splits.';
COMMENT ON COLUMN market.bars.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.bars.resolution IS 'Length of the bar.';
COMMENT ON COLUMN market.bars.ts IS
  'Start of the bar; for a day bar, that of the trading day on its exchange: local midnight, where the exchange has no '
  'other.';
COMMENT ON COLUMN market.bars.open IS 'First price.';
COMMENT ON COLUMN market.bars.high IS 'Highest price.';
COMMENT ON COLUMN market.bars.low IS 'Lowest price.';
COMMENT ON COLUMN market.bars.close IS 'Last price.';
COMMENT ON COLUMN market.bars.volume IS 'Units traded.';
COMMENT ON COLUMN market.bars.adjusted_close IS
  'The vendor''s close adjusted for splits and dividends; NULL when it gives none.';
COMMENT ON COLUMN market.bars.vendor IS 'Who sold it, in lower case; NULL when that is not known.';

CREATE TABLE market.bar_rollups (
  instrument_id int         NOT NULL,
  minutes       smallint    NOT NULL CONSTRAINT bar_rollups_minutes_check CHECK (minutes IN (5, 15, 60, 1440)),
  bucket        timestamptz NOT NULL,
  open          float8      NOT NULL,
  high          float8      NOT NULL,
  low           float8      NOT NULL,
  close         float8      NOT NULL,
  volume        float8      NOT NULL,
  resolution    interval    NOT NULL,
  vendor        text,
  CONSTRAINT bar_rollups_pkey PRIMARY KEY (instrument_id, minutes, bucket)
);
COMMENT ON TABLE  market.bar_rollups IS
  'Candles of imported bars of finer lengths, kept by the trigger on market.bars; an imported bar of the length itself '
  'goes before.';
COMMENT ON COLUMN market.bar_rollups.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.bar_rollups.minutes IS 'Length: 5, 15, 60, or 1440 for a trading day.';
COMMENT ON COLUMN market.bar_rollups.bucket IS 'Start of the candle.';
COMMENT ON COLUMN market.bar_rollups.open IS 'First price.';
COMMENT ON COLUMN market.bar_rollups.high IS 'Highest price.';
COMMENT ON COLUMN market.bar_rollups.low IS 'Lowest price.';
COMMENT ON COLUMN market.bar_rollups.close IS 'Last price.';
COMMENT ON COLUMN market.bar_rollups.volume IS 'Units traded.';
COMMENT ON COLUMN market.bar_rollups.resolution IS 'Length of the bars that it is made of.';
COMMENT ON COLUMN market.bar_rollups.vendor IS 'Who sold these bars; NULL when that is not known, or several did.';

CREATE TABLE market.tick_coverage (
  instrument_id int         NOT NULL CONSTRAINT tick_coverage_instrument_id_fkey REFERENCES market.instruments,
  day           date        NOT NULL,
  is_complete   boolean     NOT NULL,
  said_by       text        NOT NULL DEFAULT ops.actor(),
  said_at       timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT tick_coverage_pkey PRIMARY KEY (instrument_id, day)
);
COMMENT ON TABLE  market.tick_coverage IS
  'Trading days of which somebody says whether their ticks are complete. Of other days market.ticks_are_complete tells '
  'by the ticks themselves, where a vendor has a bar of the same time.';
COMMENT ON COLUMN market.tick_coverage.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.tick_coverage.day IS 'Trading day of its exchange.';
COMMENT ON COLUMN market.tick_coverage.is_complete IS
  'True: candles are made of its ticks, whatever bars there are. False: bars go before.';
COMMENT ON COLUMN market.tick_coverage.said_by IS 'Who said so.';
COMMENT ON COLUMN market.tick_coverage.said_at IS 'When.';
