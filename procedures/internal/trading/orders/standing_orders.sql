CREATE OR REPLACE FUNCTION internal.standing_orders(p_decisions internal.order_decision[])
RETURNS internal.order_decision[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_decisions  internal.order_decision[] := ARRAY[]::internal.order_decision[];
  v_decision   internal.order_decision;
  -- Cash that the ones before take, by account; how many of them reserve, by portfolio.
  v_accounts   text[] := ARRAY[]::text[];
  v_taken      numeric[] := ARRAY[]::numeric[];
  v_portfolios int[] := ARRAY[]::int[];
  v_reserved   int[] := ARRAY[]::int[];
  v_account    text;
  v_place      int;
  v_ahead      int;
BEGIN
  FOREACH v_decision IN ARRAY p_decisions LOOP
    -- What a refusal by a rule entails is told with it, and not before the orders ahead of it.
    EXIT WHEN (v_decision.is_alone OR (v_decision.rules).code IS NOT NULL) AND cardinality(v_decisions) > 0;
    IF v_decision.reservation_id IS NOT NULL THEN
      v_account := (v_decision.reservation).portfolio_id || '/' || (v_decision.reservation).debit_id;
      v_place := coalesce(array_position(v_accounts, v_account), cardinality(v_accounts) + 1);
      v_accounts[v_place] := v_account;
      v_taken[v_place] := coalesce(v_taken[v_place], 0) + (v_decision.reservation).amount;
      EXIT WHEN v_taken[v_place] > v_decision.available;  -- it was decided about without the ones before it
      v_place := coalesce(array_position(v_portfolios, (v_decision.reservation).portfolio_id),
                          cardinality(v_portfolios) + 1);
      v_portfolios[v_place] := (v_decision.reservation).portfolio_id;
      v_ahead := coalesce(v_reserved[v_place], 0);
      v_reserved[v_place] := v_ahead + 1;
      v_decision.reservation_id := v_decision.reservation_id + v_ahead;
    END IF;
    v_decisions := v_decisions || v_decision;
    -- One that joins a group adds less than its quantity to what its position keeps open, which those behind it were
    -- decided by.
    EXIT WHEN v_decision.kept <> v_decision.size OR v_decision.is_known OR v_decision.fault IS NOT NULL
      OR v_decision.status NOT IN ('accepted', 'pending_submit');
  END LOOP;
  RETURN v_decisions;
END
$$;
COMMENT ON FUNCTION internal.standing_orders(internal.order_decision[]) IS
  'The decisions about a batch that stand. Each takes it that all before it were accepted, so the first that is not is '
  'the last; one that lacks the cash that those before it take, and one that must find them in the tables, waits for '
  'another look. Reservations are numbered one after the other.';
