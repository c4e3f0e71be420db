-- In the place of ticks/ensure_tick_partitions.sql: creates chunks of market.ticks and partitions of
-- market.quote_ticks; locks: an advisory lock, so that two loaders do not create the same day; errors TR104
CREATE OR REPLACE FUNCTION market.ensure_tick_partitions(from_day date, until_day date)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day   date := ensure_tick_partitions.from_day;
  v_from  timestamptz;
  v_until timestamptz;
  v_made  int := 0;
  v_name  text;
BEGIN
  IF (from_day BETWEEN date '1900-01-01' AND date '2199-12-31'
      AND until_day BETWEEN date '1900-01-01' AND date '2199-12-31'
      AND until_day - from_day BETWEEN 0 AND 3660) IS NOT TRUE THEN
    RAISE EXCEPTION 'tick partitions are made for at most ten years at once, from 1900 until 2199'
      USING ERRCODE = 'TR104', DETAIL = format('From %s until %s.', from_day, until_day),
            HINT = 'Load the data in pieces.';
  END IF;
  PERFORM pg_advisory_xact_lock(1114599796, 1);
  -- Looked up as rows below: a name that was looked up before the wait would still be unknown.
  WHILE v_day <= until_day LOOP
    v_from := v_day::timestamp AT TIME ZONE 'UTC';
    v_until := (v_day + 1)::timestamp AT TIME ZONE 'UTC';
    v_name := 'quote_ticks_' || to_char(v_day, 'YYYYMMDD');
    IF NOT EXISTS (SELECT FROM pg_class AS c WHERE c.relname = v_name AND c.relnamespace = 'market'::regnamespace)
       AND NOT EXISTS (SELECT FROM market.quote_ticks_default AS t WHERE t.ts >= v_from AND t.ts < v_until) THEN
      EXECUTE format('CREATE TABLE market.%I PARTITION OF market.quote_ticks FOR VALUES FROM (%L) TO (%L)', v_name,
                     to_char(v_day, 'YYYY-MM-DD') || ' 00:00:00+00',
                     to_char(v_day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
      EXECUTE format('COMMENT ON TABLE market.%I IS %L', v_name,
                     format('Quotes of %s (UTC).', to_char(v_day, 'YYYY-MM-DD')));
      EXECUTE format('GRANT INSERT ON market.%I TO bourse_runner, bourse_admin', v_name);
      EXECUTE format('GRANT SELECT ON market.%I TO bourse_admin', v_name);
    END IF;
    IF market.tick_target(v_day) IS NULL THEN
      PERFORM _timescaledb_functions.create_chunk('market.ticks', jsonb_build_object('ts', jsonb_build_array(
        extract(epoch FROM v_from)::bigint * 1000000, extract(epoch FROM v_until)::bigint * 1000000)));
      v_made := v_made + 1;
    END IF;
    v_day := v_day + 1;
  END LOOP;
  RETURN v_made;
END
$$;
COMMENT ON FUNCTION market.ensure_tick_partitions(date, date) IS
  'Makes the daily (UTC) chunks of ticks and partitions of quotes from the first day to the last, both included, and '
  'returns how many days of ticks were new. Error TR104.';
REVOKE ALL ON FUNCTION market.ensure_tick_partitions(date, date) FROM PUBLIC;
