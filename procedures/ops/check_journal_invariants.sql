-- reads ops.epochs, ops.events, ops.consumers, ledger.portfolio_clocks
CREATE OR REPLACE FUNCTION ops.check_journal_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'the journal is of this server', NULL::int,
         format('it was restored or promoted: epoch %s began at %s on server %s, timeline %s, and this is server %s%s; '
                'ops.begin_epoch() begins the next one, as do bourse migrate, bourse run and the first transaction',
                e.epoch, e.began_at, e.system_identifier, e.timeline,
                (SELECT c.system_identifier FROM pg_control_system() AS c),
                CASE WHEN NOT pg_is_in_recovery()
                     THEN ', timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) END)
    FROM ops.current_epoch AS e WHERE NOT e.is_current
  UNION ALL
  -- The highest id that can have been used: the snapshot's, or that of the transaction that looks.
  SELECT 'no clock is ahead of its server', p.portfolio_id,
         format('%s stands at %s, and the journal can have come to %s', p.what, p.stream_xid, n.latest)
    FROM (SELECT (e.epoch * 1000000000000000
                  + greatest(pg_snapshot_xmax(pg_current_snapshot()),
                             pg_current_xact_id_if_assigned())::text::bigint)::text::xid8 AS latest
            FROM ops.current_epoch AS e WHERE e.is_current) AS n
    JOIN (SELECT k.portfolio_id, 'the portfolio' AS what, k.stream_xid FROM ledger.portfolio_clocks AS k
          UNION ALL SELECT NULL, format('the consumer "%s"', c.name), c.stream_xid FROM ops.consumers AS c
          UNION ALL (SELECT v.portfolio_id, format('the event %s', v.event_id), v.stream_xid FROM ops.events AS v
                      ORDER BY v.stream_xid DESC, v.event_id DESC LIMIT 1)) AS p ON p.stream_xid > n.latest
$$;
COMMENT ON FUNCTION ops.check_journal_invariants() IS
  'The part of ops.check_invariants that concerns the journal: whether it goes on where it was written, and whether '
  'anything waits for transactions that will be long in coming.';
