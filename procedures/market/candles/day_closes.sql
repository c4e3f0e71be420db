-- reads candles, market.corporate_actions, market.exchanges; errors TR101, TR103
CREATE OR REPLACE FUNCTION market.day_closes(symbol text, days date[])
RETURNS float8[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange market.exchanges;
  v_first    date;
  v_last     date;
BEGIN
  SELECT e.* INTO v_exchange
    FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.instrument_id = market.instrument_id(day_closes.symbol);
  SELECT min(d.day) - 31, max(d.day) + 2 INTO v_first, v_last
    FROM unnest(day_closes.days) AS d (day) WHERE d.day BETWEEN '1800-01-01' AND '2300-01-01';
  RETURN (
    WITH marks AS (
      SELECT ((c.bucket AT TIME ZONE v_exchange.time_zone) - v_exchange.day_starts)::date AS day, c.close,
             NULL::bigint AS place
        FROM market.candles(day_closes.symbol, '1 day', v_first::timestamp AT TIME ZONE v_exchange.time_zone,
                            v_last::timestamp AT TIME ZONE v_exchange.time_zone, adjusted => true) AS c
       WHERE v_first IS NOT NULL
      UNION ALL
      -- Days at the ends of the calendar have no candle.
      SELECT CASE WHEN d.day BETWEEN v_first AND v_last THEN d.day END, NULL, d.place
        FROM unnest(day_closes.days) WITH ORDINALITY AS d (day, place)
    ), spans AS (
      SELECT m.*, count(m.close) OVER (ORDER BY m.day, m.place NULLS FIRST) AS span FROM marks AS m
    ), known AS (
      SELECT s.place, s.day - min(s.day) OVER w AS age, max(s.close) OVER w AS close
        FROM spans AS s WINDOW w AS (PARTITION BY s.span)
    )
    SELECT array_agg(CASE WHEN k.age <= 31 THEN k.close END ORDER BY k.place)
      FROM known AS k WHERE k.place IS NOT NULL);
END
$$;
COMMENT ON FUNCTION market.day_closes(text, date[]) IS
  'Close of an instrument on each of these days, adjusted for splits and dividends: of the day, or of the last one '
  'within a month before; NULL where there is none. Errors TR101, TR103.';
