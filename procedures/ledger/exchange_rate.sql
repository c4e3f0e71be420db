-- reads ledger.exchange_rates; errors TR407
CREATE OR REPLACE FUNCTION ledger.exchange_rate(from_currency text, to_currency text, at timestamptz DEFAULT now())
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_direct  record;
  v_inverse record;
BEGIN
  IF exchange_rate.from_currency = exchange_rate.to_currency THEN
    RETURN 1;
  END IF;
  SELECT r.at, r.rate INTO v_direct FROM ledger.exchange_rates AS r
   WHERE r.from_currency = exchange_rate.from_currency AND r.to_currency = exchange_rate.to_currency
     AND r.at <= exchange_rate.at
   ORDER BY r.at DESC LIMIT 1;
  SELECT r.at, r.rate INTO v_inverse FROM ledger.exchange_rates AS r
   WHERE r.from_currency = exchange_rate.to_currency AND r.to_currency = exchange_rate.from_currency
     AND r.at <= exchange_rate.at
   ORDER BY r.at DESC LIMIT 1;
  IF v_direct.at >= v_inverse.at OR v_inverse.at IS NULL AND v_direct.at IS NOT NULL THEN
    RETURN v_direct.rate;
  ELSIF v_inverse.at IS NOT NULL THEN
    -- In whole units of the twentieth decimal: numeric division would round twice.
    RETURN div(2e20 + v_inverse.rate, 2 * v_inverse.rate) * 1e-20;
  END IF;
  RAISE EXCEPTION 'no exchange rate from % to % is known', coalesce(left(exchange_rate.from_currency, 16), 'NULL'),
    coalesce(left(exchange_rate.to_currency, 16), 'NULL')
    USING ERRCODE = 'TR407',
          DETAIL = format('There is none at %s, in either direction.', coalesce(exchange_rate.at::text, 'NULL')),
          HINT = 'Set one with ledger.set_exchange_rate(from_currency, to_currency, rate, at).';
END
$$;
COMMENT ON FUNCTION ledger.exchange_rate(text, text, timestamptz) IS
  'Units of to_currency for one unit of from_currency: the latest rate of the pair at that time, in whichever '
  'direction it was set last; 1 for one and the same currency. Error TR407.';
