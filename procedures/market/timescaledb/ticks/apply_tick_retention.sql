-- In the place of ticks/apply_tick_retention.sql: creates and drops chunks of market.ticks, and partitions of
-- market.quote_ticks; writes market.tick_policy;
-- locks: the advisory lock of ensure_tick_partitions; errors TR104
CREATE OR REPLACE FUNCTION market.apply_tick_retention(at timestamptz DEFAULT now(), max_days int DEFAULT NULL)
RETURNS TABLE (made int, gone int)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_policy market.tick_policy;
  v_today  date := (apply_tick_retention.at AT TIME ZONE 'UTC')::date;
  v_before timestamptz;
  v_old    record;
  v_is_one boolean;
BEGIN
  gone := 0;
  IF isfinite(v_today) IS NOT TRUE OR v_today NOT BETWEEN '1900-01-01' AND '2200-01-01' OR max_days < 1 THEN
    RAISE EXCEPTION 'a day between 1900 and 2200 is needed, and at least one day at a time'
      USING ERRCODE = 'TR104',
            DETAIL = format('The time is %s, max_days %s.', coalesce(apply_tick_retention.at::text, 'NULL'),
                            coalesce(max_days::text, 'NULL')),
            HINT = 'Leave them out: it is now, and all days.';
  END IF;
  SELECT * INTO v_policy FROM market.tick_policy;
  made := market.ensure_tick_partitions(v_today, v_today + v_policy.ahead_days);
  v_before := (v_today - v_policy.keep_days)::timestamp AT TIME ZONE 'UTC';
  IF v_before IS NOT NULL THEN
    -- The oldest go first, so that one time divides what is gone from what is kept. A tick that was rejected leaves an
    -- empty chunk behind, which is no day.
    v_before := least(v_before, max_days * interval '24 hours' + least(
      (SELECT min(c.range_start) FROM timescaledb_information.chunks AS c
        WHERE c.hypertable_schema = 'market' AND c.hypertable_name = 'ticks'
          AND EXISTS (SELECT FROM market.ticks AS t WHERE t.ts >= c.range_start AND t.ts < c.range_end)),
      (SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC')
         FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'market.quote_ticks'::regclass AND c.relname ~ '^quote_ticks_[0-9]{8}$')));
    UPDATE market.tick_policy SET dropped_before = greatest(dropped_before, v_before);
    FOR v_old IN
      SELECT c.chunk_schema AS schema, c.chunk_name AS name,
             'ticks_' || to_char(c.range_start AT TIME ZONE 'UTC', 'YYYYMMDD') AS archived, true AS is_chunk
        FROM timescaledb_information.chunks AS c
       WHERE c.hypertable_schema = 'market' AND c.hypertable_name = 'ticks' AND c.range_end <= v_before
      UNION ALL
      SELECT 'market', c.relname, c.relname, false
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'market.quote_ticks'::regclass AND c.relname ~ '^quote_ticks_[0-9]{8}$'
         AND to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' < v_before
       ORDER BY 3
    LOOP
      EXECUTE format('SELECT %L OR EXISTS (SELECT FROM %I.%I)', NOT v_old.is_chunk, v_old.schema, v_old.name)
        INTO v_is_one;
      gone := gone + v_is_one::int;
      IF NOT v_is_one THEN
        CONTINUE;
      ELSIF NOT v_old.is_chunk AND v_policy.archives THEN
        EXECUTE format('ALTER TABLE market.quote_ticks DETACH PARTITION market.%I', v_old.name);
        EXECUTE format('ALTER TABLE market.%I SET SCHEMA archive', v_old.name);
      ELSIF NOT v_old.is_chunk THEN
        EXECUTE format('DROP TABLE market.%I', v_old.name);
      ELSIF v_policy.archives THEN
        -- A plain table again, as a detached partition is.
        EXECUTE format('CREATE TABLE archive.%I (LIKE market.ticks INCLUDING COMMENTS)', v_old.archived);
        EXECUTE format('INSERT INTO archive.%I SELECT * FROM %I.%I AS t ORDER BY t.ts, t.instrument_id, t.seq',
                       v_old.archived, v_old.schema, v_old.name);
        EXECUTE format('COMMENT ON TABLE archive.%I IS %L', v_old.archived,
                       format('Ticks of %s (UTC).',
                              to_char(to_date(right(v_old.archived, 8), 'YYYYMMDD'), 'YYYY-MM-DD')));
      END IF;
    END LOOP;
    PERFORM public.drop_chunks('market.ticks', older_than => v_before);
  END IF;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION market.apply_tick_retention(timestamptz, int) IS
  'Carries out market.tick_policy: makes chunks and partitions ahead, and drops or archives those that are too old, '
  'whose candles stay; of at most max_days days (NULL: all), the oldest first. bourse run calls it at its start and '
  'every hour; so may any job. Error TR104.';
REVOKE ALL ON FUNCTION market.apply_tick_retention(timestamptz, int) FROM PUBLIC;
