-- writes market.quotes
CREATE OR REPLACE FUNCTION market.rewind_quotes(instrument_ids int[], at timestamptz)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_deleted int;
BEGIN
  DELETE FROM market.quotes AS q
   WHERE q.instrument_id = ANY (rewind_quotes.instrument_ids) AND greatest(q.ts, q.quoted_at) > rewind_quotes.at;
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  RETURN v_deleted;
END
$$;
COMMENT ON FUNCTION market.rewind_quotes(int[], timestamptz) IS
  'Forgets latest prices that are newer than this time, before a replay of the past begins; returns how many.';
REVOKE ALL ON FUNCTION market.rewind_quotes(int[], timestamptz) FROM PUBLIC;
