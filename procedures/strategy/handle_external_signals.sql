-- writes strategy.external_signals; errors TR525, TR604
CREATE OR REPLACE FUNCTION strategy.handle_external_signals(
  portfolio_ids int[], external_signal_ids bigint[], times timestamptz[], signal_nos bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_count int;
BEGIN
  IF (cardinality($1) <= 100000
      AND cardinality($1) = ALL (ARRAY[cardinality($2), cardinality($3), cardinality($4)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of handled signals differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s signals, %s times.', cardinality($1),
                                               cardinality($2), cardinality($3)),
            HINT = 'Give one element per signal in each array, at most 100,000.';
  END IF;
  UPDATE strategy.external_signals AS e SET handled_at = n.at, signal_no = n.signal_no
    FROM unnest($1, $2, $3, $4) AS n (portfolio_id, external_signal_id, at, signal_no)
   WHERE e.portfolio_id = n.portfolio_id AND e.external_signal_id = n.external_signal_id AND e.handled_at IS NULL
     AND internal.is_event_time(n.at) AND coalesce(n.signal_no, 1) > 0;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> cardinality($1) THEN
    RAISE EXCEPTION 'signals that do not wait cannot be handled'
      USING ERRCODE = 'TR525', DETAIL = format('%s of %s were waiting.', v_count, cardinality($1)),
            HINT = 'Each signal of strategy.external_signals is handled once, at a time from 1900 until 2199.';
  END IF;
END
$$;
COMMENT ON FUNCTION strategy.handle_external_signals(int[], bigint[], timestamptz[], bigint[]) IS
  'Says of signals of outside programs that their agents have looked at them, and (unless NULL) which row of '
  'strategy.signals came of each. Errors TR525, TR604.';
REVOKE ALL ON FUNCTION strategy.handle_external_signals(int[], bigint[], timestamptz[], bigint[]) FROM PUBLIC;
