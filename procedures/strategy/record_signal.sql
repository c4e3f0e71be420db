-- locks ledger.portfolio_clocks; writes strategy.external_signals, ops.events; rings the doorbell; errors TR101, TR103,
-- TR211, TR249, TR503, TR525
CREATE OR REPLACE FUNCTION strategy.record_signal(
  agent text, symbol text, action strategy.signal_action, portfolio text DEFAULT NULL, at timestamptz DEFAULT now(),
  confidence float8 DEFAULT NULL, price float8 DEFAULT NULL, note text DEFAULT NULL, key text DEFAULT NULL)
RETURNS strategy.external_signals
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(record_signal.symbol);
  v_agent         strategy.agents := internal.find_agent(record_signal.portfolio, record_signal.agent);
  v_known         strategy.external_signals;
  v_fault         text;
BEGIN
  PERFORM internal.require_event_time(record_signal.at);
  PERFORM internal.lock_portfolio(v_agent.portfolio_id);
  SELECT * INTO v_known FROM strategy.external_signals AS e
   WHERE e.portfolio_id = v_agent.portfolio_id AND e.agent_id = v_agent.agent_id AND e.key = record_signal.key;
  IF FOUND AND (v_known.instrument_id, v_known.action, v_known.at)
               = (v_instrument_id, record_signal.action, record_signal.at) THEN
    RETURN v_known;
  END IF;
  -- Under the lock: the agent may have been paused meanwhile.
  SELECT * INTO v_agent FROM strategy.agents AS a
   WHERE a.portfolio_id = v_agent.portfolio_id AND a.agent_id = v_agent.agent_id;
  v_fault := CASE
    WHEN v_known.key IS NOT NULL THEN 'the key was used for another signal'
    WHEN record_signal.action IS NULL THEN 'there is no action'
    WHEN v_agent.kind = 'rule_based' THEN 'the agent follows its rules alone'
    WHEN v_agent.status <> 'running' THEN format('the agent is %s', v_agent.status)
    WHEN NOT EXISTS (SELECT FROM strategy.agent_instruments AS i
                      WHERE i.portfolio_id = v_agent.portfolio_id AND i.agent_id = v_agent.agent_id
                        AND i.instrument_id = v_instrument_id AND i.leg_no IS NULL)
      THEN 'the agent does not trade this instrument'
    WHEN NOT coalesce(record_signal.confidence BETWEEN 0 AND 1, true) THEN 'the confidence is not within 0 and 1'
    WHEN NOT coalesce(record_signal.price > 0 AND record_signal.price < 'Infinity', true)
      THEN 'the price is not above zero'
    WHEN length(record_signal.note) > 10000 OR length(record_signal.key) NOT BETWEEN 1 AND 256
      THEN 'the note or the key is too long' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'the signal cannot be taken: %', v_fault
      USING ERRCODE = 'TR525',
            DETAIL = format('Agent %L (%s, %s), %s at %s, confidence %s, price %s.', v_agent.name, v_agent.kind,
                            v_agent.status, coalesce(record_signal.action::text, 'NULL'), record_signal.at,
                            coalesce(record_signal.confidence::text, 'NULL'),
                            coalesce(record_signal.price::text, 'NULL')),
            HINT = 'Agents of kind ai_powered and hybrid take signals for their own instruments while they run.';
  END IF;
  INSERT INTO strategy.external_signals (portfolio_id, agent_id, instrument_id, key, action, at, confidence, price,
                                         note)
  VALUES (v_agent.portfolio_id, v_agent.agent_id, v_instrument_id, record_signal.key, record_signal.action,
          record_signal.at, record_signal.confidence, record_signal.price, record_signal.note)
  RETURNING * INTO v_known;
  PERFORM internal.emit_event('agent.signalled', record_signal.at, v_agent.portfolio_id, v_instrument_id,
                              p_payload => jsonb_build_object(
                                'agent', v_agent.name, 'action', record_signal.action,
                                'external_signal_id', v_known.external_signal_id));
  PERFORM internal.ring_doorbell(v_agent.portfolio_id);
  RETURN v_known;
END
$$;
COMMENT ON FUNCTION strategy.record_signal(
  text, text, strategy.signal_action, text, timestamptz, float8, float8, text, text) IS
  'Tells a running agent of kind ai_powered or hybrid what an outside program wants: buy, sell (opens a short) or '
  'exit. Its runner acts at the next event of the market, with the sizing, exits and bounds of the agent. The same key '
  'again answers the first signal. portfolio NULL: the only one that has an agent of this name. Errors TR101, TR103, '
  'TR211, TR249, TR503, TR525.';
REVOKE ALL ON FUNCTION strategy.record_signal(
  text, text, strategy.signal_action, text, timestamptz, float8, float8, text, text) FROM PUBLIC;
