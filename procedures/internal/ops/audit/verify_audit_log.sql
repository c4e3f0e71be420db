-- reads ops.audit_log, ops.chain_heads
CREATE OR REPLACE FUNCTION internal.verify_audit_log()
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  WITH head AS (
    SELECT max(h.number) AS number, min(encode(h.hash, 'hex')) AS hash FROM ops.chain_heads AS h WHERE h.chain = 'audit'
  ), links AS (
    SELECT a AS entry, a.number, a.hash, lag(a.number, 1, 0::bigint) OVER w AS former,
           lag(a.hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS former_hash
      FROM ops.audit_log AS a WHERE a.number IS NOT NULL
    WINDOW w AS (ORDER BY a.number)
  )
  SELECT 'ops.audit_log', format('number %s', l.former + 1),
         format('removed: the next entry that is there has number %s', l.number)
    FROM links AS l WHERE l.number <> l.former + 1
  UNION ALL
  SELECT 'ops.audit_log', format('number %s', l.number), 'changed or inserted: its hash does not follow from its row'
    FROM links AS l
   WHERE l.number = l.former + 1 AND l.hash <> internal.audit_hash(l.former_hash, l.number, l.entry)
  UNION ALL
  -- Those of the transaction that looks are chained when it commits.
  SELECT 'ops.audit_log', format('entry %s', a.entry_id), 'inserted: it is in no chain'
    FROM ops.audit_log AS a
   WHERE a.number IS NULL AND (a.recorded_at BETWEEN transaction_timestamp() AND clock_timestamp()) IS NOT TRUE
  UNION ALL
  SELECT 'ops.audit_log', format('number %s', l.number + 1),
         format('removed, or the head changed: the chain ends at number %s, its head says %s', l.number,
                coalesce(h.number::text, 'nothing'))
    FROM head AS h
    CROSS JOIN (SELECT coalesce(max(x.number), 0) AS number FROM links AS x) AS l
   WHERE h.number IS DISTINCT FROM l.number
      OR l.number > 0 AND h.hash IS DISTINCT FROM (SELECT encode(x.hash, 'hex') FROM links AS x
                                                    WHERE x.number = l.number)
$$;
COMMENT ON FUNCTION internal.verify_audit_log() IS 'The part of ops.verify_audit that concerns the chain of the audit.';
