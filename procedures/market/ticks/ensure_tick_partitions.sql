-- creates partitions of market.ticks and market.quote_ticks; locks: an advisory lock, so that two loaders do not create
-- the same day; errors TR104
CREATE OR REPLACE FUNCTION market.ensure_tick_partitions(from_day date, until_day date)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day   date := ensure_tick_partitions.from_day;
  v_made  int := 0;
  v_table text;
  v_name  text;
  v_is_free boolean;
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
    FOREACH v_table IN ARRAY '{quote_ticks,ticks}'::text[] LOOP
      v_name := v_table || '_' || to_char(v_day, 'YYYYMMDD');
      IF NOT EXISTS (SELECT FROM pg_class AS c
                      WHERE c.relname = v_name AND c.relnamespace = 'market'::regnamespace) THEN
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM market.%I AS t WHERE t.ts >= $1 AND t.ts < $2)',
                       v_table || '_default')
          INTO v_is_free USING v_day::timestamp AT TIME ZONE 'UTC', (v_day + 1)::timestamp AT TIME ZONE 'UTC';
        IF v_is_free THEN
          EXECUTE format('CREATE TABLE market.%I PARTITION OF market.%I FOR VALUES FROM (%L) TO (%L)', v_name, v_table,
                         to_char(v_day, 'YYYY-MM-DD') || ' 00:00:00+00',
                         to_char(v_day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
          EXECUTE format('COMMENT ON TABLE market.%I IS %L', v_name,
                         format(CASE v_table WHEN 'ticks' THEN 'Ticks of %s (UTC).' ELSE 'Quotes of %s (UTC).' END,
                                to_char(v_day, 'YYYY-MM-DD')));
          -- Who copies straight into the day has looked at each tick itself; who dumps it locks each table.
          EXECUTE format('GRANT INSERT ON market.%I TO bourse_runner, bourse_admin', v_name);
          EXECUTE format('GRANT SELECT ON market.%I TO bourse_admin', v_name);
          v_made := v_made + (v_table = 'ticks')::int;
        END IF;
      END IF;
    END LOOP;
    v_day := v_day + 1;
  END LOOP;
  RETURN v_made;
END
$$;
COMMENT ON FUNCTION market.ensure_tick_partitions(date, date) IS
  'Makes the daily (UTC) partitions of ticks and quotes from the first day to the last, both included, and returns how '
  'many days of ticks were new. A day whose ticks already lie in the default partition stays there. Error TR104.';
REVOKE ALL ON FUNCTION market.ensure_tick_partitions(date, date) FROM PUBLIC;
