-- Candles of ticks, kept with the ticks' own transaction. Coarser ones are rolled up from finer ones when their bucket is over;
-- market.candle_marks says how far, and the views add the rest from finer rows.
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
COMMENT ON TABLE  market.candle_store IS 'Candles of accepted ticks: all of one minute, and coarser ones up to market.candle_marks. Read the views market.candles_1m and the like.';
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
  instrument_id int         CONSTRAINT candle_marks_pkey PRIMARY KEY CONSTRAINT candle_marks_instrument_id_fkey REFERENCES market.instruments,
  rolled_5m     timestamptz NOT NULL,
  rolled_15m    timestamptz NOT NULL,
  rolled_1h     timestamptz NOT NULL,
  rolled_1d     timestamptz NOT NULL,
  closed_until  timestamptz,
  -- What a coarse candle takes from finer ones begins where it ends itself.
  CONSTRAINT candle_marks_order_check CHECK (rolled_1d <= rolled_15m AND rolled_1h <= rolled_15m AND rolled_15m <= rolled_5m)
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.candle_marks IS 'How far the candles of each instrument are rolled up, and up to where they have been journaled as closed.';
COMMENT ON COLUMN market.candle_marks.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.candle_marks.rolled_5m IS 'Candles of 5 minutes that start before are complete in market.candle_store, those after are not there.';
COMMENT ON COLUMN market.candle_marks.rolled_15m IS 'The same for 15 minutes.';
COMMENT ON COLUMN market.candle_marks.rolled_1h IS 'The same for an hour.';
COMMENT ON COLUMN market.candle_marks.rolled_1d IS 'The same for a trading day.';
COMMENT ON COLUMN market.candle_marks.closed_until IS 'Candles that end here or before have been journaled as closed; NULL before the first.';

CREATE TABLE market.candle_settings (
  only_row  boolean    NOT NULL DEFAULT true CONSTRAINT candle_settings_pkey PRIMARY KEY CONSTRAINT candle_settings_only_row_check CHECK (only_row),
  grace     interval   NOT NULL DEFAULT '2 seconds' CONSTRAINT candle_settings_grace_check CHECK (grace BETWEEN interval '0' AND interval '1 hour'),
  journaled smallint[] NOT NULL DEFAULT '{1,5,15,60,1440}' CONSTRAINT candle_settings_journaled_check CHECK (journaled <@ '{1,5,15,60,1440}'::smallint[])
);
INSERT INTO market.candle_settings DEFAULT VALUES;
COMMENT ON TABLE  market.candle_settings IS 'How candles close: one row.';
COMMENT ON COLUMN market.candle_settings.only_row IS 'Always true.';
COMMENT ON COLUMN market.candle_settings.grace IS 'Event time that passes after the end of a candle before it counts as closed.';
COMMENT ON COLUMN market.candle_settings.journaled IS 'Lengths in minutes of the candles that are journaled when they close; empty is none.';

CREATE TABLE market.bar_rollups (
  instrument_id int         NOT NULL,
  minutes       smallint    NOT NULL CONSTRAINT bar_rollups_minutes_check CHECK (minutes IN (5, 15, 60, 1440)),
  bucket        timestamptz NOT NULL,
  open          float8      NOT NULL,
  high          float8      NOT NULL,
  low           float8      NOT NULL,
  close         float8      NOT NULL,
  volume        float8      NOT NULL,
  CONSTRAINT bar_rollups_pkey PRIMARY KEY (instrument_id, minutes, bucket)
);
COMMENT ON TABLE  market.bar_rollups IS 'Candles of imported bars of finer lengths, kept by the trigger on market.bars; an imported bar of the length itself goes before.';
COMMENT ON COLUMN market.bar_rollups.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.bar_rollups.minutes IS 'Length: 5, 15, 60, or 1440 for a trading day.';
COMMENT ON COLUMN market.bar_rollups.bucket IS 'Start of the candle.';
COMMENT ON COLUMN market.bar_rollups.open IS 'First price.';
COMMENT ON COLUMN market.bar_rollups.high IS 'Highest price.';
COMMENT ON COLUMN market.bar_rollups.low IS 'Lowest price.';
COMMENT ON COLUMN market.bar_rollups.close IS 'Last price.';
COMMENT ON COLUMN market.bar_rollups.volume IS 'Units traded.';
