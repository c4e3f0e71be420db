-- reads market.corporate_actions, market.instruments, market.exchanges
CREATE OR REPLACE FUNCTION internal.backtest_actions(p_instrument_ids int[], p_until timestamptz)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'id', a.action_id, 'instrument', a.instrument_id, 'kind', a.kind, 'ex_day', a.ex_date - date '2000-01-01',
           'effective_at', internal.microseconds(d.effective_at), 'numerator', a.numerator::text,
           'denominator', a.denominator::text, 'amount', a.amount::text))
         ORDER BY d.effective_at, a.kind DESC, a.action_id), '[]')
    FROM market.corporate_actions AS a
    JOIN market.instruments AS i USING (instrument_id)
    CROSS JOIN LATERAL (SELECT market.day_start(i.exchange_id, a.ex_date) AS effective_at) AS d
   WHERE a.instrument_id = ANY (p_instrument_ids) AND a.kind <> 'symbol_change' AND d.effective_at < p_until
$$;
COMMENT ON FUNCTION internal.backtest_actions(int[], timestamptz) IS
  'Splits, bonuses and dividends of instruments until a time, as the specification of a backtest has them.';
