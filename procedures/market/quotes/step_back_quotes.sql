-- locks and writes market.quotes; errors TR104
CREATE OR REPLACE FUNCTION market.step_back_quotes(
  instrument_ids int[], times timestamptz[], last_prices float8[], last_sizes float8[])
RETURNS TABLE (instrument_id int, ts timestamptz, last float8, last_size float8)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM unnest($2, $3, $4) AS n (ts, last, last_size)
              WHERE (isfinite(n.ts) AND n.last > 0 AND n.last < 'Infinity'
                     AND coalesce(n.last_size, 0) >= 0 AND coalesce(n.last_size, 0) < 'Infinity') IS NOT TRUE) THEN
    RAISE EXCEPTION 'that is no latest price'
      USING ERRCODE = 'TR104', DETAIL = format('times %s, prices %s, sizes %s.', $2, $3, $4),
            HINT = 'Prices are positive, sizes not negative, and times finite.';
  END IF;
  RETURN QUERY
    WITH newer AS MATERIALIZED (
      SELECT q.instrument_id, q.ts, q.last, q.last_size, n.ts AS then_ts, n.last AS then_last, n.last_size AS then_size
        FROM market.quotes AS q
        JOIN unnest($1, $2, $3, $4) AS n (instrument_id, ts, last, last_size) USING (instrument_id)
       WHERE q.ts > n.ts ORDER BY q.instrument_id FOR UPDATE OF q
    ), moved AS (
      UPDATE market.quotes AS q
         SET ts = n.then_ts, last = n.then_last, last_size = n.then_size
        FROM newer AS n
       WHERE q.instrument_id = n.instrument_id
    )
    SELECT n.instrument_id, n.ts, n.last, n.last_size FROM newer AS n;
END
$$;
COMMENT ON FUNCTION market.step_back_quotes(int[], timestamptz[], float8[], float8[]) IS
  'Sets latest prices back to older ones, within a transaction that catches up with the past, and returns the newer '
  'ones: before it commits it gives them to market.upsert_quotes, so that nobody else ever sees the older ones. Error '
  'TR104.';
