-- writes market.quotes; one HOT update per instrument and call, never one per quote
CREATE OR REPLACE FUNCTION internal.upsert_bids(
  instrument_ids int[], times timestamptz[], bids float8[], asks float8[], bid_sizes float8[], ask_sizes float8[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO market.quotes AS q (instrument_id, quoted_at, bid, ask, bid_size, ask_size)
  SELECT n.instrument_id, n.quoted_at, n.bid, n.ask, n.bid_size, n.ask_size
    FROM unnest($1, $2, $3, $4, $5, $6) AS n (instrument_id, quoted_at, bid, ask, bid_size, ask_size)
   ORDER BY n.instrument_id  -- one lock order for all writers
  ON CONFLICT ON CONSTRAINT quotes_pkey DO UPDATE
    SET quoted_at = EXCLUDED.quoted_at, bid = EXCLUDED.bid, ask = EXCLUDED.ask, bid_size = EXCLUDED.bid_size,
        ask_size = EXCLUDED.ask_size
  WHERE q.quoted_at IS NULL OR q.quoted_at <= EXCLUDED.quoted_at;
END
$$;
COMMENT ON FUNCTION internal.upsert_bids(int[], timestamptz[], float8[], float8[], float8[], float8[]) IS
  'Sets the best bid and offer of each instrument; an older one than is known changes nothing. At most one element per '
  'instrument.';
