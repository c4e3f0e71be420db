-- reads market.corporate_actions, market.instruments, candles; errors TR101, TR103
CREATE OR REPLACE FUNCTION market.adjustment_factors(symbol text)
RETURNS TABLE (from_time timestamptz, until_time timestamptz, price_factor float8, volume_factor float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_instrument_id int := market.instrument_id(adjustment_factors.symbol);
  v_day           record;
  v_close         float8;
  v_price         float8 := 1;
  v_volume        float8 := 1;
  v_until         timestamptz := timestamptz 'infinity';
BEGIN
  FOR v_day IN
    SELECT market.day_start(i.exchange_id, a.ex_date) AS at, sum(a.amount)::float8 AS dividend,
           coalesce(max(a.numerator / a.denominator) FILTER (WHERE a.numerator IS NOT NULL), 1)::float8 AS ratio
      FROM market.corporate_actions AS a
      JOIN market.instruments AS i USING (instrument_id)
     WHERE a.instrument_id = v_instrument_id AND a.kind <> 'symbol_change'
     GROUP BY 1
     ORDER BY 1 DESC
  LOOP
    RETURN QUERY SELECT v_day.at, v_until, v_price, v_volume;
    v_until := v_day.at;
    v_volume := v_volume * v_day.ratio;
    v_price := v_price / v_day.ratio;
    IF v_day.dividend IS NOT NULL THEN
      -- Of the last trading day before, in shares of the ex-date; without one there is nothing to adjust.
      SELECT c.close / v_day.ratio INTO v_close
        FROM market.raw_candles(v_instrument_id, '1 day', v_day.at - interval '30 days', v_day.at) AS c
       ORDER BY c.bucket DESC LIMIT 1;
      IF v_close > v_day.dividend THEN
        v_price := v_price * (1 - v_day.dividend / v_close);
      END IF;
    END IF;
  END LOOP;
  RETURN QUERY SELECT timestamptz '-infinity', v_until, v_price, v_volume WHERE v_instrument_id IS NOT NULL;
END
$$;
COMMENT ON FUNCTION market.adjustment_factors(text) IS
  'By what prices and volumes of each stretch of time are multiplied to be comparable with today''s, latest stretch '
  'first (factor 1): a split of n:d divides prices by n/d and multiplies volumes by it, and so does a bonus by its '
  'numerator and denominator; a dividend D multiplies '
  'earlier prices by 1 − D/C, C being the last close before its ex-date. A symbol change needs none: the instrument '
  'stays the same. Errors TR101, TR103.';
