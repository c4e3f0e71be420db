-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances, trading.portfolio_values, ops.events; errors
-- TR211, TR403, TR406, TR407, TR409
CREATE OR REPLACE FUNCTION ledger.deposit(
  portfolio text, amount numeric, currency text DEFAULT NULL, at timestamptz DEFAULT now(), reference text DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM internal.move_capital(portfolio, amount, 'deposit', currency, at, reference)
$$;
COMMENT ON FUNCTION ledger.deposit(text, numeric, text, timestamptz, text) IS
  'Books a deposit of cash in the portfolio''s currency unless another is given, whose accounts are opened then. The '
  'same reference again answers the first transfer. Errors TR211, TR403, TR406, TR409.';
REVOKE ALL ON FUNCTION ledger.deposit(text, numeric, text, timestamptz, text) FROM PUBLIC;
