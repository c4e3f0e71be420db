-- reads trading.positions, trading.lots, trading.borrow_rates, trading.borrow_charges, the calendar
CREATE OR REPLACE FUNCTION internal.first_day_to_charge(p_portfolio_id int, p_exchange_id int, p_at timestamptz)
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_closed date := market.last_closed_day(p_exchange_id, p_at);
  v_first  date;  -- of all positions
  v_short  record;
  v_day    date;
BEGIN
  FOR v_short IN
    SELECT p.instrument_id, r.valid_from, o.opened_at,
           (SELECT max(c.day) FROM trading.borrow_charges AS c
             WHERE c.portfolio_id = p.portfolio_id AND c.instrument_id = p.instrument_id) AS charged
      FROM trading.positions AS p
      JOIN market.instruments AS i USING (instrument_id)
      JOIN (SELECT b.instrument_id, min(b.valid_from) AS valid_from FROM trading.borrow_rates AS b
             WHERE b.percent > 0 GROUP BY b.instrument_id) AS r USING (instrument_id)
      CROSS JOIN LATERAL (SELECT min(l.opened_at) AS opened_at FROM trading.lots AS l
                           WHERE l.portfolio_id = p.portfolio_id AND l.instrument_id = p.instrument_id) AS o
     WHERE p.portfolio_id = p_portfolio_id AND i.exchange_id = p_exchange_id AND p.quantity < 0
  LOOP
    -- Who looks once in years pays for the last one.
    v_day := greatest(v_short.charged + 1, market.trading_day(p_exchange_id, v_short.opened_at), v_short.valid_from,
                      v_closed - 370);
    WHILE v_day <= v_closed AND coalesce(v_day < v_first, true) LOOP
      IF (SELECT h.closes_at >= v_short.opened_at FROM market.trading_hours(p_exchange_id, v_day) AS h)
         AND (SELECT b.percent > 0 FROM trading.borrow_rates AS b
               WHERE b.instrument_id = v_short.instrument_id AND b.valid_from <= v_day
               ORDER BY b.valid_from DESC LIMIT 1) THEN
        v_first := v_day;
      END IF;
      v_day := v_day + 1;
    END LOOP;
  END LOOP;
  RETURN v_first;
END
$$;
COMMENT ON FUNCTION internal.first_day_to_charge(int, int, timestamptz) IS
  'The first trading day of an exchange, over by then, for which a portfolio was not charged yet for what it is short '
  'of ever since; NULL when there is none.';
