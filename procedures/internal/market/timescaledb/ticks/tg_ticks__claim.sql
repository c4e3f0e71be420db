-- AFTER INSERT on market.ticks, once per statement, before accept (by name); writes market.tick_marks; error 23505
CREATE OR REPLACE FUNCTION internal.tg_ticks__claim()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_ids  int[];
  v_from timestamptz;
  v_until timestamptz;
  v_known record;
  v_is_late boolean;
BEGIN
  SELECT array_agg(n.instrument_id), min(n.from_time), max(n.until_time),
         market.claim_ticks(array_agg(n.instrument_id), array_agg(n.from_time), array_agg(n.from_seq),
                            array_agg(n.until_time), array_agg(n.until_seq))
    INTO v_ids, v_from, v_until, v_is_late
    FROM (SELECT t.instrument_id, min(t.ts) AS from_time, (array_agg(t.seq ORDER BY t.ts, t.seq))[1] AS from_seq,
                 max(t.ts) AS until_time, (array_agg(t.seq ORDER BY t.ts DESC, t.seq DESC))[1] AS until_seq
            FROM new_ticks AS t
            JOIN market.instruments AS i USING (instrument_id)
           WHERE isfinite(t.ts)
           GROUP BY t.instrument_id) AS n;
  -- What is new stands once in both tables. A plan that is kept would expect as many ticks as the session's first
  -- statement brought, and after a small one look into the columnstore once per tick: so it is planned anew.
  IF v_is_late THEN
    EXECUTE 'SELECT n.instrument_id, n.ts, n.seq
               FROM new_ticks AS n
               JOIN market.ticks AS t ON (t.instrument_id, t.ts, t.seq) = (n.instrument_id, n.ts, n.seq)
              WHERE t.instrument_id = ANY ($1) AND t.ts >= $2 AND t.ts <= $3
              GROUP BY n.instrument_id, n.ts, n.seq HAVING count(*) > 1 LIMIT 1'
      INTO v_known USING v_ids, v_from, v_until;
  ELSE
    SELECT n.instrument_id, n.ts, n.seq INTO v_known FROM new_ticks AS n
     GROUP BY n.instrument_id, n.ts, n.seq
    HAVING count(*) > 1
     LIMIT 1;
  END IF;
  IF v_known IS NOT NULL THEN
    RAISE EXCEPTION 'duplicate key value violates unique constraint "ticks_pkey"'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'ticks_pkey', SCHEMA = 'market', TABLE = 'ticks',
            DETAIL = format('Key (ts, instrument_id, seq)=(%s, %s, %s) already exists.', v_known.ts,
                            v_known.instrument_id, v_known.seq),
            HINT = 'Leave out what is stored: WHERE NOT EXISTS (SELECT FROM market.ticks …).';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_ticks__claim() IS
  'Refuses a tick that is stored already, as the primary key does where ticks are no hypertable.';
CREATE OR REPLACE TRIGGER "a claim" AFTER INSERT ON market.ticks
  REFERENCING NEW TABLE AS new_ticks FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__claim();
COMMENT ON TRIGGER "a claim" ON market.ticks IS 'Before accept: what is refused is in no candle.';
