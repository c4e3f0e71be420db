-- for programs; locks ledger.portfolio_clocks; writes what trading.settle_futures and trading.expire_options write
CREATE OR REPLACE FUNCTION trading.settle_day(portfolio_ids int[], exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio record;
  v_kind      market.instrument_kind;
BEGIN
  PERFORM internal.lock_portfolios(portfolio_ids);
  FOR v_portfolio IN
    SELECT p.portfolio_id, p.name
    FROM trading.portfolios AS p
    WHERE p.portfolio_id = ANY (settle_day.portfolio_ids)
    ORDER BY p.portfolio_id
    LOOP
    FOREACH v_kind IN ARRAY ARRAY['future', 'option']::market.instrument_kind[] LOOP
      BEGIN
        PERFORM internal.settle_contracts(v_kind, v_portfolio.name, NULL, '{}', '{}', settle_day.at);
      EXCEPTION
        -- Nothing can be settled without a price. A person gives it; a service that stops would help nobody.
        WHEN SQLSTATE 'TR105' THEN
          PERFORM internal.emit_event('settlement.unpriced', settle_day.at, v_portfolio.portfolio_id,
                                      p_payload => jsonb_build_object('kind', v_kind, 'reason', SQLERRM));
      END;
    END LOOP;
  END LOOP;
  RETURN market.next_day_end(settle_day.exchange_id, settle_day.at);
END
$$;
COMMENT ON FUNCTION trading.settle_day(int[], int, timestamptz) IS
  'A trading day of the exchange is over: settles futures and ends options at the latest quotes, and returns the end '
  'of its next day (NULL: none within two weeks). Contracts of which no price is known are left for a person, '
  'journaled as settlement.unpriced. Errors TR104, TR211.';
REVOKE ALL ON FUNCTION trading.settle_day(int[], int, timestamptz) FROM PUBLIC;
