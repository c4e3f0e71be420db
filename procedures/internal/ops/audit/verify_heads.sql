-- reads ops.audit_log, ops.journal_seals; errors TR751
CREATE OR REPLACE FUNCTION internal.verify_heads(p_heads jsonb)
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  IF jsonb_typeof(p_heads) IS DISTINCT FROM 'array'
     OR EXISTS (SELECT FROM jsonb_array_elements(p_heads) AS h
                 WHERE (h ->> 'chain' ~ '^(audit|journal:[0-9]{1,9})$' AND h ->> 'number' ~ '^[0-9]{1,18}$'
                        AND h ->> 'hash' ~ '^[0-9a-f]{64}$') IS NOT TRUE) THEN
    RAISE EXCEPTION 'these are no heads of chains'
      USING ERRCODE = 'TR751', DETAIL = format('heads is %s.', quote_nullable(left(p_heads::text, 80))),
            HINT = 'Give what bourse audit head --json has printed: an array of objects with chain, number and hash.';
  END IF;
  RETURN QUERY
    SELECT CASE h.chain WHEN 'audit' THEN 'ops.audit_log' ELSE 'ops.journal_seals' END,
           format('%s number %s', h.chain, h.number),
           CASE WHEN l.hash IS NULL THEN 'removed: the head that was kept names it'
                ELSE format('made anew: its hash is %s, the head that was kept says %s', encode(l.hash, 'hex'), h.hash)
           END
      FROM (SELECT e ->> 'chain' AS chain, (e ->> 'number')::bigint AS number, e ->> 'hash' AS hash
              FROM jsonb_array_elements(p_heads) AS e) AS h
      LEFT JOIN (SELECT 'audit' AS chain, a.number, a.hash FROM ops.audit_log AS a WHERE a.number IS NOT NULL
                 UNION ALL
                 SELECT 'journal:' || s.portfolio_id, s.number, s.hash FROM ops.journal_seals AS s) AS l
        USING (chain, number)
     WHERE h.number > 0 AND encode(l.hash, 'hex') IS DISTINCT FROM h.hash;
END
$$;
COMMENT ON FUNCTION internal.verify_heads(jsonb) IS
  'The part of ops.verify_audit that compares with heads that were kept outside of the database. Error TR751.';
