-- locks ledger.portfolio_clocks; writes ops.events; errors TR211, TR249, TR503, TR604
CREATE OR REPLACE FUNCTION strategy.record_warm_ups(
  portfolio_ids int[], agent_ids int[], instrument_ids int[], reasons text[], at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_warmed record;
BEGIN
  PERFORM internal.require_event_time(record_warm_ups.at);
  IF (cardinality($1) <= 100000
      AND cardinality($1) = ALL (ARRAY[cardinality($2), cardinality($3), cardinality($4)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of agents that were warmed up differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s agents, %s reasons.', cardinality($1),
                                               cardinality($2), cardinality($4)),
            HINT = 'Give one element per agent and instrument in each array, at most 100,000.';
  END IF;
  PERFORM internal.lock_portfolios($1);
  FOR v_warmed IN
    SELECT n.portfolio_id, n.agent_id, n.instrument_id, n.reason, a.name, i.symbol
      FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS n (portfolio_id, agent_id, instrument_id, reason, place)
      LEFT JOIN strategy.agent_instruments AS k USING (portfolio_id, agent_id, instrument_id)
      LEFT JOIN strategy.agents AS a
        ON a.portfolio_id = k.portfolio_id AND a.agent_id = k.agent_id
      LEFT JOIN market.listings AS i ON i.instrument_id = k.instrument_id
     ORDER BY n.place
  LOOP
    IF v_warmed.name IS NULL THEN
      RAISE EXCEPTION 'no agent trades this instrument'
        USING ERRCODE = 'TR503',
              DETAIL = format('Portfolio %s, agent %s, instrument %s.', coalesce(v_warmed.portfolio_id::text, 'NULL'),
                              coalesce(v_warmed.agent_id::text, 'NULL'),
                              coalesce(v_warmed.instrument_id::text, 'NULL')),
              HINT = 'strategy.agent_instruments lists what each agent trades.';
    END IF;
    PERFORM internal.emit_event('agent.warmed_up', record_warm_ups.at, v_warmed.portfolio_id,
                                p_payload => jsonb_build_object('agent', v_warmed.name, 'symbol', v_warmed.symbol,
                                                                'reason', left(v_warmed.reason, 1000)));
  END LOOP;
END
$$;
COMMENT ON FUNCTION strategy.record_warm_ups(int[], int[], int[], text[], timestamptz) IS
  'Journals that the rules of agents were shown the past anew, and why: what they remembered is of another release. '
  'Errors TR211, TR249, TR503, TR604.';
REVOKE ALL ON FUNCTION strategy.record_warm_ups(int[], int[], int[], text[], timestamptz) FROM PUBLIC;
