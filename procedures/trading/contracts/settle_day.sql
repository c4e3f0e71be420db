-- for programs; locks ledger.portfolio_clocks; writes what trading.settle_futures, trading.expire_options and
-- trading.charge_borrow write; errors TR249
CREATE OR REPLACE FUNCTION trading.settle_day(portfolio_ids int[], exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int;
  v_kind         market.instrument_kind;
BEGIN
  PERFORM internal.require_event_time(settle_day.at);
  PERFORM internal.lock_portfolios(portfolio_ids);
  FOR v_portfolio_id, v_kind IN
    SELECT DISTINCT n.portfolio_id, i.kind
      FROM (SELECT p.portfolio_id, p.instrument_id FROM trading.positions AS p WHERE p.quantity <> 0
            UNION ALL
            SELECT o.portfolio_id, o.instrument_id FROM trading.orders AS o WHERE o.closed_at IS NULL) AS n
      JOIN market.instruments AS i USING (instrument_id)
     WHERE n.portfolio_id = ANY (settle_day.portfolio_ids) AND i.exchange_id = settle_day.exchange_id
       AND i.kind IN ('future', 'option')
     ORDER BY 1, 2
  LOOP
    PERFORM internal.settle_contracts(v_kind, v_portfolio_id, settle_day.exchange_id, NULL, '{}', '{}', settle_day.at);
  END LOOP;
  PERFORM internal.charge_borrow(n.portfolio_id, settle_day.exchange_id,
                                 market.last_closed_day(settle_day.exchange_id, settle_day.at), settle_day.at)
     FROM (SELECT DISTINCT p.portfolio_id FROM unnest(settle_day.portfolio_ids) AS p (portfolio_id)
           ORDER BY 1) AS n
    WHERE EXISTS (SELECT FROM trading.borrow_rates AS b JOIN market.instruments AS i USING (instrument_id)
                   WHERE i.exchange_id = settle_day.exchange_id);
  RETURN market.next_day_end(settle_day.exchange_id, settle_day.at);
END
$$;
COMMENT ON FUNCTION trading.settle_day(int[], int, timestamptz) IS
  'A trading day of the exchange is over: settles the futures and ends the options that trade there, charges for what '
  'is held short, and returns the end of its next day (NULL: none within two weeks). Positions without a price of '
  'their day stay open, journaled as settlement.unpriced. Error TR249.';
REVOKE ALL ON FUNCTION trading.settle_day(int[], int, timestamptz) FROM PUBLIC;
