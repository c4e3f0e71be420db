-- reads market.bars, market.instruments; errors TR530
CREATE OR REPLACE FUNCTION internal.backtest_resolution(
  p_settings jsonb, p_length interval, p_traded int[], p_from timestamptz, p_until timestamptz)
RETURNS interval
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_wanted interval := (p_settings ->> 'resolution')::interval;
  v_unit   interval := CASE WHEN p_length >= interval '1 day' AND date_trunc('day', p_length) = p_length
                            THEN interval '1 day' ELSE p_length END;
BEGIN
  IF p_settings ->> 'fill' = 'tick' THEN
    IF v_wanted IS NOT NULL THEN
      RAISE EXCEPTION 'a backtest on ticks has no bars'
        USING ERRCODE = 'TR530', DETAIL = format('fill is tick, resolution is %s.', v_wanted),
              HINT = 'Leave the resolution out.';
    END IF;
    RETURN NULL;
  END IF;
  IF v_wanted IS NULL THEN
    -- Of the lengths that all of them have bars of: the strategy's, else the finest.
    WITH RECURSIVE known AS (
      SELECT t.id, (SELECT min(b.resolution) FROM market.bars AS b WHERE b.instrument_id = t.id) AS resolution
        FROM unnest(p_traded) AS t (id)
      UNION ALL
      SELECT k.id, (SELECT min(b.resolution) FROM market.bars AS b
                     WHERE b.instrument_id = k.id AND b.resolution > k.resolution)
        FROM known AS k WHERE k.resolution IS NOT NULL
    )
    SELECT k.resolution INTO v_wanted
      FROM known AS k
     WHERE (k.resolution = p_length OR k.resolution <= v_unit
            AND mod(extract(epoch FROM v_unit), extract(epoch FROM k.resolution)) = 0)
       AND EXISTS (SELECT FROM market.bars AS b
                    WHERE b.instrument_id = k.id AND b.resolution = k.resolution AND b.ts > p_from - interval '1 day'
                      AND b.ts < p_until)
     GROUP BY k.resolution HAVING count(*) = cardinality(p_traded)
     ORDER BY k.resolution <> p_length, k.resolution LIMIT 1;
    RETURN coalesce(v_wanted, p_length);
  END IF;
  IF v_wanted <> p_length
     AND (v_wanted > v_unit OR mod(extract(epoch FROM v_unit), extract(epoch FROM v_wanted)) <> 0) THEN
    RAISE EXCEPTION 'candles of this strategy are not made of such bars'
      USING ERRCODE = 'TR530', DETAIL = format('Its timeframe is %s, the resolution %s.', p_length, v_wanted),
            HINT = 'Bars have to divide the candles, or their days.';
  END IF;
  IF v_wanted <> p_length AND p_settings ->> 'fill' = 'close' THEN
    RAISE EXCEPTION 'fills at the close are on bars as long as the candles'
      USING ERRCODE = 'TR530', DETAIL = format('The timeframe is %s, the resolution %s.', p_length, v_wanted),
            HINT = 'Leave the resolution out, or choose the fill next_open.';
  END IF;
  RETURN v_wanted;
END
$$;
COMMENT ON FUNCTION internal.backtest_resolution(jsonb, interval, int[], timestamptz, timestamptz) IS
  'The length of the bars that a backtest is fed with: by its settings; else of the strategy''s candles, where all '
  'that it trades have such bars, and else the finest that divide them. NULL: it is on ticks. Error TR530.';
