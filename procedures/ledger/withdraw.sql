-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances, trading.portfolio_values, ops.events; errors
-- TR211, TR401, TR403, TR404, TR406, TR407, TR409
CREATE OR REPLACE FUNCTION ledger.withdraw(
  portfolio text, amount numeric, currency text DEFAULT NULL, at timestamptz DEFAULT now(), reference text DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM internal.move_capital(portfolio, amount, 'withdrawal', currency, at, reference)
$$;
COMMENT ON FUNCTION ledger.withdraw(text, numeric, text, timestamptz, text) IS
  'Books a withdrawal of cash in the portfolio''s currency unless another is given. The same reference again answers '
  'the first transfer. Errors TR211, TR401, TR403, TR404, TR406, TR409.';
REVOKE ALL ON FUNCTION ledger.withdraw(text, numeric, text, timestamptz, text) FROM PUBLIC;
