-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION internal.backtest_spans(p_series jsonb, p_from timestamptz, p_until timestamptz)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
           'exchange', c.exchange_id, 'months', c.months, 'days', c.days,
           'spans', to_jsonb(internal.span_times(c.exchange_id, c.length, p_from, p_until + interval '2 days')))), '[]')
    FROM (SELECT DISTINCT s.exchange_id, s.length,
                 extract(year FROM s.length) * 12 + extract(month FROM s.length) AS months,
                 extract(day FROM s.length) AS days
            FROM jsonb_to_recordset(p_series) AS s (exchange_id int, length interval)
           WHERE s.length >= interval '1 day' AND date_trunc('day', s.length) = s.length) AS c
   WHERE (c.months = 0) <> (c.days = 0) AND c.months <= 120 AND c.days <= 3650
$$;
COMMENT ON FUNCTION internal.backtest_spans(jsonb, timestamptz, timestamptz) IS
  'The candles of whole days, weeks and months that a backtest looks at, as its specification has them.';
