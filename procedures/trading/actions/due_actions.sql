-- for programs; reads market.corporate_actions, trading.positions, trading.fills, trading.dividends,
-- trading.position_adjustments
CREATE OR REPLACE FUNCTION trading.due_actions(portfolio_ids int[], instrument_ids int[], after timestamptz)
RETURNS TABLE (action_id int, instrument_id int, kind market.corporate_action_kind, effective_at timestamptz,
               numerator numeric, denominator numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT a.action_id, a.instrument_id, a.kind, d.effective_at, a.numerator::numeric, a.denominator::numeric
      FROM market.corporate_actions AS a
      JOIN market.instruments AS i USING (instrument_id)
      CROSS JOIN LATERAL (SELECT market.day_start(i.exchange_id, a.ex_date) AS effective_at) AS d
     WHERE a.instrument_id = ANY (due_actions.instrument_ids) AND a.kind <> 'symbol_change'
       AND (d.effective_at > coalesce(due_actions.after, '-infinity')
            -- Announced too late for its day, and somebody held it then.
            OR EXISTS (SELECT FROM trading.positions AS p
                        WHERE p.portfolio_id = ANY (due_actions.portfolio_ids) AND p.instrument_id = a.instrument_id
                          AND NOT EXISTS (SELECT FROM trading.dividends AS x
                                           WHERE x.portfolio_id = p.portfolio_id AND x.action_id = a.action_id)
                          AND NOT EXISTS (SELECT FROM trading.position_adjustments AS x
                                           WHERE x.portfolio_id = p.portfolio_id AND x.action_id = a.action_id)
                          AND trading.held_before(p.portfolio_id, p.instrument_id, d.effective_at) <> 0
                          AND (a.kind = 'dividend'
                               OR NOT EXISTS (SELECT FROM trading.fills AS f
                                               WHERE f.portfolio_id = p.portfolio_id
                                                 AND f.instrument_id = p.instrument_id
                                                                              AND f.at >= d.effective_at
                                                                              AND f.closed_quantity > 0))))
     ORDER BY d.effective_at, a.kind DESC, a.action_id;
END
$$;
COMMENT ON FUNCTION trading.due_actions(int[], int[], timestamptz) IS
  'Splits, bonuses and dividends of these instruments that take effect after a time (NULL: all), and those of before '
  'that these portfolios still have to meet, in the order in which they count: a dividend before a split or bonus of '
  'its day.';
