-- writes ledger.exchange_rates; errors TR408
CREATE OR REPLACE FUNCTION ledger.set_exchange_rate(
  from_currency text, to_currency text, rate numeric, at timestamptz DEFAULT now())
RETURNS ledger.exchange_rates
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_rate ledger.exchange_rates;
BEGIN
  IF (set_exchange_rate.from_currency ~ '^[A-Z][A-Z0-9]{2,9}$'
      AND set_exchange_rate.to_currency ~ '^[A-Z][A-Z0-9]{2,9}$'
      AND set_exchange_rate.from_currency <> set_exchange_rate.to_currency
      AND set_exchange_rate.rate BETWEEN 1e-15 AND 1e15 AND isfinite(set_exchange_rate.at)) IS NOT TRUE THEN
    RAISE EXCEPTION 'an exchange rate needs two different currencies, a positive rate and a time'
      USING ERRCODE = 'TR408',
            DETAIL = format('%L to %L at %s, %s.', left(set_exchange_rate.from_currency, 16),
                            left(set_exchange_rate.to_currency, 16), set_exchange_rate.rate, set_exchange_rate.at),
            HINT = 'ledger.set_exchange_rate(''EUR'', ''USD'', 1.08) says that one euro costs 1.08 dollars.';
  END IF;
  INSERT INTO ledger.exchange_rates AS r (from_currency, to_currency, at, rate)
  VALUES (set_exchange_rate.from_currency, set_exchange_rate.to_currency, set_exchange_rate.at, set_exchange_rate.rate)
  ON CONFLICT ON CONSTRAINT exchange_rates_pkey DO UPDATE SET rate = EXCLUDED.rate, recorded_at = EXCLUDED.recorded_at
  RETURNING r.* INTO v_rate;
  RETURN v_rate;
END
$$;
COMMENT ON FUNCTION ledger.set_exchange_rate(text, text, numeric, timestamptz) IS
  'Sets the rate of a pair from a time on; setting it again for the same time corrects it. What was converted before '
  'stays as it was. Error TR408.';
REVOKE ALL ON FUNCTION ledger.set_exchange_rate(text, text, numeric, timestamptz) FROM PUBLIC;
