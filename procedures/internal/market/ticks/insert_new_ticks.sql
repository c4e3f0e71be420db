-- writes market.ticks, and what its triggers write
CREATE OR REPLACE FUNCTION internal.insert_new_ticks(
  p_times timestamptz[], p_instrument_ids int[], p_seqs bigint[], p_prices float8[], p_sizes float8[],
  p_received timestamptz[], p_venues text[], p_sale_conditions text[], p_suspicious boolean[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_count bigint;
BEGIN
  INSERT INTO market.ticks (ts, instrument_id, seq, price, size, received_at, venue, sale_condition, suspicious)
  SELECT n.ts, n.instrument_id, n.seq, n.price, n.size, n.received_at, n.venue, n.sale_condition,
         coalesce(n.suspicious, false)
    FROM unnest(p_times, p_instrument_ids, p_seqs, p_prices, p_sizes, p_received, p_venues, p_sale_conditions,
                p_suspicious)
         AS n (ts, instrument_id, seq, price, size, received_at, venue, sale_condition, suspicious)
   WHERE n.price IS NOT NULL AND n.size IS NOT NULL
   ORDER BY n.ts, n.instrument_id, n.seq
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION internal.insert_new_ticks(
  timestamptz[], int[], bigint[], float8[], float8[], timestamptz[], text[], text[], boolean[]) IS
  'Stores those of these trades (messages with price and size) whose (ts, instrument_id, seq) is not stored yet, and '
  'returns how many they were.';
