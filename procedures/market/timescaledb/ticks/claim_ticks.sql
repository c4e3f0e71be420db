-- writes market.tick_marks; locks: the rows of these instruments, until commit, in their order
CREATE OR REPLACE FUNCTION market.claim_ticks(
  p_instrument_ids int[], p_first_ts timestamptz[], p_first_seq bigint[], p_last_ts timestamptz[], p_last_seq bigint[])
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_is_late boolean;
BEGIN
  WITH claimed AS (
    INSERT INTO market.tick_marks AS m (instrument_id, last_ts, last_seq, batch_ts, batch_seq, is_late)
    SELECT n.instrument_id, n.last_ts, n.last_seq, n.first_ts, n.first_seq, false
      FROM unnest(p_instrument_ids, p_first_ts, p_first_seq, p_last_ts, p_last_seq)
           AS n (instrument_id, first_ts, first_seq, last_ts, last_seq)
     ORDER BY n.instrument_id  -- one lock order for all writers
    ON CONFLICT ON CONSTRAINT tick_marks_pkey DO UPDATE
      SET is_late   = (EXCLUDED.batch_ts, EXCLUDED.batch_seq) <= (m.last_ts, m.last_seq),
          batch_ts  = EXCLUDED.batch_ts,
          batch_seq = EXCLUDED.batch_seq,
          last_seq  = CASE WHEN (EXCLUDED.last_ts, EXCLUDED.last_seq) > (m.last_ts, m.last_seq)
                           THEN EXCLUDED.last_seq ELSE m.last_seq END,
          last_ts   = greatest(m.last_ts, EXCLUDED.last_ts)
    RETURNING m.is_late)
  SELECT coalesce(bool_or(c.is_late), false) INTO v_is_late FROM claimed AS c;
  RETURN v_is_late;
END
$$;
COMMENT ON FUNCTION market.claim_ticks(int[], timestamptz[], bigint[], timestamptz[], bigint[]) IS
  'To be called in a transaction that copies ticks past the triggers, before it commits, with the first and the last '
  '(ts, seq) of each instrument: whether some may have been stored before, because they are not newer than all that '
  'were. Until the commit nobody else claims ticks of these instruments.';
REVOKE ALL ON FUNCTION market.claim_ticks(int[], timestamptz[], bigint[], timestamptz[], bigint[]) FROM PUBLIC;
