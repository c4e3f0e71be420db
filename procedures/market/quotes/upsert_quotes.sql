-- writes market.quotes; one HOT update per instrument and call, never one per tick
CREATE OR REPLACE FUNCTION market.upsert_quotes(
  instrument_ids int[], times timestamptz[], last_prices float8[], last_sizes float8[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
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
