-- reads candles, market.bars, market.instruments, market.corporate_actions, ops.events, research.models,
-- research.predictions; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION internal.lookahead_data(
  p_symbol text, p_length interval, p_from timestamptz, p_until timestamptz, p_report jsonb)
RETURNS TABLE (kind text, symbol text, moment timestamptz, seen text, otherwise text, finding text)
LANGUAGE sql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
  WITH traded AS MATERIALIZED (
    SELECT i.* FROM market.instruments AS i WHERE i.instrument_id = market.instrument_id(p_symbol)
  ), looked_at AS MATERIALIZED (
    SELECT DISTINCT i.instrument_id, i.exchange_id, i.symbol, i.tick_size
      FROM jsonb_array_elements(p_report -> 'series') AS s (entry)
      JOIN market.instruments AS i
        ON i.instrument_id = market.instrument_id(coalesce(s.entry ->> 'symbol', p_symbol))
  ), candles AS MATERIALIZED (
    SELECT i.*, c.bucket, c.open, c.close
      FROM looked_at AS i CROSS JOIN LATERAL strategy.closed_candles(i.instrument_id, p_length, p_from, p_until) AS c
  ), late AS (
    SELECT m.name, p.at, p.value, p.recorded_at, count(*) OVER w AS late_count, row_number() OVER w AS place,
           (SELECT count(*) FROM research.predictions AS n
             WHERE n.model_id = p.model_id AND n.instrument_id = p.instrument_id AND n.at >= p_from AND n.at < p_until)
             AS all_count,
           (SELECT n.value FROM research.predictions AS n
             WHERE n.model_id = p.model_id AND n.instrument_id = p.instrument_id AND n.at < p.at
               AND n.recorded_at <= p.at + interval '1 minute' ORDER BY n.at DESC LIMIT 1) AS known
      FROM traded AS t
      JOIN research.predictions AS p USING (instrument_id)
      JOIN (SELECT DISTINCT r.model AS name, strategy.model_id(r.model) AS model_id
              FROM jsonb_to_recordset(p_report -> 'predictions') AS r (model text)) AS m USING (model_id)
     WHERE p.at >= p_from AND p.at < p_until AND p.recorded_at > p.at + interval '1 minute'
    WINDOW w AS (PARTITION BY m.name ORDER BY p.at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
  ), revised AS (
    SELECT i.symbol, r.at, r.payload AS later, first.payload AS earlier, count(*) OVER w AS count,
           row_number() OVER (PARTITION BY i.instrument_id ORDER BY r.at, r.event_id) AS place
      FROM looked_at AS i
      JOIN ops.events AS r ON r.instrument_id = i.instrument_id AND r.kind = 'candle.revised'
      LEFT JOIN LATERAL (
        SELECT c.payload FROM ops.events AS c
         WHERE c.kind = 'candle.closed' AND c.instrument_id = r.instrument_id AND c.at = r.at
           AND c.payload -> 'minutes' = r.payload -> 'minutes' LIMIT 1) AS first ON true
     WHERE r.at > p_from AND r.at <= p_until
    WINDOW w AS (PARTITION BY i.instrument_id)
  ), splits AS (
    SELECT i.symbol, d.at, a.kind, (a.denominator / a.numerator)::float8 AS ratio, n.open / b.close AS moved
      FROM looked_at AS i
      JOIN market.corporate_actions AS a USING (instrument_id)
      CROSS JOIN LATERAL (SELECT market.day_start(i.exchange_id, a.ex_date) AS at) AS d
      CROSS JOIN LATERAL (SELECT c.close FROM candles AS c
                           WHERE c.instrument_id = i.instrument_id AND c.bucket < d.at
                           ORDER BY c.bucket DESC LIMIT 1) AS b
      CROSS JOIN LATERAL (SELECT c.open FROM candles AS c
                           WHERE c.instrument_id = i.instrument_id AND c.bucket >= d.at
                           ORDER BY c.bucket LIMIT 1) AS n
     WHERE a.numerator IS NOT NULL AND abs(ln((a.denominator / a.numerator)::float8)) > 0.1
  ), adjusted AS (
    SELECT i.symbol, min(b.ts) AS at, count(DISTINCT b.ts) AS count, max(a.ex_date) AS ex_date
      FROM looked_at AS i
      JOIN market.corporate_actions AS a USING (instrument_id)
      JOIN market.bars AS b
        ON b.instrument_id = i.instrument_id AND b.ts >= p_from AND b.ts < least(p_until, a.ex_date::timestamptz)
       AND b.adjusted_close = b.close
     WHERE a.kind = 'dividend' OR a.numerator IS NOT NULL
     GROUP BY i.instrument_id, i.symbol
  ), grid AS (
    SELECT c.symbol, min(c.bucket) FILTER (WHERE n.is_off) AS at, min(c.tick_size) AS tick_size, count(*) AS count,
           count(*) FILTER (WHERE n.is_off) AS off
      FROM candles AS c
      CROSS JOIN LATERAL (SELECT abs(c.close / c.tick_size::float8 - round(c.close / c.tick_size::float8)) > 1e-4
                            AS is_off) AS n
     GROUP BY c.instrument_id, c.symbol
  )
  SELECT 'predictions', p_symbol, l.at, l.value::text, coalesce(l.known::text, 'nothing'),
         format('%s of %s predictions of "%s" were recorded after their time, this one %s later: it may know the '
                'future',
                l.late_count, l.all_count, l.name, date_trunc('second', l.recorded_at - l.at))
    FROM late AS l WHERE l.place = 1
  UNION ALL
  SELECT 'revisions', p_symbol, r.at, r.later ->> 'close', coalesce(r.earlier ->> 'close', 'another'),
         format('%s closed candles of %s were changed by ticks that came late: an agent had acted on the first ones',
                r.count, r.symbol)
    FROM revised AS r WHERE r.place = 1
  UNION ALL
  SELECT 'prices', p_symbol, s.at, format('times %s', round(s.moved::numeric, 4)),
         format('times %s', round(s.ratio::numeric, 4)),
         format('the %s of %s does not show: prices before it are adjusted for it, or it is dated wrongly', s.kind,
                s.symbol)
    FROM splits AS s WHERE abs(ln(s.moved)) < abs(ln(s.moved / s.ratio))
  UNION ALL
  SELECT 'prices', p_symbol, a.at, 'adjusted closes', 'closes as traded',
         format('%s bars of %s before its action of %s have their adjusted close as close: it was known only then',
                a.count, a.symbol, a.ex_date)
    FROM adjusted AS a
  UNION ALL
  SELECT 'prices', p_symbol, g.at, 'other prices', format('multiples of %s', trim_scale(g.tick_size)),
         format('%s of %s closes of %s are no prices that it trades at: they look adjusted for what came later', g.off,
                g.count, g.symbol)
    FROM grid AS g WHERE 2 * g.off > g.count
$$;
COMMENT ON FUNCTION internal.lookahead_data(text, interval, timestamptz, timestamptz, jsonb) IS
  'What of the data that a strategy looks at on an instrument was not known at its time: predictions recorded later, '
  'candles that late ticks changed, prices adjusted for actions of later. Errors TR101, TR103, TR104.';
