-- reads ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.measuring_rate(p_from text, p_to text, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN ledger.exchange_rate(p_from, p_to, p_at);
EXCEPTION
  WHEN SQLSTATE 'TR407' THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.measuring_rate(text, text, timestamptz) IS
  'Exchange rate for measuring; NULL while none is known, so that a limit refuses what it cannot measure.';
