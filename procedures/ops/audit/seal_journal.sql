-- locks: an advisory lock of the sealers; reads ops.events, ledger.portfolio_clocks and what internal.sealed_rows
-- reads; writes ops.journal_seals, ops.chain_heads; errors TR604
CREATE OR REPLACE FUNCTION ops.seal_journal(max_rows int DEFAULT 10000)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int;
  v_end          xid8 := ops.journal_end();
  v_seals        bigint := 0;
BEGIN
  IF (seal_journal.max_rows BETWEEN 1 AND 1000000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a seal is of 1 to 1,000,000 rows of a table'
      USING ERRCODE = 'TR604', DETAIL = format('max_rows is %s.', coalesce(seal_journal.max_rows::text, 'NULL')),
            HINT = 'Leave it out: what is left then gets the next seal.';
  END IF;
  -- One after the other, and nobody waits: who comes while another seals has nothing to do.
  IF NOT pg_try_advisory_xact_lock(1114599797, 0) THEN
    RETURN 0;
  END IF;
  FOR v_portfolio_id IN SELECT k.portfolio_id FROM ledger.portfolio_clocks AS k UNION ALL SELECT 0 ORDER BY 1 LOOP
    WHILE internal.seal_portfolio(v_portfolio_id, v_end, seal_journal.max_rows) LOOP
      v_seals := v_seals + 1;
    END LOOP;
  END LOOP;
  RETURN v_seals;
END
$$;
COMMENT ON FUNCTION ops.seal_journal(int) IS
  'Seals what the journal, orders, fills and transfers have new since the last time, in a chain of hashes for each '
  'portfolio, and returns the number of seals. Runners do it each minute; where none runs, a job of cron does. It '
  'changes nothing else and keeps nobody waiting. Error TR604.';
REVOKE ALL ON FUNCTION ops.seal_journal(int) FROM PUBLIC;
