-- The hypertable that will take the place of market.ticks, beside it, and what fills it a day at a time. Nobody reads
-- it yet: until adopt.sql the database stays in the plain tier, however often this is interrupted.
DO $$
BEGIN
  IF to_regclass('market.ticks_hypertable') IS NOT NULL THEN
    RETURN;
  END IF;
  CREATE TABLE market.ticks_hypertable (LIKE market.ticks INCLUDING DEFAULTS INCLUDING COMMENTS);
  COMMENT ON TABLE market.ticks_hypertable IS
    'Trades on their way into the hypertable; bourse migrate --timescaledb goes on where it stopped.';
  -- No unique key: it would keep batches out of the columnstore. market.claim_ticks sees to it that a tick is stored
  -- once.
  PERFORM create_hypertable('market.ticks_hypertable', by_range('ts', interval '1 day'),
                            create_default_indexes => false);
  CREATE INDEX ticks_hypertable_idx ON market.ticks_hypertable (instrument_id, ts, seq);
  ALTER TABLE market.ticks_hypertable
    SET (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id',
         timescaledb.compress_orderby = 'ts, seq');
  CREATE TABLE market.copied_ticks (
    source text NOT NULL,
    day    date NOT NULL,
    ticks  bigint NOT NULL,
    since  xid8 NOT NULL,
    CONSTRAINT copied_ticks_pkey PRIMARY KEY (day, source)
  );
  COMMENT ON TABLE  market.copied_ticks IS 'Days that lie in market.ticks_hypertable already.';
  COMMENT ON COLUMN market.copied_ticks.source IS 'The partition they came from.';
  COMMENT ON COLUMN market.copied_ticks.day IS 'The day (UTC).';
  COMMENT ON COLUMN market.copied_ticks.ticks IS 'How many.';
  COMMENT ON COLUMN market.copied_ticks.since IS
    'Transactions from this one on may have changed the day after it was copied.';
END
$$;

-- Days and the partitions they lie in that are not copied as they are now.
CREATE OR REPLACE FUNCTION market.uncopied_ticks(p_looks_closely boolean)
RETURNS TABLE (source text, day date)
LANGUAGE plpgsql
AS $$
DECLARE
  v_partition record;
  v_copied market.copied_ticks;
  v_is_copied boolean;
BEGIN
  FOR v_partition IN
    SELECT p.relid, c.relname, to_date(substring(c.relname FROM '^ticks_([0-9]{8})$'), 'YYYYMMDD') AS day
      FROM pg_partition_tree('market.ticks') AS p
      JOIN pg_class AS c ON c.oid = p.relid
     WHERE p.isleaf
     ORDER BY c.relname
  LOOP
    source := v_partition.relname;
    FOR day IN EXECUTE CASE WHEN v_partition.day IS NULL
                            THEN format('SELECT DISTINCT (t.ts AT TIME ZONE ''UTC'')::date FROM %s AS t ORDER BY 1',
                                        v_partition.relid::regclass)
                            ELSE format('SELECT %L::date WHERE EXISTS (SELECT FROM %s)', v_partition.day,
                                        v_partition.relid::regclass) END
    LOOP
      SELECT * INTO v_copied FROM market.copied_ticks AS c
       WHERE c.source = uncopied_ticks.source AND c.day = uncopied_ticks.day;
      v_is_copied := FOUND;
      IF v_is_copied AND p_looks_closely THEN
        EXECUTE format('SELECT count(*) = $1 AND count(*) FILTER (WHERE age(t.xmin) <= age($2::xid)) = 0 '
                       'FROM %s AS t WHERE t.ts >= $3 AND t.ts < $4',
                       v_partition.relid::regclass)
          INTO v_is_copied USING v_copied.ticks, v_copied.since, day::timestamp AT TIME ZONE 'UTC',
                                  (day + 1)::timestamp AT TIME ZONE 'UTC';
      END IF;
      IF NOT v_is_copied THEN
        RETURN NEXT;
      END IF;
    END LOOP;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION market.copy_ticks(p_source text, p_day date)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  v_from  constant timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
  v_until constant timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'UTC';
  v_ticks bigint;
BEGIN
  DELETE FROM market.ticks_hypertable AS t WHERE t.ts >= v_from AND t.ts < v_until
     AND EXISTS (SELECT FROM market.copied_ticks AS c WHERE c.source = p_source AND c.day = p_day);
  DELETE FROM market.copied_ticks AS c WHERE c.source = p_source AND c.day = p_day;
  INSERT INTO market.copied_ticks VALUES (p_source, p_day, 0, pg_snapshot_xmin(pg_current_snapshot()));
  -- Sorted as the columnstore wants them, straight into it.
  SET LOCAL timescaledb.enable_direct_compress_insert = on;
  SET LOCAL timescaledb.enable_direct_compress_insert_sort_batches = off;
  SET LOCAL work_mem = '128MB';
  EXECUTE format('INSERT INTO market.ticks_hypertable SELECT * FROM market.%I AS t WHERE t.ts >= $1 AND t.ts < $2 '
                 'ORDER BY t.instrument_id, t.ts, t.seq', p_source)
    USING v_from, v_until;
  GET DIAGNOSTICS v_ticks = ROW_COUNT;
  UPDATE market.copied_ticks AS c SET ticks = v_ticks WHERE c.source = p_source AND c.day = p_day;
  RETURN v_ticks;
END
$$;
