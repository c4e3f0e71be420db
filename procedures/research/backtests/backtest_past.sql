-- reads candles, market.ticks; errors TR104
CREATE OR REPLACE FUNCTION research.backtest_past(specification jsonb)
RETURNS refcursor
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_begins timestamptz := internal.instant((specification ->> 'begins')::bigint);
  v_rows   refcursor;
BEGIN
  OPEN v_rows NO SCROLL FOR
    SELECT p.instrument, p.series, c.bucket, c.closes_at, c.open, c.high, c.low, c.close, c.volume
      FROM jsonb_to_recordset(coalesce(nullif(specification -> 'past', 'null'), '[]'))
           AS p (instrument int, series int, source int, length interval, "from" bigint)
      CROSS JOIN LATERAL strategy.closed_candles(p.source, p.length, internal.instant(p."from"), v_begins) AS c
     WHERE c.closes_at <= v_begins
     ORDER BY c.closes_at, p.series = 0, p.series, c.bucket, c.seq, p.instrument;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION research.backtest_past(jsonb) IS
  'For programs: a cursor for the candles that warm up a backtest on ticks with this specification, as they were '
  'traded, in the order of their closes, the agent''s own (series 0) behind all others. Columns: instrument, series, '
  'bucket, closes_at, open, high, low, close, volume. Error TR104.';
REVOKE ALL ON FUNCTION research.backtest_past(jsonb) FROM PUBLIC;
