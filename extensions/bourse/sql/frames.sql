-- In any frame, each aggregate gives what it gives for the frame's rows alone, with or without an inverse transition.
CREATE FUNCTION frame_differences(call text, frame text, exclusion text DEFAULT '') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_count bigint;
BEGIN
  EXECUTE format($q$
    WITH rows AS (
      SELECT i, CASE WHEN i %% 13 = 5 THEN NULL ELSE open END AS open, high, CASE WHEN i %% 11 = 3 THEN NULL ELSE low END AS low,
             CASE WHEN i %% 17 = 0 THEN NULL ELSE close END AS close, volume
        FROM golden WHERE i < 120),
    windows AS (
      SELECT i, (%1$s OVER (ORDER BY i ROWS BETWEEN %2$s))::text AS value, array_agg(i) OVER (ORDER BY i ROWS BETWEEN %2$s) AS frame
        FROM rows)
    SELECT count(*)
      FROM windows w
     WHERE w.value IS DISTINCT FROM (
       SELECT (%3$s)::text FROM rows WHERE i = ANY (w.frame))
  $q$, call, frame, regexp_replace(call, '\)$', ' ORDER BY i)')) INTO v_count;
  RETURN v_count;
END $$;
SELECT call, frame, frame_differences(call, frame) AS differences
  FROM unnest(ARRAY['ta.mom(close, 3)', 'ta.roc(close, 4)', 'ta.willr(high, low, close, 5)', 'ta.donchian(high, low, 5)',
                    'ta.aroon(high, low, 4)', 'ta.doji(open, high, low, close)', 'ta.hammer(open, high, low, close)',
                    'ta.engulfing(open, high, low, close)', 'ta.morning_star(open, high, low, close)',
                    'ta.evening_star(open, high, low, close)', 'ta.sma(close, 5)', 'ta.ema(close, 3)', 'ta.stdev(close, 5)',
                    'ta.macd(close, 2, 4, 3)', 'ta.obv(close, volume)']) AS call,
       unnest(ARRAY['7 PRECEDING AND CURRENT ROW', '3 PRECEDING AND 2 FOLLOWING', '2 FOLLOWING AND 9 FOLLOWING',
                    'CURRENT ROW AND UNBOUNDED FOLLOWING', '20 PRECEDING AND 25 FOLLOWING EXCLUDE CURRENT ROW']) AS frame
 WHERE frame_differences(call, frame) > 0;
-- The test can fail: the frame matters.
SELECT frame_differences('ta.mom(close, 3)', 'UNBOUNDED PRECEDING AND CURRENT ROW') AS none,
       count(DISTINCT m) > 1 AS frames_differ
  FROM (SELECT ta.obv(close, volume) OVER (ORDER BY i ROWS 3 PRECEDING) - ta.obv(close, volume) OVER (ORDER BY i) AS m FROM golden) AS t;
