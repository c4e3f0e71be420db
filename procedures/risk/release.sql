-- locks ledger.portfolio_clocks; writes risk.locks, trading.portfolio_values, ops.events; errors TR211, TR249,
-- TR328
CREATE OR REPLACE FUNCTION risk.release(portfolio text, lock_id int, at timestamptz DEFAULT now())
RETURNS risk.locks
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(release.portfolio, 'trade');
  v_lock         risk.locks;
BEGIN
  PERFORM internal.require_event_time(release.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  UPDATE risk.locks AS l SET released_at = release.at, released_by = ops.actor()
   WHERE l.portfolio_id = v_portfolio_id AND l.lock_id = release.lock_id AND l.released_at IS NULL
  RETURNING * INTO v_lock;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'portfolio "%" has no lock % to release', release.portfolio, coalesce(release.lock_id::text, 'NULL')
      USING ERRCODE = 'TR328',
            DETAIL = format('%s locks of it were never released.',
                            (SELECT count(*)
                               FROM risk.locks AS l
                              WHERE l.portfolio_id = v_portfolio_id AND l.released_at IS NULL)),
            HINT = 'SELECT * FROM risk.locks WHERE released_at IS NULL.';
  END IF;
  IF v_lock.code = 'TR322' THEN
    PERFORM internal.reset_peak(v_portfolio_id, release.at);
  END IF;
  PERFORM internal.emit_event('risk.released', release.at, v_portfolio_id, v_lock.instrument_id,
                              p_payload => jsonb_build_object('lock_id', v_lock.lock_id, 'code', v_lock.code));
  PERFORM internal.ring_doorbell(v_portfolio_id);
  RETURN v_lock;
END
$$;
COMMENT ON FUNCTION risk.release(text, int, timestamptz) IS
  'Ends a lock before it expires; for a drawdown it is the only way, and a new peak begins at today''s index. Errors '
  'TR211, TR249, TR328.';
REVOKE ALL ON FUNCTION risk.release(text, int, timestamptz) FROM PUBLIC;
