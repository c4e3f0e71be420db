-- reads strategy.strategies, strategy.strategy_versions; writes what internal.put_check writes; errors TR511, TR512
CREATE OR REPLACE FUNCTION internal.require_checked(p_agent strategy.agents, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_strategy strategy.strategies;
  v_version  strategy.strategy_versions;
  v_check    jsonb;
BEGIN
  SELECT * INTO v_strategy FROM strategy.strategies AS s WHERE s.strategy_id = p_agent.strategy_id;
  SELECT * INTO v_version FROM strategy.strategy_versions AS v
   WHERE v.strategy_id = p_agent.strategy_id AND v.version = p_agent.version;
  IF v_version.status = 'unchecked' THEN
    v_check := internal.check_rules(v_strategy.type, v_version.timeframe, v_version.parameters);
    IF v_check IS NULL THEN
      RAISE EXCEPTION 'nobody has checked the rules of strategy "%" yet', v_strategy.name
        USING ERRCODE = 'TR511', DETAIL = format('Version %s is unchecked.', v_version.version),
              HINT = 'Run: bourse strategy check. A runner that is at work checks it, too.';
    END IF;
    v_version := internal.put_check(v_version.strategy_id, v_version.version, v_check, p_at);
  END IF;
  IF v_version.status = 'refused' THEN
    RAISE EXCEPTION 'the rules of strategy "%" cannot run', v_strategy.name
      USING ERRCODE = 'TR512', DETAIL = format('Version %s: %s', v_version.version, v_version.error),
            HINT = 'strategy.create_strategy(...) of the same name makes a new version; create an agent for it.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_checked(strategy.agents, timestamptz) IS
  'Refuses an agent whose version nobody has checked, or a check has refused; where the extension is installed an '
  'unchecked one is checked now. Errors TR511, TR512.';
