-- errors TR403
CREATE OR REPLACE FUNCTION internal.require_amount(p_amount numeric)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF p_amount <> round(p_amount, 8) THEN
    RAISE EXCEPTION 'an amount has at most eight decimals'
      USING ERRCODE = 'TR403', DETAIL = format('The amount is %s.', left(p_amount::text, 100)),
            HINT = 'Round it first: the books keep every decimal that they are given, and round none away.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_amount(numeric) IS
  'Refuses an amount of more than eight decimals, which would be rounded; its sign and size are judged where it is '
  'booked. NULL passes. Error TR403.';
