-- writes ledger.transfers, ledger.balances; the caller holds the portfolios' locks and moves
-- ledger.portfolio_clocks.next_transfer_id on; errors TR412
CREATE OR REPLACE FUNCTION internal.write_movements(p_movements internal.movement[])
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_movement   internal.movement;
  v_legs       int[];
  v_account    bigint;
  v_place      int;
  v_portfolios int[] := ARRAY[]::int[];
  v_counts     int[];
  v_ahead      int[];             -- how many transfers of its portfolio come before each
  -- What the accounts change by, four places for each: debits and credits posted, debits and credits pending. An
  -- aggregate in the statement costs more than this for a single fill.
  v_accounts   bigint[] := ARRAY[]::bigint[];
  v_changes    numeric[];
BEGIN
  -- A transfer counts on both of its accounts; one that answers a pending transfer also frees as much of what that one
  -- reserves.
  FOR n IN 1 .. cardinality(p_movements) LOOP
    v_movement := p_movements[n];
    v_place := coalesce(array_position(v_portfolios, v_movement.portfolio_id), cardinality(v_portfolios) + 1);
    v_portfolios[v_place] := v_movement.portfolio_id;
    v_ahead[n] := coalesce(v_counts[v_place], 0);
    v_counts[v_place] := v_ahead[n] + 1;
    -- Its accounts, and those of the pending transfer that it answers.
    v_legs := ARRAY[v_movement.debit_id, v_movement.credit_id, v_movement.pending_debit_id,
      v_movement.pending_credit_id];
    FOR l IN 1 .. CASE WHEN v_movement.pending_id IS NULL THEN 2 ELSE 4 END LOOP
      CONTINUE WHEN l <= 2 AND v_movement.state = 'voided';
      v_account := v_movement.portfolio_id::bigint << 16 | v_legs[l];
      v_place := coalesce(array_position(v_accounts, v_account), cardinality(v_accounts) + 1);
      v_accounts[v_place] := v_account;
      v_place := 4 * v_place - CASE WHEN l > 2 OR v_movement.state = 'pending' THEN l % 2 ELSE l % 2 + 2 END;
      v_changes[v_place] := coalesce(v_changes[v_place], 0) + CASE WHEN l > 2 THEN -v_movement.amount
                                                                   ELSE v_movement.amount END;
    END LOOP;
  END LOOP;
  WITH balanced AS (
    UPDATE ledger.balances AS b
       SET debits_posted = b.debits_posted + coalesce(v_changes[4 * n.place - 3], 0),
           credits_posted = b.credits_posted + coalesce(v_changes[4 * n.place - 2], 0),
           debits_pending = b.debits_pending + coalesce(v_changes[4 * n.place - 1], 0),
           credits_pending = b.credits_pending + coalesce(v_changes[4 * n.place], 0)
      FROM unnest(v_accounts) WITH ORDINALITY AS n (account, place)
     WHERE b.portfolio_id = (n.account >> 16)::int AND b.account_id = (n.account & 65535)::smallint
    RETURNING b.account_id
  )
  INSERT INTO ledger.transfers
         (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, component, state,
           pending_id, order_id, fill_id, at)
  SELECT m.portfolio_id,
         CASE (SELECT count(*) FROM balanced)
           WHEN cardinality(v_accounts) THEN k.next_transfer_id + v_ahead[m.ordinality]
           ELSE internal.missing_balance(v_accounts) END,
         m.debit_id, m.credit_id, m.amount, m.currency, m.kind, m.component, m.state, m.pending_id, m.order_id,
         m.fill_id, m.at
    FROM unnest(p_movements) WITH ORDINALITY AS m
    JOIN ledger.portfolio_clocks AS k USING (portfolio_id);
  RETURN cardinality(p_movements);
END
$$;
COMMENT ON FUNCTION internal.write_movements(internal.movement[]) IS
  'Appends transfers, with the next numbers of their portfolios, and keeps the balances of their accounts; returns '
  'how many: a pending transfer reserves, a posted one moves, and one that answers a pending transfer frees as much '
  'of what that reserves. The CHECKs on the balances refuse what is not there.';
