-- creates, drops and detaches partitions of market.ticks and market.quote_ticks; writes market.tick_policy
-- locks: the advisory lock of ensure_tick_partitions, then both tables until commit; errors TR104
CREATE OR REPLACE FUNCTION market.apply_tick_retention(at timestamptz DEFAULT now(), max_days int DEFAULT NULL)
RETURNS TABLE (made int, gone int)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_policy market.tick_policy;
  v_today  date := (apply_tick_retention.at AT TIME ZONE 'UTC')::date;
  v_first  date;
  v_name   text;
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
  v_first := v_today - v_policy.keep_days;
  IF v_first IS NOT NULL THEN
    -- The oldest go first, so that one time divides what is gone from what is kept.
    v_first := least(v_first, (
      SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD')) + max_days
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid = i.inhrelid
       WHERE i.inhparent IN ('market.ticks'::regclass, 'market.quote_ticks'::regclass)
         AND c.relname ~ '^(quote_)?ticks_[0-9]{8}$'));
    UPDATE market.tick_policy SET dropped_before = greatest(dropped_before, v_first::timestamp AT TIME ZONE 'UTC');
    FOR v_name IN
      SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
       WHERE i.inhparent IN ('market.ticks'::regclass, 'market.quote_ticks'::regclass)
         AND c.relname ~ '^(quote_)?ticks_[0-9]{8}$'
         AND to_date(right(c.relname, 8), 'YYYYMMDD') < v_first
       ORDER BY c.relname
    LOOP
      IF v_policy.archives THEN
        EXECUTE format('ALTER TABLE market.%I DETACH PARTITION market.%I', regexp_replace(v_name, '_[0-9]{8}$', ''),
                       v_name);
        EXECUTE format('ALTER TABLE market.%I SET SCHEMA archive', v_name);
      ELSE
        EXECUTE format('DROP TABLE market.%I', v_name);
      END IF;
      gone := gone + 1;
    END LOOP;
  END IF;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION market.apply_tick_retention(timestamptz, int) IS
  'Carries out market.tick_policy: makes partitions ahead, and drops or archives those that are too old, whose candles '
  'stay; of at most max_days days (NULL: all), the oldest first. bourse run calls it at its start and every hour; so '
  'may any job. Error TR104.';
REVOKE ALL ON FUNCTION market.apply_tick_retention(timestamptz, int) FROM PUBLIC;
