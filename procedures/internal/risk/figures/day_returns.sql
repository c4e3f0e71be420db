-- reads market.bars, market.ticks, market.instruments, market.exchanges, market.corporate_actions
CREATE OR REPLACE FUNCTION internal.day_returns(p_instrument_id int, p_at timestamptz)
RETURNS TABLE (day date, return float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_zone  text := (SELECT e.time_zone
                     FROM market.instruments AS i
                     JOIN market.exchanges AS e USING (exchange_id)
                    WHERE i.instrument_id = p_instrument_id);
  v_today timestamptz := date_trunc('day', p_at AT TIME ZONE v_zone) AT TIME ZONE v_zone;
BEGIN
  -- Only days that were over at that time. Returns over a split that the prices do not show are left out.
  RETURN QUERY
    SELECT r.day, r.return
      FROM (
        SELECT c.day, c.close / lag(c.close) OVER (ORDER BY c.day) - 1 AS return
          FROM (
            SELECT * FROM (
              SELECT (b.ts AT TIME ZONE v_zone)::date AS day, coalesce(b.adjusted_close, b.close) AS close
                FROM market.bars AS b
               WHERE b.instrument_id = p_instrument_id AND b.resolution = interval '1 day' AND b.ts < v_today
               ORDER BY b.ts DESC
               LIMIT 61) AS bars
            UNION ALL
            -- Without imported bars the last tick of each day.
            SELECT d.day::date, t.price
              FROM generate_series(v_today AT TIME ZONE v_zone - interval '90 days',
                                   v_today AT TIME ZONE v_zone - interval '1 day', interval '1 day') AS d (day)
              CROSS JOIN LATERAL (
                SELECT k.price FROM market.ticks AS k
                 WHERE k.instrument_id = p_instrument_id AND k.ts >= d.day AT TIME ZONE v_zone
                   AND k.ts < (d.day + interval '1 day') AT TIME ZONE v_zone AND NOT k.suspicious
                 ORDER BY k.ts DESC, k.seq DESC LIMIT 1) AS t
             WHERE NOT EXISTS (SELECT FROM market.bars AS b
                                WHERE b.instrument_id = p_instrument_id AND b.resolution = interval '1 day'
                                  AND b.ts < v_today)) AS c) AS r
     WHERE r.return IS NOT NULL
       AND NOT EXISTS (SELECT FROM market.corporate_actions AS a
                        WHERE a.instrument_id = p_instrument_id AND a.numerator IS NOT NULL AND a.ex_date = r.day)
     ORDER BY r.day DESC LIMIT 60;
END
$$;
COMMENT ON FUNCTION internal.day_returns(int, timestamptz) IS
  'Returns of the last up to 60 trading days that were over at a time: from imported day bars, or else from the last '
  'tick of each day.';
