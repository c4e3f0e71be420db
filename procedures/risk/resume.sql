-- locks ledger.books for a portfolio or agent; writes risk.halts, ops.events; errors TR306, TR307
CREATE OR REPLACE FUNCTION risk.resume(scope risk.scope DEFAULT 'system', target text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS risk.halts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_scope_id int := risk.scope_id(resume.scope, resume.target);
  v_halt     risk.halts;
BEGIN
  IF resume.scope IN ('portfolio', 'agent') THEN
    PERFORM ledger.lock_book(risk.scope_portfolio_id(resume.scope, v_scope_id));
  END IF;
  UPDATE risk.halts AS h SET resumed_at = resume.at, resumed_by = session_user
   WHERE h.scope = resume.scope AND h.scope_id IS NOT DISTINCT FROM v_scope_id AND h.resumed_at IS NULL
  RETURNING * INTO v_halt;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no halt of % % to end', resume.scope, coalesce(resume.target, '')
      USING ERRCODE = 'TR307', DETAIL = format('In force are %s halts.', (SELECT count(*) FROM risk.halts AS h WHERE h.resumed_at IS NULL)),
            HINT = 'SELECT * FROM risk.halts WHERE resumed_at IS NULL.';
  END IF;
  PERFORM ops.emit_event('risk.resumed', resume.at, risk.scope_portfolio_id(resume.scope, v_scope_id),
                         p_payload => jsonb_build_object('scope', resume.scope, 'target', resume.target));
  PERFORM ops.ring_doorbell(risk.scope_portfolio_id(resume.scope, v_scope_id));
  RETURN v_halt;
END
$$;
COMMENT ON FUNCTION risk.resume(risk.scope, text, timestamptz) IS 'Ends the halt of a scope. Errors TR306, TR307.';
REVOKE ALL ON FUNCTION risk.resume(risk.scope, text, timestamptz) FROM PUBLIC;
