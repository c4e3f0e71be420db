-- locks ledger.portfolio_clocks; writes what internal.charge_borrow writes; errors TR104, TR211, TR245
CREATE OR REPLACE FUNCTION trading.charge_borrow(
  portfolio text DEFAULT NULL, day date DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS SETOF trading.borrow_charges
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_only         int := CASE WHEN charge_borrow.portfolio IS NOT NULL
                             THEN trading.portfolio_id(charge_borrow.portfolio, 'trade') END;
  v_exchange     record;
  v_portfolio_id int;
BEGIN
  IF isfinite(charge_borrow.at) IS NOT TRUE OR isfinite(charge_borrow.day) IS FALSE THEN
    RAISE EXCEPTION 'borrow is charged at a time'
      USING ERRCODE = 'TR104',
            DETAIL = format('It is %s, day %s.', coalesce(charge_borrow.at::text, 'NULL'), charge_borrow.day),
            HINT = 'Leave it out to charge now.';
  END IF;
  FOR v_exchange IN
    SELECT e.exchange_id, e.code, c.day AS closed
      FROM market.exchanges AS e
      CROSS JOIN LATERAL (SELECT market.last_closed_day(e.exchange_id, charge_borrow.at)) AS c (day)
     WHERE EXISTS (SELECT FROM trading.borrow_rates AS b JOIN market.instruments AS i USING (instrument_id)
                    WHERE i.exchange_id = e.exchange_id)
     ORDER BY e.exchange_id
  LOOP
    IF charge_borrow.day > coalesce(v_exchange.closed, '-infinity') THEN
      RAISE EXCEPTION 'the trading day % is not over', charge_borrow.day
        USING ERRCODE = 'TR245', DETAIL = format('At %s the latest day that is over at %s is %s.', charge_borrow.at,
                                                 v_exchange.code, v_exchange.closed),
              HINT = 'A day is charged when its last session has closed; leave day out for all that are over.';
    END IF;
    FOR v_portfolio_id IN
      SELECT DISTINCT p.portfolio_id
        FROM trading.positions AS p JOIN market.instruments AS i USING (instrument_id)
        JOIN trading.borrow_rates AS b USING (instrument_id)
       WHERE (p.portfolio_id = v_only OR v_only IS NULL) AND i.exchange_id = v_exchange.exchange_id
       ORDER BY 1
    LOOP
      PERFORM internal.lock_portfolio(v_portfolio_id);
      RETURN QUERY
        SELECT c.*
          FROM generate_series(
                 coalesce(charge_borrow.day,
                          internal.first_day_to_charge(v_portfolio_id, v_exchange.exchange_id, charge_borrow.at)),
                 coalesce(charge_borrow.day, v_exchange.closed), interval '1 day') AS d (day)
          CROSS JOIN LATERAL internal.charge_borrow(v_portfolio_id, v_exchange.exchange_id, d.day::date,
                                                    charge_borrow.at) AS c;
    END LOOP;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.charge_borrow(text, date, timestamptz) IS
  'Charges a portfolio (NULL: all) for what it held short over the end of a trading day (NULL: of each that is over '
  'since what it is short of was sold), by trading.borrow_rates, once for each instrument and day; runners do so by '
  'themselves. Returns what this call charged. Errors TR104, TR211, TR245.';
REVOKE ALL ON FUNCTION trading.charge_borrow(text, date, timestamptz) FROM PUBLIC;
