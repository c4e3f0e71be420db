-- reads market.bars, market.instruments, market.exchanges, market.sessions, market.holidays; errors TR540
CREATE OR REPLACE FUNCTION internal.walk_forward_windows(
  p_walk_forward jsonb, p_from timestamptz, p_until timestamptz, p_resolution interval)
RETURNS TABLE (window_no int, from_time timestamptz, until_time timestamptz, test_from timestamptz,
               test_until timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_length  constant text := '^("(0|[1-9][0-9]{0,5} ?(minute|hour|day|week|month|year)s?)"|0)$';
  v_fault   text;
  v_lengths record;
  v_begin   timestamp := p_from AT TIME ZONE 'UTC';
  v_split   timestamptz;
  -- So long before it ends a bar may begin.
  v_reach   interval := CASE WHEN p_resolution < interval '1 day' THEN p_resolution
                             ELSE p_resolution + interval '2 days' END;
BEGIN
  IF p_walk_forward IS NULL THEN
    RETURN QUERY SELECT 1, p_from, p_until, NULL::timestamptz, NULL::timestamptz;
    RETURN;
  END IF;
  SELECT string_agg(e.key, ', ' ORDER BY e.key) INTO v_fault
    FROM jsonb_each(CASE jsonb_typeof(p_walk_forward) WHEN 'object' THEN p_walk_forward ELSE '{"it": 0}' END) AS e
   WHERE (CASE WHEN e.key = 'kind' THEN e.value IN ('"rolling"', '"anchored"')
               WHEN e.key IN ('train', 'test') THEN e.value::text ~ v_length AND e.value NOT IN ('"0"', '0')
               WHEN e.key IN ('purge', 'embargo') THEN e.value::text ~ v_length END) IS NOT TRUE;
  IF v_fault IS NOT NULL OR NOT p_walk_forward ?& '{train,test}' THEN
    RAISE EXCEPTION 'an optimization cannot walk forward like this: %', coalesce(left(v_fault, 100), 'train and test')
      USING ERRCODE = 'TR540', DETAIL = format('It is %s.', left(p_walk_forward::text, 200)),
            HINT = 'Such as {"kind": "rolling", "train": "2 years", "test": "6 months", "purge": "1 day", "embargo": '
                   '"0"}; kind is rolling or anchored.';
  END IF;
  SELECT (p_walk_forward ->> 'train')::interval AS train, (p_walk_forward ->> 'test')::interval AS test,
         coalesce(p_walk_forward ->> 'purge', '0')::interval AS purge,
         coalesce(p_walk_forward ->> 'embargo', '0')::interval AS embargo INTO v_lengths;
  window_no := 0;
  LOOP
    v_split := (v_begin + window_no * v_lengths.test + v_lengths.train) AT TIME ZONE 'UTC';
    from_time := CASE p_walk_forward ->> 'kind' WHEN 'anchored' THEN p_from
                      ELSE (v_begin + window_no * v_lengths.test) AT TIME ZONE 'UTC' END;
    window_no := window_no + 1;
    until_time := ((v_split AT TIME ZONE 'UTC') - v_lengths.purge) AT TIME ZONE 'UTC';
    test_from := ((v_split AT TIME ZONE 'UTC') + v_lengths.embargo) AT TIME ZONE 'UTC';
    test_until := least(((v_split AT TIME ZONE 'UTC') + v_lengths.test) AT TIME ZONE 'UTC', p_until);
    EXIT WHEN test_from >= p_until;
    -- A bar that is open at the end of the sample closes behind it: it is left out.
    until_time := coalesce((
      SELECT min(b.opens_at)
        FROM market.bar_events(
               p_resolution,
               ARRAY(SELECT DISTINCT n.instrument_id FROM market.bars AS n
                      WHERE n.resolution = p_resolution AND n.ts > until_time - v_reach
                        AND n.ts < until_time),
               until_time - v_reach, until_time) AS b
       WHERE b.opens_at < until_time AND b.closes_at > until_time), until_time);
    IF window_no > 1000 OR until_time <= from_time OR test_from >= test_until THEN
      RAISE EXCEPTION 'the windows of the walk-forward make no sense'
        USING ERRCODE = 'TR540',
              DETAIL = format('Window %s is chosen from %s until %s, and tried from %s until %s.', window_no,
                              from_time, until_time, test_from, test_until),
              HINT = 'train is longer than purge and test than embargo; 1,000 windows are the most.';
    END IF;
    RETURN NEXT;
  END LOOP;
  IF window_no = 1 THEN
    RAISE EXCEPTION 'the time is too short to walk forward'
      USING ERRCODE = 'TR540',
            DETAIL = format('It goes from %s until %s; the first test would begin at %s.', p_from, p_until, test_from),
            HINT = 'Choose a longer time, or shorter windows.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.walk_forward_windows(jsonb, timestamptz, timestamptz, interval) IS
  'The windows of a walk-forward, by its settings: each test begins where the one before ended, and values for it are '
  'chosen in the time before, which ends purge earlier, and before any bar (of p_resolution; NULL: ticks) that closes '
  'later; the test begins embargo later. Months and days are those of UTC. NULL: one window without a test. Error '
  'TR540.';
