-- reads ops.epochs
CREATE OR REPLACE FUNCTION ops.journal_end()
RETURNS xid8
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  -- A transaction that still runs writes events with its own id or a higher one, all of them at or above the snapshot's
  -- xmin. So nothing can appear below xmin any more, and what lies above waits. After a restore nobody has written yet:
  -- whoever does begins an epoch, above all that there is.
  SELECT coalesce((SELECT CASE WHEN NOT e.is_current THEN 18446744073709551615
                               ELSE e.epoch * 1000000000000000 + pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                          END FROM ops.current_epoch AS e)::text::xid8,
                  '18446744073709551615'::xid8)
$$;
COMMENT ON FUNCTION ops.journal_end() IS
  'Events with a stream_xid below this are all there: nothing will appear among them any more.';
