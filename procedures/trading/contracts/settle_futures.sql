-- locks ledger.portfolio_clocks; writes trading.positions, trading.lots, trading.lot_closures, trading.orders,
-- trading.settlements, trading.unpriced_settlements, trading.margin_calls, ledger.*, ops.events; errors TR101, TR103,
-- TR104, TR211, TR245, TR604
CREATE OR REPLACE FUNCTION trading.settle_futures(
  portfolio text DEFAULT NULL, day date DEFAULT NULL, symbols text[] DEFAULT '{}', prices numeric[] DEFAULT '{}',
  at timestamptz DEFAULT now())
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT s.*
    FROM internal.settle_portfolios('future', portfolio, settle_futures.day, symbols, prices, settle_futures.at) AS s;
END
$$;
COMMENT ON FUNCTION trading.settle_futures(text, date, text[], numeric[], timestamptz) IS
  'Settles the futures of a portfolio (NULL: of all) for a trading day (NULL: each day that is over and not settled, '
  'in order), once: gains are paid into cash, losses taken out of it (internal.raise_cash says from where), margins '
  'follow; on a future''s last day the position closes and open orders end. The price is the last one that the future '
  '(on its last day what it is on) had on that day, or the one given for its symbol, which is of the latest day. A '
  'position without a price of the day stays open and unsettled (trading.unsettled, warning TR246). Returns what this '
  'call settled. Errors TR101, TR103, TR104, TR211, TR245, TR604.';
REVOKE ALL ON FUNCTION trading.settle_futures(text, date, text[], numeric[], timestamptz) FROM PUBLIC;
