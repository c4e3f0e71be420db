-- writes ops.feed_cursors; errors TR211, TR603
CREATE OR REPLACE FUNCTION ops.save_cursor(
  portfolio_ids int[], feed text, "position" bigint, at timestamptz, is_finished boolean DEFAULT false,
  sequence bigint DEFAULT 0)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_fault text;  -- the term that is wrong
  v_saved int;
BEGIN
  v_fault := CASE
    WHEN (length(save_cursor.feed) > 0) IS NOT TRUE THEN 'feed'
    WHEN save_cursor."position" IS NULL THEN 'position'
    WHEN save_cursor.sequence IS NULL THEN 'sequence'
    WHEN save_cursor.is_finished IS NULL THEN 'is_finished'
    -- A portfolio that stands here twice would be moved twice.
    WHEN (SELECT count(*) <> count(DISTINCT p) FROM unnest(save_cursor.portfolio_ids) AS p) THEN 'portfolio_ids' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'a cursor cannot be saved with this %', v_fault
      USING ERRCODE = 'TR603',
            DETAIL = format('%s is %s.', v_fault,
                            CASE v_fault WHEN 'feed' THEN coalesce(quote_literal(save_cursor.feed), 'NULL')
                                         WHEN 'portfolio_ids' THEN left(save_cursor.portfolio_ids::text, 100)
                                         ELSE 'NULL' END),
            HINT = 'A cursor has a feed, a position and a sequence in it, and each portfolio once.';
  ELSIF EXISTS (SELECT FROM unnest(save_cursor.portfolio_ids) AS p
                 WHERE NOT EXISTS (SELECT FROM trading.portfolios AS t WHERE t.portfolio_id = p)) THEN
    RAISE EXCEPTION 'a cursor was to be saved for an unknown portfolio'
      USING ERRCODE = 'TR211', DETAIL = format('Portfolios %s.', left(save_cursor.portfolio_ids::text, 100)),
            HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
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
  'Moves the cursors of portfolios in a feed, in the transaction of the batch that came there. Error TR211; TR603 '
  'when one would move back.';
REVOKE ALL ON FUNCTION ops.save_cursor(int[], text, bigint, timestamptz, boolean, bigint) FROM PUBLIC;
