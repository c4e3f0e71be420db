-- reads ops.epochs; writes it in the first transaction after a restore
CREATE OR REPLACE FUNCTION internal.stream_xid()
RETURNS xid8
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_epoch      int;
  v_is_current boolean;
BEGIN
  SELECT e.epoch, e.is_current INTO v_epoch, v_is_current FROM ops.current_epoch AS e;
  IF v_is_current IS NOT TRUE THEN
    v_epoch := internal.begin_epoch(v_epoch);
  END IF;
  RETURN CASE v_epoch WHEN 0 THEN pg_current_xact_id()
                      ELSE (v_epoch * 1000000000000000 + pg_current_xact_id()::text::bigint)::text::xid8 END;
END
$$;
COMMENT ON FUNCTION internal.stream_xid() IS
  'What this transaction is in the journal: its id, above all ids of earlier epochs. Whoever writes an event asks '
  'here, so that nothing is journaled on a server before its epoch has begun.';
