-- In the place of ticks/insert_new_ticks.sql: writes market.ticks, market.tick_marks, and what their triggers write;
-- locks: the marks of these instruments, until commit, in their order
CREATE OR REPLACE FUNCTION internal.insert_new_ticks(
  p_times timestamptz[], p_instrument_ids int[], p_seqs bigint[], p_prices float8[], p_sizes float8[],
  p_received timestamptz[], p_venues text[], p_sale_conditions text[], p_suspicious boolean[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_count bigint;
BEGIN
  -- From here to the commit nobody else stores ticks of these instruments: what is not there now is new.
  INSERT INTO market.tick_marks (instrument_id, last_ts, last_seq)
  SELECT DISTINCT n.instrument_id, timestamptz '-infinity', 0
    FROM unnest(p_instrument_ids) AS n (instrument_id)
   WHERE NOT EXISTS (SELECT FROM market.tick_marks AS m WHERE m.instrument_id = n.instrument_id)
   ORDER BY 1
  ON CONFLICT ON CONSTRAINT tick_marks_pkey DO NOTHING;
  PERFORM FROM market.tick_marks AS m
   WHERE m.instrument_id = ANY (p_instrument_ids) ORDER BY m.instrument_id FOR UPDATE;
  INSERT INTO market.ticks (ts, instrument_id, seq, price, size, received_at, venue, sale_condition, suspicious)
  SELECT DISTINCT ON (n.ts, n.instrument_id, n.seq) n.ts, n.instrument_id, n.seq, n.price, n.size, n.received_at,
         n.venue, n.sale_condition, coalesce(n.suspicious, false)
    FROM unnest(p_times, p_instrument_ids, p_seqs, p_prices, p_sizes, p_received, p_venues, p_sale_conditions,
                p_suspicious)
         WITH ORDINALITY
         AS n (ts, instrument_id, seq, price, size, received_at, venue, sale_condition, suspicious, place)
    JOIN market.tick_marks AS m USING (instrument_id)
   WHERE n.price IS NOT NULL AND n.size IS NOT NULL
     AND ((n.ts, n.seq) > (m.last_ts, m.last_seq)
          OR NOT EXISTS (SELECT FROM market.ticks AS t
                          WHERE t.instrument_id = n.instrument_id AND t.ts = n.ts AND t.seq = n.seq))
   ORDER BY n.ts, n.instrument_id, n.seq, n.place;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION internal.insert_new_ticks(
  timestamptz[], int[], bigint[], float8[], float8[], timestamptz[], text[], text[], boolean[]) IS
  'Stores those of these trades (messages with price and size) whose (ts, instrument_id, seq) is not stored yet, and '
  'returns how many they were.';
