-- market.ticks becomes a hypertable, in one transaction with the procedures that know it: others see all of it or
-- nothing. Writers wait from here, readers from the DROP.
LOCK TABLE market.ticks IN SHARE MODE;
SELECT market.copy_ticks(u.source, u.day) FROM market.uncopied_ticks(p_looks_closely => true) AS u;
DROP TABLE market.ticks;
ALTER TABLE market.ticks_hypertable RENAME TO ticks;
ALTER INDEX market.ticks_hypertable_idx RENAME TO ticks_instrument_idx;
COMMENT ON TABLE market.ticks IS
  'Trades as observed, one chunk of the hypertable for each day (UTC); measurements, hence float8. What cannot be is '
  'moved to market.rejected_ticks by the statement that brings it.';
DROP FUNCTION market.copy_ticks(text, date);
DROP FUNCTION market.uncopied_ticks(boolean);
DROP TABLE market.copied_ticks;

CREATE TABLE market.tick_marks (
  instrument_id int         CONSTRAINT tick_marks_pkey PRIMARY KEY
                CONSTRAINT tick_marks_instrument_id_fkey REFERENCES market.instruments,
  last_ts       timestamptz NOT NULL,
  last_seq      bigint      NOT NULL,
  batch_ts      timestamptz,
  batch_seq     bigint,
  is_late       boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.tick_marks IS
  'The newest stored tick of each instrument. A hypertable with a columnstore has no unique key: who stores ticks '
  'locks this row and asks whether his are newer.';
COMMENT ON COLUMN market.tick_marks.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.tick_marks.last_ts IS 'Time of its newest tick.';
COMMENT ON COLUMN market.tick_marks.last_seq IS 'The highest sequence among those of that time.';
COMMENT ON COLUMN market.tick_marks.batch_ts IS
  'Time of the first tick of the batch that came last; NULL before one has come.';
COMMENT ON COLUMN market.tick_marks.batch_seq IS 'Its sequence.';
COMMENT ON COLUMN market.tick_marks.is_late IS
  'Whether that first tick was not newer than all before, so that some of the batch may have been stored already.';
INSERT INTO market.tick_marks (instrument_id, last_ts, last_seq)
SELECT DISTINCT ON (t.instrument_id) t.instrument_id, t.ts, t.seq
  FROM market.ticks AS t
  JOIN market.instruments AS i USING (instrument_id)
 ORDER BY t.instrument_id, t.ts DESC, t.seq DESC;

-- History. One minute out of ticks, coarser ones out of finer ones; nothing that trades depends on how fresh they are.
CREATE MATERIALIZED VIEW market.history_1m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT t.instrument_id, time_bucket('1 minute', t.ts) AS bucket, (array_agg(t.price ORDER BY t.ts, t.seq))[1] AS open,
       max(t.price) AS high, min(t.price) AS low, (array_agg(t.price ORDER BY t.ts, t.seq))[count(*)] AS close,
       sum(t.size) AS volume, sum(t.price * t.size) AS turnover, min(t.ts) AS first_ts, max(t.ts) AS last_ts,
       (array_agg(t.seq ORDER BY t.ts, t.seq))[1] AS first_seq,
       (array_agg(t.seq ORDER BY t.ts, t.seq))[count(*)] AS last_seq, count(*) AS ticks
  FROM market.ticks AS t WHERE NOT t.suspicious
 GROUP BY 1, 2
WITH NO DATA;
CREATE MATERIALIZED VIEW market.history_5m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT c.instrument_id, time_bucket('5 minutes', c.bucket) AS bucket, first(c.open, c.bucket) AS open,
       max(c.high) AS high, min(c.low) AS low, last(c.close, c.bucket) AS close, sum(c.volume) AS volume,
       sum(c.turnover) AS turnover, min(c.first_ts) AS first_ts, max(c.last_ts) AS last_ts,
       first(c.first_seq, c.bucket) AS first_seq, last(c.last_seq, c.bucket) AS last_seq, sum(c.ticks)::bigint AS ticks
  FROM market.history_1m AS c GROUP BY 1, 2
WITH NO DATA;
CREATE MATERIALIZED VIEW market.history_15m WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT c.instrument_id, time_bucket('15 minutes', c.bucket) AS bucket, first(c.open, c.bucket) AS open,
       max(c.high) AS high, min(c.low) AS low, last(c.close, c.bucket) AS close, sum(c.volume) AS volume,
       sum(c.turnover) AS turnover, min(c.first_ts) AS first_ts, max(c.last_ts) AS last_ts,
       first(c.first_seq, c.bucket) AS first_seq, last(c.last_seq, c.bucket) AS last_seq, sum(c.ticks)::bigint AS ticks
  FROM market.history_5m AS c GROUP BY 1, 2
WITH NO DATA;
COMMENT ON VIEW market.history_1m IS
  'Candles of one minute, a continuous aggregate of market.ticks; late ticks show after its refresh. market.candles_1m '
  'is always right.';
COMMENT ON VIEW market.history_5m IS
  'Candles of 5 minutes, a continuous aggregate of market.history_1m. market.candles_5m is always right.';
COMMENT ON VIEW market.history_15m IS
  'Candles of 15 minutes, a continuous aggregate of market.history_5m. market.candles_15m is always right.';

-- What is materialised of them: without the part of a real-time aggregate that is computed out of ticks at each
-- reading.
DO $$
DECLARE
  v_level record;
  v_sql   text := '';
BEGIN
  FOR v_level IN
    SELECT l.minutes, a.materialization_hypertable_schema AS schema, a.materialization_hypertable_name AS name
      FROM (VALUES (1, 'history_1m'), (5, 'history_5m'), (15, 'history_15m')) AS l (minutes, view)
      JOIN timescaledb_information.continuous_aggregates AS a ON a.view_schema = 'market' AND a.view_name = l.view
     ORDER BY 1
  LOOP
    v_sql := v_sql || CASE v_sql WHEN '' THEN '' ELSE ' UNION ALL ' END
      || format('SELECT h.bucket, h.open, h.high, h.low, h.close, h.volume, h.turnover, h.first_ts, h.last_ts, '
                'h.first_seq, h.last_seq, h.ticks, h.instrument_id, %s::smallint AS minutes FROM %I.%I AS h',
                v_level.minutes, v_level.schema, v_level.name);
  END LOOP;
  EXECUTE 'CREATE VIEW market.history AS ' || v_sql;
END
$$;
COMMENT ON VIEW market.history IS
  'What is materialised of market.history_1m, _5m and _15m, with the columns of market.candle_store.';

-- Their columns mean what those of market.candle_store mean.
DO $$
DECLARE
  v_comment text;
BEGIN
  FOR v_comment IN
    SELECT format('COMMENT ON COLUMN market.%I.%I IS %L', c.relname, a.attname, col_description(s.attrelid, s.attnum))
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_attribute AS s ON s.attrelid = 'market.candle_store'::regclass AND s.attname = a.attname
     WHERE c.relnamespace = 'market'::regnamespace
       AND c.relname IN ('history_1m', 'history_5m', 'history_15m', 'history')
  LOOP
    EXECUTE v_comment;
  END LOOP;
END
$$;

CREATE TABLE market.archived_days (
  instrument_id int         NOT NULL CONSTRAINT archived_days_instrument_id_fkey REFERENCES market.instruments,
  day           timestamptz NOT NULL
                CONSTRAINT archived_days_day_check CHECK (day = date_bin('1 day', day, '2000-01-01Z')),
  CONSTRAINT archived_days_pkey PRIMARY KEY (instrument_id, day)
);
COMMENT ON TABLE  market.archived_days IS
  'Days whose candles of 1, 5 and 15 minutes are read from market.history and no longer from market.candle_store: '
  'either all of a day or none.';
COMMENT ON COLUMN market.archived_days.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.archived_days.day IS 'Midnight UTC at which the day begins.';

-- Batches that came straight into the columnstore are small; a day later they become whole ones. Archived candles are
-- not written any more.
ALTER MATERIALIZED VIEW market.history_1m SET (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id');
ALTER MATERIALIZED VIEW market.history_5m SET (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id');
ALTER MATERIALIZED VIEW market.history_15m SET (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id');
SELECT add_compression_policy('market.ticks', interval '1 day'),
       add_compression_policy('market.history_1m', interval '30 days'),
       add_compression_policy('market.history_5m', interval '30 days'),
       add_compression_policy('market.history_15m', interval '30 days');
