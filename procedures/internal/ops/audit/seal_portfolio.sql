-- reads ops.events, ledger.portfolio_clocks and what internal.sealed_rows reads; writes ops.journal_seals,
-- ops.chain_heads; the caller holds the lock of the sealers
CREATE OR REPLACE FUNCTION internal.seal_portfolio(p_portfolio_id int, p_end xid8, p_max_rows int)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_after ops.journal_seals := internal.last_seal(p_portfolio_id);
  v_seal  ops.journal_seals := v_after;
BEGIN
  -- Events below p_end are all there; orders, fills and transfers are, below the next numbers of the portfolio.
  SELECT n.stream_xid, n.event_id INTO v_seal.stream_xid, v_seal.event_id
    FROM (SELECT e.stream_xid, e.event_id FROM ops.events AS e
           WHERE e.portfolio_id = p_portfolio_id AND e.stream_xid < p_end
             AND (e.stream_xid, e.event_id) > (v_after.stream_xid, v_after.event_id)
           ORDER BY e.stream_xid, e.event_id LIMIT p_max_rows) AS n
   ORDER BY n.stream_xid DESC, n.event_id DESC LIMIT 1;
  IF p_portfolio_id = 0 THEN
    SELECT n.stream_xid, n.event_id INTO v_seal.stream_xid, v_seal.event_id
      FROM (SELECT e.stream_xid, e.event_id FROM ops.events AS e
             WHERE e.portfolio_id IS NULL AND e.stream_xid < p_end
               AND (e.stream_xid, e.event_id) > (v_after.stream_xid, v_after.event_id)
             ORDER BY e.stream_xid, e.event_id LIMIT p_max_rows) AS n
     ORDER BY n.stream_xid DESC, n.event_id DESC LIMIT 1;
  ELSE
    SELECT least(k.next_order_id - 1, v_after.order_id + p_max_rows),
           least(k.next_fill_id - 1, v_after.fill_id + p_max_rows),
           least(k.next_transfer_id - 1, v_after.transfer_id + p_max_rows)
      INTO v_seal.order_id, v_seal.fill_id, v_seal.transfer_id
      FROM ledger.portfolio_clocks AS k WHERE k.portfolio_id = p_portfolio_id;
  END IF;
  v_seal.stream_xid := coalesce(v_seal.stream_xid, v_after.stream_xid);
  v_seal.event_id := coalesce(v_seal.event_id, v_after.event_id);
  IF v_seal IS NOT DISTINCT FROM v_after THEN
    RETURN false;
  END IF;
  v_seal.number := v_after.number + 1;
  v_seal.sealed_at := clock_timestamp();
  SELECT coalesce(array_agg(('x' || left(encode(r.hash, 'hex'), 16))::bit(64)::bigint), '{}'),
         sha256(coalesce(string_agg(r.hash, '' ORDER BY r.relation COLLATE "C", r.major, r.minor), ''))
    INTO v_seal.marks, v_seal.content
    FROM internal.sealed_rows(v_after, v_seal) AS r;
  v_seal.hash := internal.seal_hash(v_after.hash, v_seal);
  INSERT INTO ops.journal_seals SELECT v_seal.*;
  INSERT INTO ops.chain_heads AS h (chain, number, hash)
  VALUES ('journal:' || p_portfolio_id, v_seal.number, v_seal.hash)
  ON CONFLICT ON CONSTRAINT chain_heads_pkey DO UPDATE SET number = EXCLUDED.number, hash = EXCLUDED.hash;
  RETURN true;
END
$$;
COMMENT ON FUNCTION internal.seal_portfolio(int, xid8, int) IS
  'Seals what a portfolio (0: none) has new of each table, up to so many rows of each; false when nothing is new.';
