-- reads ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.base_rate(p_currency text, p_base text, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE p_currency WHEN p_base THEN 1 ELSE ledger.exchange_rate(p_currency, p_base, p_at) END;
EXCEPTION
  WHEN SQLSTATE 'TR407' THEN
    RETURN 0;
END
$$;
COMMENT ON FUNCTION internal.base_rate(text, text, timestamptz) IS
  'Exchange rate for valuing foreign money: 0 while no rate is known, so that nobody is richer by a guess.';
