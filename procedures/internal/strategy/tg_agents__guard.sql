-- BEFORE UPDATE on strategy.agents; writes ops.events; errors TR504
CREATE OR REPLACE FUNCTION internal.tg_agents__guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM strategy.agent_transitions AS t
                  WHERE t.from_status = OLD.status AND t.to_status = NEW.status) THEN
    RAISE EXCEPTION 'agent "%" cannot go from % to %', OLD.name, OLD.status, NEW.status
      USING ERRCODE = 'TR504', DETAIL = format('It has been %s since %s.', OLD.status, OLD.changed_at),
            HINT = 'strategy.agent_transitions lists the moves.';
  END IF;
  PERFORM internal.lock_portfolio(NEW.portfolio_id);
  PERFORM internal.emit_event('agent.' || NEW.status, NEW.changed_at, NEW.portfolio_id,
                         p_payload => jsonb_strip_nulls(jsonb_build_object('agent', NEW.name, 'error', NEW.error)));
  PERFORM internal.ring_doorbell(NEW.portfolio_id);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_agents__guard() IS
  'Refuses moves that strategy.agent_transitions does not list, journals the others and wakes the runner.';
CREATE OR REPLACE TRIGGER trigger_guard_agent BEFORE UPDATE ON strategy.agents
  FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION internal.tg_agents__guard();
COMMENT ON TRIGGER trigger_guard_agent ON strategy.agents IS 'The state machine of an agent.';
