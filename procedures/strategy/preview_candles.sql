-- reads candles, market.ticks, market.instruments, market.exchanges, market.sessions, market.holidays, research.models,
-- research.predictions; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION strategy.preview_candles(
  p_symbol text, p_timeframe interval, p_report jsonb, p_from timestamptz, p_until timestamptz, p_at timestamptz)
RETURNS TABLE (series int, bucket timestamptz, closes_at timestamptz, open float8, high float8, low float8,
               close float8, volume float8, minutes float8, weekday int, opens_at timestamptz, ends_at timestamptz,
               predictions float8[])
LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_instrument_id int := market.instrument_id(p_symbol);
  v_models        jsonb := nullif(p_report -> 'predictions', '[]');
  v_begin         timestamptz := strategy.warm_up_from(v_instrument_id, p_timeframe, p_from,
                                                       (p_report #>> '{series,0,candles}')::int);
BEGIN
  RETURN QUERY
    WITH listed AS MATERIALIZED (
      SELECT s.place::int - 1 AS series, i.instrument_id, x.exchange_id, x.time_zone,
             coalesce((s.entry ->> 'length')::interval, p_timeframe) AS length, (s.entry ->> 'candles')::int AS candles,
             (s.entry ->> 'needs_clock')::boolean AS needs_clock
        FROM jsonb_array_elements(p_report -> 'series') WITH ORDINALITY AS s (entry, place)
        JOIN market.instruments AS i
          ON i.instrument_id = coalesce(market.instrument_id(s.entry ->> 'symbol'), v_instrument_id)
        JOIN market.exchanges AS x USING (exchange_id)
    ), own AS MATERIALIZED (
      SELECT c.* FROM strategy.closed_candles(v_instrument_id, p_timeframe, v_begin, p_until) AS c
       WHERE c.closes_at <= p_at
    ), seen AS MATERIALIZED (
      SELECT c.*, l.exchange_id, l.needs_clock, c.closes_at AT TIME ZONE l.time_zone AS local,
             (c.closes_at AT TIME ZONE l.time_zone)::date AS day
        FROM (SELECT 0 AS series, o.* FROM own AS o
              UNION ALL
              SELECT l.series, c.*
                FROM listed AS l
                CROSS JOIN LATERAL strategy.closed_candles(
                  l.instrument_id, l.length, strategy.warm_up_from(l.instrument_id, l.length, v_begin, l.candles + 1),
                  p_until) AS c
               WHERE l.series > 0 AND c.closes_at <= (SELECT max(o.closes_at) FROM own AS o)) AS c
        JOIN listed AS l USING (series)
    ), sessions AS MATERIALIZED (
      SELECT s.exchange_id, d::date AS day, b.*
        FROM (SELECT e.exchange_id, min(e.day) AS first, max(e.day) AS last
                FROM seen AS e WHERE e.needs_clock GROUP BY e.exchange_id) AS s
        CROSS JOIN LATERAL generate_series(s.first - 1, s.last, interval '1 day') AS d
        CROSS JOIN LATERAL market.session_bounds(s.exchange_id, d::date) AS b
    )
    SELECT e.series, e.bucket, e.closes_at, e.open, e.high, e.low, e.close, e.volume,
           (extract(epoch FROM e.local - e.day) / 60)::float8, extract(isodow FROM e.day)::int,
           coalesce(s.opens_at, y.opens_at, '-infinity'), coalesce(s.closes_at, y.closes_at, '-infinity'),
           CASE WHEN e.series = 0 THEN strategy.predictions_at(v_instrument_id, e.closes_at, v_models)
                WHEN v_models IS NOT NULL THEN array_fill(float8 'NaN', ARRAY[jsonb_array_length(v_models)]) END
      FROM seen AS e
      -- A session may go on beyond midnight.
      LEFT JOIN sessions AS s ON s.exchange_id = e.exchange_id AND s.day = e.day AND e.closes_at > s.opens_at
                             AND e.closes_at <= s.closes_at
      LEFT JOIN sessions AS y ON y.exchange_id = e.exchange_id AND y.day = e.day - 1 AND e.closes_at > y.opens_at
                             AND e.closes_at <= y.closes_at
     ORDER BY e.closes_at, e.series = 0, e.series, e.bucket, e.seq;
END
$$;
COMMENT ON FUNCTION strategy.preview_candles(text, interval, jsonb, timestamptz, timestamptz, timestamptz) IS
  'What a preview of a strategy looks at, in order: candles of the instrument (series 0) that begin from one time to '
  'another and close by p_at, and of all other series that the report of its check names, with as many before as it '
  'asks for. closes_at: when the candle is seen. minutes since midnight, weekday (1 Monday) and the session say what '
  'its exchange''s clock shows then; opens_at and ends_at are -infinity outside of sessions, and where the strategy '
  'does not look at the clock. predictions: the latest ones of the models, NaN when there is none; NULL when it reads '
  'no models. Errors TR101, TR103, TR104.';
