-- locks ledger.portfolio_clocks; writes trading.positions, trading.lots, trading.lot_closures, trading.orders,
-- trading.settlements, trading.unpriced_settlements, trading.margin_calls, ledger.*, ops.events; errors TR101, TR103,
-- TR104, TR211, TR245, TR604
CREATE OR REPLACE FUNCTION trading.expire_options(
  portfolio text DEFAULT NULL, day date DEFAULT NULL, symbols text[] DEFAULT '{}', prices numeric[] DEFAULT '{}',
  at timestamptz DEFAULT now())
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT s.*
    FROM internal.settle_portfolios('option', portfolio, expire_options.day, symbols, prices, expire_options.at) AS s;
END
$$;
COMMENT ON FUNCTION trading.expire_options(text, date, text[], numeric[], timestamptz) IS
  'Ends the options of a portfolio (NULL: of all) whose last day is over (day: over by that day) at their intrinsic '
  'value in cash, and their open orders. The price is the last one that the underlying had on the option''s last day, '
  'or the one given for the underlying''s symbol; of an option that names no underlying it is given for its own '
  'symbol. Without one the position stays open (trading.unsettled, warning TR246). Returns what this call ended. '
  'Errors TR101, TR103, TR104, TR211, TR245, TR604.';
REVOKE ALL ON FUNCTION trading.expire_options(text, date, text[], numeric[], timestamptz) FROM PUBLIC;
