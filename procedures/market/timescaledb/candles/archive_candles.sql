-- refreshes market.history_1m and the like; writes market.candle_store, market.archived_days, in many transactions
CREATE OR REPLACE PROCEDURE market.archive_candles(job_id int DEFAULT NULL, config jsonb DEFAULT NULL)
LANGUAGE plpgsql SECURITY INVOKER
AS $$
DECLARE
  v_keep  constant interval := coalesce(archive_candles.config->>'keep', '2 days')::interval;
  v_month record;
  v_day   record;
BEGIN
  PERFORM internal.roll_candles(NULL);
  COMMIT;
  -- Of these days nothing longer is to be made of shorter candles any more.
  FOR v_month IN
    SELECT min(d.day) AS from_time, max(d.day) + interval '1 day' AS until_time,
           array_agg(d.instrument_id ORDER BY d.day, d.instrument_id) AS ids,
           array_agg(d.day ORDER BY d.day, d.instrument_id) AS days
      FROM (SELECT DISTINCT s.instrument_id, date_bin('1 day', s.bucket, '2000-01-01Z') AS day
              FROM market.tick_policy AS p
              CROSS JOIN market.candle_marks AS m
              JOIN market.candle_store AS s ON s.instrument_id = m.instrument_id AND s.minutes = 1
               -- Where ticks were dropped a refresh would take the candles away.
               AND s.bucket >= p.dropped_before
               AND s.bucket < date_bin('1 day', least(m.rolled_1d, m.rolled_1h, m.rolled_15m, m.rolled_5m - v_keep),
                                       '2000-01-01Z')) AS d
     GROUP BY date_bin('30 days', d.day, '2000-01-01Z') ORDER BY 1
  LOOP
    CALL public.refresh_continuous_aggregate('market.history_1m', v_month.from_time, v_month.until_time);
    CALL public.refresh_continuous_aggregate('market.history_5m', v_month.from_time, v_month.until_time);
    CALL public.refresh_continuous_aggregate('market.history_15m', v_month.from_time, v_month.until_time);
    FOR v_day IN SELECT * FROM unnest(v_month.ids, v_month.days) AS d (instrument_id, day) LOOP
      FOR v_attempt IN 1..100 LOOP
        EXIT WHEN internal.archive_day(v_day.instrument_id, v_day.day) IS NOT NULL;
        COMMIT;
        PERFORM pg_sleep(0.01);
      END LOOP;
      COMMIT;
    END LOOP;
  END LOOP;
END
$$;
COMMENT ON PROCEDURE market.archive_candles(int, jsonb) IS
  'Refreshes the continuous aggregates and leaves candles to them that are older than two days before the newest of '
  'their instrument (config: {"keep": "2 days"}). The scheduler of TimescaleDB calls it every hour. Readers see the '
  'same candles before and after, but for the last digits of vwap of 5 and 15 minutes, which are sums in another '
  'order.';
REVOKE ALL ON PROCEDURE market.archive_candles(int, jsonb) FROM PUBLIC;
