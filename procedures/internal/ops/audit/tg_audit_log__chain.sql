-- AFTER INSERT on ops.audit_log, at commit; locks and writes ops.chain_heads; writes ops.audit_log
CREATE OR REPLACE FUNCTION internal.tg_audit_log__chain()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_head ops.chain_heads;
BEGIN
  SELECT * INTO v_head FROM ops.chain_heads AS h WHERE h.chain = 'audit' FOR UPDATE;
  v_head.number := v_head.number + 1;
  v_head.hash := internal.audit_hash(v_head.hash, v_head.number, NEW);
  UPDATE ops.audit_log AS a SET number = v_head.number, hash = v_head.hash
   WHERE a.entry_id = NEW.entry_id AND a.recorded_at = NEW.recorded_at;
  UPDATE ops.chain_heads AS h SET number = v_head.number, hash = v_head.hash WHERE h.chain = 'audit';
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_audit_log__chain() IS
  'Gives each new row its place in the chain. At commit, so that the one lock is the last that a transaction takes, '
  'and is held for its commit alone.';
REVOKE ALL ON FUNCTION internal.tg_audit_log__chain() FROM PUBLIC;
-- A constraint trigger cannot be replaced. One that stayed would not be of this installation, and would be removed.
SET CONSTRAINTS ALL IMMEDIATE;
DROP TRIGGER IF EXISTS chain ON ops.audit_log;
CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON ops.audit_log DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION internal.tg_audit_log__chain();
SET CONSTRAINTS ALL DEFERRED;
COMMENT ON TRIGGER chain ON ops.audit_log IS 'Chains the row when its transaction commits.';
