-- writes market.rejected_ticks
CREATE OR REPLACE FUNCTION market.reject_ticks(
  p_feed text, p_reasons text[], p_instrument_ids int[], p_symbols text[], p_times timestamptz[], p_prices float8[],
  p_sizes float8[], p_seqs bigint[], p_details text[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO market.rejected_ticks (feed, reason, instrument_id, symbol, ts, price, size, seq, detail)
  SELECT p_feed, r.reason::market.tick_rejection, r.instrument_id, r.symbol, r.ts, r.price, r.size, r.seq, r.detail
    FROM unnest(p_reasons, p_instrument_ids, p_symbols, p_times, p_prices, p_sizes, p_seqs, p_details)
         WITH ORDINALITY AS r (reason, instrument_id, symbol, ts, price, size, seq, detail, place)
   ORDER BY r.place;
END
$$;
COMMENT ON FUNCTION market.reject_ticks(
  text, text[], int[], text[], timestamptz[], float8[], float8[], bigint[], text[]) IS
  'Records what a feed did not accept, in the transaction of the batch that it came with.';
REVOKE ALL ON FUNCTION market.reject_ticks(
  text, text[], int[], text[], timestamptz[], float8[], float8[], bigint[], text[]) FROM PUBLIC;
