-- reads market.corporate_actions, market.instruments, candles; errors TR101, TR103
CREATE OR REPLACE FUNCTION market.adjustment_factors(symbol text)
RETURNS TABLE (instrument_id int, from_time timestamptz, until_time timestamptz, price_factor float8, volume_factor float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_stretch record;
  v_day     record;
  v_close   float8;
  v_price   float8 := 1;
  v_volume  float8 := 1;
  v_until   timestamptz;
BEGIN
  FOR v_stretch IN SELECT l.* FROM market.lineage(market.instrument_id(adjustment_factors.symbol)) AS l LOOP
    v_until := v_stretch.until_time;
    FOR v_day IN
      SELECT market.day_start(i.exchange_id, a.ex_date) AS at, sum(a.amount) AS dividend,
             coalesce(max(a.numerator / a.denominator) FILTER (WHERE a.kind = 'split'), 1)::float8 AS ratio
        FROM market.corporate_actions AS a
        JOIN market.instruments AS i USING (instrument_id)
       WHERE a.instrument_id = v_stretch.instrument_id AND a.kind IN ('split', 'dividend')
       GROUP BY 1
      HAVING market.day_start(min(i.exchange_id), min(a.ex_date)) BETWEEN v_stretch.from_time AND v_stretch.until_time
       ORDER BY 1 DESC
    LOOP
      RETURN QUERY SELECT v_stretch.instrument_id, v_day.at, v_until, v_price, v_volume WHERE v_day.at < v_until;
      v_until := v_day.at;
      v_volume := v_volume * v_day.ratio;
      v_price := v_price / v_day.ratio;
      IF v_day.dividend IS NOT NULL THEN
        -- Of the last trading day before, in shares of the ex-date; without one there is nothing to adjust.
        SELECT c.close / v_day.ratio INTO v_close
          FROM market.lineage(v_stretch.instrument_id) AS l
          CROSS JOIN LATERAL market.raw_candles(l.instrument_id, '1 day', greatest(l.from_time, v_day.at - interval '30 days'), least(l.until_time, v_day.at)) AS c
         ORDER BY c.bucket DESC LIMIT 1;
        IF v_close > v_day.dividend::float8 THEN
          v_price := v_price * (1 - v_day.dividend::float8 / v_close);
        END IF;
      END IF;
    END LOOP;
    RETURN QUERY SELECT v_stretch.instrument_id, v_stretch.from_time, v_until, v_price, v_volume WHERE v_stretch.from_time < v_until;
  END LOOP;
END
$$;
COMMENT ON FUNCTION market.adjustment_factors(text) IS
  'By what prices and volumes of each stretch of time are multiplied to be comparable with today''s, latest stretch first (factor 1): a split of n:d divides prices by n/d and multiplies volumes by it, a dividend D multiplies earlier prices by 1 − D/C, C being the last close before its ex-date. Errors TR101, TR103.';
