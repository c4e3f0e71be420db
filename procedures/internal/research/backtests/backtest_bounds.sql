-- reads market.bars, market.ticks, market.exchanges, market.instruments; errors TR530
CREATE OR REPLACE FUNCTION internal.backtest_bounds(
  p_is_tick boolean, p_bars interval, p_traded int[], p_from timestamptz, p_until timestamptz, p_series jsonb,
  OUT begins_at timestamptz, OUT ends_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_without text;
  v_first   timestamptz;
BEGIN
  SELECT i.symbol INTO v_without
    FROM market.instruments AS i
   WHERE i.instrument_id = ANY (p_traded)
     AND NOT CASE WHEN p_is_tick
                  THEN EXISTS (SELECT FROM market.ticks AS t
                                WHERE t.instrument_id = i.instrument_id AND t.ts >= p_from AND t.ts < p_until)
                  ELSE EXISTS (SELECT FROM market.bars AS b
                                WHERE b.instrument_id = i.instrument_id AND b.resolution = p_bars
                                  AND b.ts > p_from - interval '1 day' AND b.ts < p_until) END
   ORDER BY 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a backtest of % has no data', v_without
      USING ERRCODE = 'TR530',
            DETAIL = format('There are no %s of it from %s until %s.',
                            CASE WHEN p_is_tick THEN 'ticks' ELSE format('bars of %s', p_bars) END, p_from,
                            p_until),
            HINT = 'Import them (bourse import), choose other times, or run it on ticks ({"fill": "tick"}).';
  END IF;
  IF p_is_tick THEN
    -- Where the longest candle begins that is forming then: what was complete before is shown as candles.
    SELECT min(CASE WHEN s.length = interval '0' THEN p_from
                    ELSE market.any_bucket(p_from, s.length, e.time_zone, e.day_starts, e.grid_starts) END)
      INTO begins_at
      FROM jsonb_to_recordset(p_series) AS s (exchange_id int, length interval)
      JOIN market.exchanges AS e USING (exchange_id);
    SELECT max(l.ts) INTO ends_at
      FROM unnest(p_traded) AS i (id)
      CROSS JOIN LATERAL (
        SELECT max(t.ts) AS ts
          FROM market.ticks AS t WHERE t.instrument_id = i.id AND t.ts >= p_from AND t.ts < p_until) AS l;
  ELSE
    -- Of one instrument the index has the first and the last.
    SELECT min(l.first), max(l.last) + p_bars + interval '2 days' INTO v_first, ends_at
      FROM unnest(p_traded) AS i (id)
      CROSS JOIN LATERAL (
        SELECT min(b.ts) AS first, max(b.ts) AS last
          FROM market.bars AS b
         WHERE b.instrument_id = i.id AND b.resolution = p_bars AND b.ts > p_from - interval '1 day'
           AND b.ts < p_until) AS l;
    -- As many bars of before as warm the rules up, from the beginning of a candle on.
    SELECT least(greatest(p_from, v_first),
                 min(CASE WHEN s.length = p_bars THEN w.ts
                          ELSE market.any_bucket(w.ts, s.length, e.time_zone, e.day_starts, e.grid_starts) END))
      INTO begins_at
      FROM jsonb_to_recordset(p_series) AS s (exchange_id int, source_id int, length interval, candles int)
      JOIN market.exchanges AS e USING (exchange_id)
      CROSS JOIN LATERAL (
        SELECT min(n.ts) AS ts
          FROM (SELECT b.ts FROM market.bars AS b
                 WHERE b.instrument_id = s.source_id AND b.resolution = p_bars AND b.ts < p_from
                 ORDER BY b.ts DESC
                 LIMIT least(s.candles::float8 * greatest(1, ceil(extract(epoch FROM s.length)
                                                                  / extract(epoch FROM p_bars))), 1e7)::bigint
               ) AS n) AS w;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.backtest_bounds(boolean, interval, int[], timestamptz, timestamptz, jsonb) IS
  'Where the events (ticks, or bars of p_bars) of a backtest begin, the past that warms its rules up included, '
  'and a time behind the last one. Error TR530.';
