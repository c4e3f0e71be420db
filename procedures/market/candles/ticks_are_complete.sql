-- reads market.candle_rows, market.tick_coverage, market.instruments, market.exchanges, market.sessions,
-- market.holidays
CREATE OR REPLACE FUNCTION market.ticks_are_complete(
  p_instrument_id int, p_from timestamptz, p_until timestamptz, p_high float8, p_low float8, p_volume float8)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- A session's first and last trade may come a little after its open and before its close.
  c_margin CONSTANT interval := interval '5 minutes';
  v_exchange_id int;
  v_zone     text;
  v_ticks    record;
  v_days     record;
  v_hours    record;
  v_is_begun boolean;
  v_is_ended boolean;
BEGIN
  SELECT max(s.high) AS high, min(s.low) AS low, sum(s.volume) AS volume, min(s.first_ts) AS first_ts,
         max(s.last_ts) AS last_ts
    INTO v_ticks
    FROM market.candle_rows AS s
   WHERE s.instrument_id = p_instrument_id AND s.minutes = 1 AND s.bucket >= p_from AND s.bucket < p_until;
  IF v_ticks.volume IS NULL THEN
    RETURN false;
  END IF;
  IF EXISTS (SELECT FROM market.tick_coverage AS c WHERE c.instrument_id = p_instrument_id) THEN
    SELECT bool_and(c.is_complete) AS are_complete, count(c.day) = max(d.last_day) - min(d.first_day) + 1 AS are_all
      INTO v_days
      FROM market.instruments AS i
      CROSS JOIN LATERAL (
        SELECT market.trading_day(i.exchange_id, p_from) AS first_day,
               market.trading_day(i.exchange_id, p_until - interval '1 microsecond') AS last_day) AS d
      LEFT JOIN market.tick_coverage AS c
        ON c.instrument_id = i.instrument_id AND c.day BETWEEN d.first_day AND d.last_day
     WHERE i.instrument_id = p_instrument_id;
    IF NOT v_days.are_complete OR v_days.are_all THEN
      RETURN v_days.are_complete;
    END IF;
  END IF;
  IF p_volume > 0 AND v_ticks.volume >= p_volume AND v_ticks.high >= p_high AND v_ticks.low <= p_low THEN
    RETURN true;
  ELSIF v_ticks.volume < p_volume / 2 THEN
    RETURN false;
  END IF;
  -- In the middle of a stream of ticks nothing more need be known.
  v_is_begun := EXISTS (SELECT FROM market.candle_rows AS s
                         WHERE s.instrument_id = p_instrument_id AND s.minutes = 1 AND s.bucket >= p_from - c_margin
                           AND s.bucket < p_from);
  v_is_ended := EXISTS (SELECT FROM market.candle_rows AS s
                         WHERE s.instrument_id = p_instrument_id AND s.minutes = 1 AND s.bucket >= p_until
                           AND s.bucket < p_until + c_margin);
  IF v_is_begun AND v_is_ended THEN
    RETURN true;
  END IF;
  SELECT i.exchange_id, e.time_zone INTO v_exchange_id, v_zone
    FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.instrument_id = p_instrument_id;
  SELECT min(b.opens_at) AS opens_at, max(b.closes_at) AS closes_at INTO v_hours
    FROM generate_series((p_from AT TIME ZONE v_zone)::date - 1, (p_until AT TIME ZONE v_zone)::date,
                         interval '1 day') AS d
    CROSS JOIN LATERAL market.session_bounds(v_exchange_id, d::date) AS b
   WHERE b.closes_at > p_from AND b.opens_at < p_until;
  -- Without sessions a day lasts from one midnight to the next.
  v_hours.opens_at := coalesce(v_hours.opens_at,
                                market.day_start(v_exchange_id, market.trading_day(v_exchange_id, p_from)));
  v_hours.closes_at := coalesce(v_hours.closes_at, market.day_start(
    v_exchange_id, market.trading_day(v_exchange_id, p_until - interval '1 microsecond') + 1));
  RETURN (v_is_begun OR v_hours.opens_at >= p_from - c_margin AND v_ticks.first_ts <= v_hours.opens_at + c_margin)
     AND (v_is_ended OR v_hours.closes_at <= p_until + c_margin AND v_ticks.last_ts >= v_hours.closes_at - c_margin);
END
$$;
COMMENT ON FUNCTION market.ticks_are_complete(int, timestamptz, timestamptz, float8, float8, float8) IS
  'Whether the ticks of a span count before a vendor''s bar of it with this high, low and volume: because somebody '
  'says so of its trading days (market.tick_coverage); because they have all that the bar has; or because they have at '
  'least half of its volume and go on from five minutes before it, or its first open, to five minutes after it, or its '
  'last close.';
