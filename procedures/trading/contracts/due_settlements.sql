-- for programs; reads trading.positions, trading.unpriced_settlements, trading.borrow_rates, market.instruments, the
-- calendar, and what internal.days_to_settle and internal.first_day_to_charge read
CREATE OR REPLACE FUNCTION trading.due_settlements(portfolio_ids int[], instrument_ids int[], at timestamptz)
RETURNS TABLE (exchange_id int, ends_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  -- A day that ends just now is settled by what comes next.
  v_before timestamptz := due_settlements.at - interval '1 microsecond';
BEGIN
  RETURN QUERY
    SELECT e.exchange_id, least(d.ends_at, o.ends_at, s.ends_at)
      FROM (SELECT DISTINCT i.exchange_id FROM market.instruments AS i
             WHERE i.instrument_id = ANY (due_settlements.instrument_ids)
               AND (i.kind IN ('future', 'option')
                    OR EXISTS (SELECT FROM trading.borrow_rates AS b WHERE b.instrument_id = i.instrument_id))) AS e
      CROSS JOIN LATERAL (SELECT market.next_day_end(e.exchange_id, v_before)) AS d (ends_at)
      -- What nobody has tried yet; what has no price waits for one.
      LEFT JOIN LATERAL (
        SELECT min(h.closes_at) AS ends_at
          FROM trading.positions AS p
          JOIN market.instruments AS i USING (instrument_id)
          CROSS JOIN LATERAL internal.days_to_settle(p.portfolio_id, i, NULL, v_before) AS n
          CROSS JOIN LATERAL market.trading_hours(i.exchange_id, n.price_day) AS h
         WHERE p.portfolio_id = ANY (due_settlements.portfolio_ids) AND p.quantity <> 0
           AND i.exchange_id = e.exchange_id AND i.kind IN ('future', 'option')
           AND NOT EXISTS (SELECT FROM trading.unpriced_settlements AS u
                            WHERE u.portfolio_id = p.portfolio_id AND u.instrument_id = p.instrument_id
                              AND u.day >= n.day)) AS o ON true
      LEFT JOIN LATERAL (
        SELECT min(h.closes_at) AS ends_at
          FROM unnest(due_settlements.portfolio_ids) AS p (portfolio_id)
          CROSS JOIN LATERAL (
            SELECT internal.first_day_to_charge(p.portfolio_id, e.exchange_id, v_before)) AS n (day)
          CROSS JOIN LATERAL market.trading_hours(e.exchange_id, n.day) AS h
         WHERE n.day IS NOT NULL) AS s ON true
     WHERE coalesce(d.ends_at, o.ends_at, s.ends_at) IS NOT NULL
     ORDER BY 2, 1;
END
$$;
COMMENT ON FUNCTION trading.due_settlements(int[], int[], timestamptz) IS
  'For each exchange where futures, options or what has borrow rates of these instruments trade the end of the '
  'trading day for which trading.settle_day is to be called next: the first that is over and not settled or charged, '
  'or else the next one at this time or later.';
REVOKE ALL ON FUNCTION trading.due_settlements(int[], int[], timestamptz) FROM PUBLIC;
