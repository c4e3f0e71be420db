CREATE OR REPLACE FUNCTION internal.intraday_part(p_intraday numeric, p_quantity numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE sign(p_quantity) WHEN 1 THEN least(greatest(p_intraday, 0), p_quantity)
                               WHEN -1 THEN greatest(least(p_intraday, 0), p_quantity)
                               ELSE 0 END;
END
$$;
COMMENT ON FUNCTION internal.intraday_part(numeric, numeric) IS
  'What of a position the end of the session squares off: never more than is held, for what other products closed is '
  'not there any more.';
