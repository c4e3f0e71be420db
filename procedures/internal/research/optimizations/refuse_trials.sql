-- reads identity.users, identity.tiers, research.optimizations, research.optimization_windows; locks the user's row;
-- errors TR541, TR731
CREATE OR REPLACE FUNCTION internal.refuse_trials(p_count bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  IF p_count > 100000 THEN
    RAISE EXCEPTION 'an optimization has at most 100000 trials'
      USING ERRCODE = 'TR541', DETAIL = format('There would be %s in all its windows.', p_count),
            HINT = 'Take fewer values or longer steps, fewer windows, or a number of trials with another method than '
                   'grid.';
  END IF;
  PERFORM internal.require_tier('trials_per_day', ops.actor(), p_more => p_count);
END
$$;
COMMENT ON FUNCTION internal.refuse_trials(bigint) IS
  'Refuses an optimization with more trials than one may have, or than the tier of who acts allows. Errors TR541, '
  'TR731.';
