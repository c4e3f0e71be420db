-- locks ledger.portfolio_clocks; writes trading.positions, trading.lots, trading.lot_closures, trading.orders,
-- trading.settlements, trading.margin_calls, ledger.*, ops.events errors TR101, TR103 to TR105, TR211, TR604
CREATE OR REPLACE FUNCTION trading.expire_options(
  portfolio text DEFAULT NULL, day date DEFAULT NULL, symbols text[] DEFAULT '{}', prices numeric[] DEFAULT '{}',
  at timestamptz DEFAULT now())
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT s.*
    FROM internal.settle_contracts('option', portfolio, expire_options.day, symbols, prices, expire_options.at) AS s;
END
$$;
COMMENT ON FUNCTION trading.expire_options(text, date, text[], numeric[], timestamptz) IS
  'Ends the options of a portfolio (NULL: of all) whose last day is over by a trading day (NULL: the latest that is '
  'over) at their intrinsic value in cash, and their open orders. Symbols and prices give the underlyings'' prices, '
  'else their latest quotes count; of an option that names no underlying the price goes with its own symbol. Returns '
  'what this call ended. Errors TR101, TR103 to TR105, TR211, TR604.';
REVOKE ALL ON FUNCTION trading.expire_options(text, date, text[], numeric[], timestamptz) FROM PUBLIC;
