-- reads market.quotes, market.instruments, market.exchanges
CREATE OR REPLACE FUNCTION market.quote_is_stale(instrument_id int, at timestamptz)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN NOT EXISTS (
    SELECT FROM market.quotes AS q
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
     WHERE q.instrument_id = quote_is_stale.instrument_id
       AND greatest(q.ts, q.quoted_at) >= quote_is_stale.at - e.stale_after);
END
$$;
COMMENT ON FUNCTION market.quote_is_stale(int, timestamptz) IS
  'Whether the latest quote of an instrument is, at this event time, older than its exchange''s stale_after; also when '
  'there is none.';
