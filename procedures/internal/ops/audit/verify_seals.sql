-- reads ops.journal_seals, ops.chain_heads and what internal.sealed_rows reads
CREATE OR REPLACE FUNCTION internal.verify_seals()
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_after ops.journal_seals;
  v_seal  ops.journal_seals;
BEGIN
  FOR v_seal IN SELECT s.* FROM ops.journal_seals AS s ORDER BY s.portfolio_id, s.number LOOP
    IF v_seal.portfolio_id IS DISTINCT FROM v_after.portfolio_id THEN
      v_after := internal.no_seal(v_seal.portfolio_id);
    END IF;
    IF v_seal.number <> v_after.number + 1 THEN
      RETURN QUERY SELECT 'ops.journal_seals', format('%s/%s', v_seal.portfolio_id, v_after.number + 1),
                          format('removed: the next seal that is there has number %s', v_seal.number);
    ELSE
      IF v_seal.hash <> internal.seal_hash(v_after.hash, v_seal) THEN
        RETURN QUERY SELECT 'ops.journal_seals', format('%s/%s', v_seal.portfolio_id, v_seal.number),
                            'changed or inserted: its hash does not follow from its row';
      END IF;
      RETURN QUERY SELECT f.* FROM internal.seal_faults(v_after, v_seal) AS f;
    END IF;
    v_after := v_seal;
  END LOOP;
  RETURN QUERY
    SELECT 'ops.journal_seals', format('%s/%s', portfolio_id, coalesce(l.number, 0) + 1),
           format('removed, or the head changed: the chain ends at number %s, its head says %s',
                  coalesce(l.number, 0), coalesce(h.number::text, 'nothing'))
      FROM (SELECT split_part(x.chain, ':', 2)::int AS portfolio_id, x.number, x.hash FROM ops.chain_heads AS x
             WHERE x.chain LIKE 'journal:%') AS h
      FULL JOIN (SELECT DISTINCT ON (s.portfolio_id) s.portfolio_id, s.number, s.hash FROM ops.journal_seals AS s
                  ORDER BY s.portfolio_id, s.number DESC) AS l USING (portfolio_id)
     WHERE (h.number, h.hash) IS DISTINCT FROM (l.number, l.hash);
END
$$;
COMMENT ON FUNCTION internal.verify_seals() IS
  'The part of ops.verify_audit that concerns the seals of the journal and what they seal.';
