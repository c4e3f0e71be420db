-- BEFORE UPDATE on ops.audit_log; errors TR213
CREATE OR REPLACE FUNCTION internal.tg_audit_log__guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.hash IS NULL AND NEW.hash IS NOT NULL THEN
    OLD.number := NEW.number;
    OLD.hash := NEW.hash;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'ops.audit_log is append-only'
    USING ERRCODE = 'TR213', DETAIL = format('UPDATE of entry %s was refused.', OLD.entry_id),
          HINT = 'What was done stays written; undo it by another act.';
END
$$;
COMMENT ON FUNCTION internal.tg_audit_log__guard() IS
  'A row of the audit gets its place in the chain, once; nothing else of it changes, whoever tries. Error TR213.';
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON ops.audit_log
  FOR EACH ROW EXECUTE FUNCTION internal.tg_audit_log__guard();
COMMENT ON TRIGGER guard ON ops.audit_log IS 'The table is append-only.';
CREATE OR REPLACE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON ops.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_change();
COMMENT ON TRIGGER refuse_change ON ops.audit_log IS 'The table is append-only.';
