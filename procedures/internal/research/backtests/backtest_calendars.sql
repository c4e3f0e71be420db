-- reads market.exchanges, market.instruments, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION internal.backtest_calendars(p_instrument_ids int[], p_from timestamptz, p_until timestamptz)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  -- The days of all exchanges begin, those of nobody's interest, too; sessions count where something is looked at.
  SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'exchange', e.exchange_id, 'day_starts', (extract(epoch FROM e.day_starts) * 1000000)::bigint,
           'offsets', to_jsonb(internal.clock_offsets(e.time_zone, p_from - interval '30 days',
                                                      p_until + interval '90 days')),
           'sessions', CASE WHEN EXISTS (SELECT FROM market.instruments AS i
                                          WHERE i.instrument_id = ANY (p_instrument_ids)
                                            AND i.exchange_id = e.exchange_id)
                            THEN to_jsonb(internal.session_times(e.exchange_id, p_from - interval '30 days',
                                                                 p_until + interval '90 days')) END))
         ORDER BY e.exchange_id)
    FROM market.exchanges AS e
   WHERE EXISTS (SELECT FROM market.instruments AS i WHERE i.exchange_id = e.exchange_id)
$$;
COMMENT ON FUNCTION internal.backtest_calendars(int[], timestamptz, timestamptz) IS
  'Clocks and sessions of exchanges for a span, as the specification of a backtest has them.';
