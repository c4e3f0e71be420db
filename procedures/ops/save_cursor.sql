-- writes ops.feed_cursors; errors TR603
CREATE OR REPLACE FUNCTION ops.save_cursor(
  portfolio_ids int[], feed text, "position" bigint, at timestamptz, is_finished boolean DEFAULT false,
  sequence bigint DEFAULT 0)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_saved int;
BEGIN
  INSERT INTO ops.feed_cursors AS c (portfolio_id, feed, position, sequence, at, is_finished)
  SELECT p, save_cursor.feed, save_cursor."position", save_cursor.sequence, save_cursor.at, save_cursor.is_finished
    FROM unnest(save_cursor.portfolio_ids) AS p
  ON CONFLICT ON CONSTRAINT feed_cursors_pkey DO UPDATE
    SET position = EXCLUDED.position, sequence = EXCLUDED.sequence, at = coalesce(EXCLUDED.at, c.at),
        is_finished = EXCLUDED.is_finished
  WHERE (c.position, c.sequence) <= (EXCLUDED.position, EXCLUDED.sequence);
  GET DIAGNOSTICS v_saved = ROW_COUNT;
  IF v_saved IS DISTINCT FROM cardinality(save_cursor.portfolio_ids) THEN
    RAISE EXCEPTION 'the cursor of feed "%" cannot move back', save_cursor.feed
      USING ERRCODE = 'TR603',
            DETAIL = format('%s of %s portfolios are behind position %s.', v_saved,
                            cardinality(save_cursor.portfolio_ids), save_cursor."position"),
            HINT = 'Another runner has gone on with this feed; start again from the cursors.';
  END IF;
END
$$;
COMMENT ON FUNCTION ops.save_cursor(int[], text, bigint, timestamptz, boolean, bigint) IS
  'Moves the cursors of portfolios in a feed, in the transaction of the batch that came there. Error TR603 when one '
  'would move back.';
REVOKE ALL ON FUNCTION ops.save_cursor(int[], text, bigint, timestamptz, boolean, bigint) FROM PUBLIC;
