-- writes market.quotes; errors TR104, TR118; one HOT update per instrument and call, never one per tick
CREATE OR REPLACE FUNCTION market.upsert_quotes(
  instrument_ids int[], times timestamptz[], last_prices float8[], last_sizes float8[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_wrong record;
BEGIN
  SELECT n.* INTO v_wrong
    FROM unnest($1, $2, $3, $4) AS n (instrument_id, ts, last, last_size)
   WHERE (n.instrument_id IS NOT NULL AND n.ts >= timestamptz '1900-01-01 00:00Z'
          AND n.ts < timestamptz '2200-01-01 00:00Z' AND n.last > 0 AND n.last < 'Infinity'
          AND coalesce(n.last_size, 0) >= 0 AND coalesce(n.last_size, 0) < 'Infinity') IS NOT TRUE
      OR NOT EXISTS (SELECT FROM market.instruments AS i WHERE i.instrument_id = n.instrument_id)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a quote needs a known instrument, price above zero, time from 1900 until 2199 and no negative size'
      USING ERRCODE = CASE WHEN v_wrong.last <= 0 THEN 'TR118' ELSE 'TR104' END,
            DETAIL = format('Instrument %s at %s: price %s, size %s.', coalesce(v_wrong.instrument_id::text, 'NULL'),
                            coalesce(v_wrong.ts::text, 'NULL'), coalesce(v_wrong.last::text, 'NULL'),
                            coalesce(v_wrong.last_size::text, 'NULL')),
            HINT = 'Leave it out: markets may trade at or below zero, this engine does not.';
  END IF;
  INSERT INTO market.quotes AS q (instrument_id, ts, last, last_size)
  SELECT n.instrument_id, n.ts, n.last, n.last_size
    FROM unnest($1, $2, $3, $4) AS n (instrument_id, ts, last, last_size)
   ORDER BY n.instrument_id  -- one lock order for all writers
  ON CONFLICT ON CONSTRAINT quotes_pkey DO UPDATE
    SET ts = EXCLUDED.ts, last = EXCLUDED.last, last_size = EXCLUDED.last_size
  WHERE q.ts IS NULL OR q.ts <= EXCLUDED.ts;
END
$$;
COMMENT ON FUNCTION market.upsert_quotes(int[], timestamptz[], float8[], float8[]) IS
  'Sets the latest price of each instrument; an older price than the one that is known changes nothing. At most one '
  'element per instrument.';
