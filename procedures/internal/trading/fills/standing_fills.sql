CREATE OR REPLACE FUNCTION internal.standing_fills(
  p_reports internal.fill_report[], p_decisions internal.fill_decision[])
RETURNS internal.fill_decision[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_decisions internal.fill_decision[] := ARRAY[]::internal.fill_decision[];
  v_decision  internal.fill_decision;
  v_accounts  text[] := ARRAY[]::text[];
  v_changes   numeric[] := ARRAY[]::numeric[];  -- of their cash by the ones before
  v_account   text;
  v_place     int;
  v_at        int := 0;
BEGIN
  FOREACH v_decision IN ARRAY p_decisions LOOP
    v_at := v_at + 1;
    EXIT WHEN v_decision.is_alone AND v_at > 1;
    v_account := p_reports[v_at].portfolio_id || '/' || v_decision.cash_id;
    v_place := coalesce(array_position(v_accounts, v_account), cardinality(v_accounts) + 1);
    -- It was decided about without the ones before it: what they take may be missing, or what they bring may do.
    EXIT WHEN v_changes[v_place] <> 0
      AND (v_decision.code = 'TR401' OR v_decision.available + v_changes[v_place] + v_decision.cash < 0);
    v_accounts[v_place] := v_account;
    v_changes[v_place] := coalesce(v_changes[v_place], 0) + coalesce(v_decision.cash, 0);
    v_decisions := v_decisions || v_decision;
    EXIT WHEN v_decision.is_alone OR v_decision.is_known OR v_decision.fault IS NOT NULL OR v_decision.code IS NOT NULL;
  END LOOP;
  RETURN v_decisions;
END
$$;
COMMENT ON FUNCTION internal.standing_fills(internal.fill_report[], internal.fill_decision[]) IS
  'The decisions about a batch that stand. Each takes it that all before it were booked, so the first that is not is '
  'the last; one that lacks the cash that those before it take, and one that must find them in the tables, waits for '
  'another look.';
