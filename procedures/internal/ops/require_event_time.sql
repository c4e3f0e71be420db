-- errors TR249
CREATE OR REPLACE FUNCTION internal.require_event_time(p_at timestamptz, p_since timestamptz DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF (internal.is_event_time(p_at) AND p_at >= coalesce(p_since, p_at)) IS NOT TRUE THEN
    RAISE EXCEPTION 'nothing of this can have happened then'
      USING ERRCODE = 'TR249',
            DETAIL = format('at %s%s.', coalesce(p_at::text, 'NULL'), coalesce(', which is before ' || p_since, '')),
            HINT = CASE WHEN p_at < p_since THEN 'Nothing happens in a portfolio before it was opened, and nothing is '
                                                 'taken back before it happened.'
                        ELSE 'Give a time from 1900 until 2199, or leave it out: then it is now.' END;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_event_time(timestamptz, timestamptz) IS
  'Refuses an event time that cannot be: NULL, infinite, before 1900, after 2199, or before p_since (NULL: no such '
  'time). Error TR249.';
