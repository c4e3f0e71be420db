-- reads what internal.sealed_rows reads
CREATE OR REPLACE FUNCTION internal.seal_faults(p_after ops.journal_seals, p_seal ops.journal_seals)
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  WITH rows AS MATERIALIZED (
    SELECT r.*, ('x' || left(encode(r.hash, 'hex'), 16))::bit(64)::bigint AS mark
      FROM internal.sealed_rows(p_after, p_seal) AS r
  ), content AS (
    SELECT sha256(coalesce(string_agg(r.hash, '' ORDER BY r.relation COLLATE "C", r.major, r.minor), ''))
             = (p_seal).content AS is_whole
      FROM rows AS r
  ), strange AS (
    SELECT DISTINCT r.relation, CASE r.relation WHEN 'ops.events' THEN format('%s/%s', r.major, r.minor)
                                                WHEN 'trading.order_events'
                                                  THEN format('%s/%s/%s', (p_seal).portfolio_id, r.major, r.minor)
                                                ELSE format('%s/%s', (p_seal).portfolio_id, r.major) END AS key
      FROM rows AS r WHERE NOT EXISTS (SELECT FROM unnest((p_seal).marks) AS m WHERE m = r.mark)
  ), lost AS (
    SELECT count(*) AS marks FROM unnest((p_seal).marks) AS m WHERE NOT EXISTS (SELECT FROM rows AS r WHERE r.mark = m)
  )
  SELECT s.relation, s.key, 'changed or inserted: it is not as it was sealed'
    FROM strange AS s, content AS c WHERE NOT c.is_whole
  UNION ALL
  SELECT 'ops.journal_seals', format('%s/%s', (p_seal).portfolio_id, (p_seal).number),
         format('what it seals, from event %s/%s to %s/%s and to order %s, fill %s and transfer %s, is not as it was: '
                '%s of %s rows do not fit, and %s are new', (p_after).stream_xid, (p_after).event_id,
                (p_seal).stream_xid, (p_seal).event_id, (p_seal).order_id, (p_seal).fill_id, (p_seal).transfer_id,
                l.marks, cardinality((p_seal).marks), (SELECT count(*) FROM strange))
    FROM content AS c, lost AS l WHERE NOT c.is_whole
$$;
COMMENT ON FUNCTION internal.seal_faults(ops.journal_seals, ops.journal_seals) IS
  'Which rows between two seals are not what was sealed.';
