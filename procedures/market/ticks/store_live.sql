-- writes market.ticks, market.quote_ticks, market.feed_positions, and what their triggers write; locks: positions by
-- instrument; errors TR101, TR604
CREATE OR REPLACE FUNCTION market.store_live(
  feed text, instrument_ids int[], times timestamptz[], received timestamptz[], seqs bigint[], venues text[],
  prices float8[], sizes float8[], sale_conditions text[], suspicious boolean[], bids float8[], asks float8[],
  bid_sizes float8[], ask_sizes float8[], at timestamptz DEFAULT now())
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  c_max_rows CONSTANT int := 100000;
  v_rows  int := coalesce(cardinality(store_live.instrument_ids), 0);
  v_day   date;
  v_count bigint;
  v_total bigint;
BEGIN
  IF v_rows > c_max_rows OR array_position(store_live.instrument_ids, NULL) IS NOT NULL
     OR array_position(store_live.seqs, NULL) IS NOT NULL OR array_position(store_live.times, NULL) IS NOT NULL
     OR store_live.feed ~ '^[[:graph:]]{1,200}$' IS NOT TRUE OR isfinite(store_live.at) IS NOT TRUE
     OR ARRAY[cardinality(store_live.times), cardinality(store_live.received), cardinality(store_live.seqs),
              cardinality(store_live.venues), cardinality(store_live.prices), cardinality(store_live.sizes),
              cardinality(store_live.sale_conditions), cardinality(store_live.suspicious),
              cardinality(store_live.bids), cardinality(store_live.asks), cardinality(store_live.bid_sizes),
              cardinality(store_live.ask_sizes)]
        IS DISTINCT FROM array_fill(v_rows, ARRAY[12]) THEN
    RAISE EXCEPTION 'arrays of different lengths, longer than % or with gaps, or no name of a feed and time', c_max_rows
      USING ERRCODE = 'TR604',
            DETAIL = format('%s instruments, %s times, %s numbers.', v_rows, cardinality(store_live.times),
                            cardinality(store_live.seqs)),
            HINT = 'Give one element of each array per message; '
                   'the price of a quote and the bid and ask of a trade are NULL.';
  END IF;
  IF EXISTS (SELECT FROM unnest(store_live.instrument_ids) AS n
              WHERE NOT EXISTS (SELECT FROM market.instruments AS i WHERE i.instrument_id = n)) THEN
    RAISE EXCEPTION 'a live feed was to store messages of an unknown instrument'
      USING ERRCODE = 'TR101', DETAIL = format('Instruments %s.', left(store_live.instrument_ids::text, 100)),
            HINT = 'market.instrument_id(symbol) finds an instrument, market.add_instrument(...) adds one.';
  END IF;
  -- What its ticks' triggers reject is counted by this name.
  PERFORM set_config('bourse.feed', store_live.feed, true);
  FOR v_day IN
    SELECT DISTINCT (n.ts AT TIME ZONE 'UTC')::date FROM unnest(store_live.times) AS n (ts)
     WHERE n.ts BETWEEN store_live.at - interval '8 days' AND store_live.at + interval '2 days'
  LOOP
    -- Made together with the place of its ticks, in both tiers. What makes them waits for whoever else does.
    IF to_regclass('market.quote_ticks_' || to_char(v_day, 'YYYYMMDD')) IS NULL THEN
      PERFORM market.ensure_tick_partitions(v_day, v_day);
    END IF;
  END LOOP;
  INSERT INTO market.feed_positions AS p (feed, instrument_id, seq, ts, stored_at)
  SELECT DISTINCT ON (n.instrument_id) store_live.feed, n.instrument_id, n.seq, n.ts, store_live.at
    FROM unnest(store_live.instrument_ids, store_live.seqs, store_live.times)
         WITH ORDINALITY AS n (instrument_id, seq, ts, place)
   ORDER BY n.instrument_id, n.place DESC
  ON CONFLICT ON CONSTRAINT feed_positions_pkey DO UPDATE
    SET seq = EXCLUDED.seq, ts = EXCLUDED.ts, stored_at = EXCLUDED.stored_at;
  v_total := internal.insert_new_ticks(
    store_live.times, store_live.instrument_ids, store_live.seqs, store_live.prices, store_live.sizes,
    store_live.received, store_live.venues, store_live.sale_conditions, store_live.suspicious);
  INSERT INTO market.quote_ticks (ts, instrument_id, seq, bid, ask, bid_size, ask_size, received_at, venue)
  SELECT n.ts, n.instrument_id, n.seq, n.bid, n.ask, n.bid_size, n.ask_size, n.received_at, n.venue
    FROM unnest(store_live.times, store_live.instrument_ids, store_live.seqs, store_live.bids, store_live.asks,
                store_live.bid_sizes, store_live.ask_sizes, store_live.received, store_live.venues)
         AS n (ts, instrument_id, seq, bid, ask, bid_size, ask_size, received_at, venue)
   WHERE num_nonnulls(n.bid, n.ask) > 0
   ORDER BY n.ts, n.instrument_id, n.seq
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_total + v_count;
END
$$;
COMMENT ON FUNCTION market.store_live(
  text, int[], timestamptz[], timestamptz[], bigint[], text[], float8[], float8[], text[], boolean[], float8[],
  float8[], float8[], float8[], timestamptz) IS
  'Stores what a live feed brought, trades (with price and size) and quotes (with bid or ask), with the feed''s '
  'positions, and returns how many messages were new: again is no harm. Errors '
  'TR101, TR604.';
REVOKE ALL ON FUNCTION market.store_live(
  text, int[], timestamptz[], timestamptz[], bigint[], text[], float8[], float8[], text[], boolean[], float8[],
  float8[], float8[], float8[], timestamptz)
    FROM PUBLIC;
