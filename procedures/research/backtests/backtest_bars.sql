-- reads market.bars, market.instruments, market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION research.backtest_bars(specification jsonb)
RETURNS TABLE (instrument_id int, opens_at timestamptz, closes_at timestamptz, open float8, high float8, low float8,
               close float8, volume float8)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_ids    int[] := ARRAY(SELECT n::int FROM jsonb_array_elements_text(specification -> 'event_instruments') AS n);
  v_length interval := (specification ->> 'bars_of')::interval;
  v_begins timestamptz := internal.instant((specification ->> 'begins')::bigint);
  v_from   timestamptz := internal.instant((specification ->> 'from')::bigint);
  v_until  timestamptz := internal.instant((specification ->> 'until')::bigint);
BEGIN
  -- A day bar opens up to a day after its bucket begins.
  RETURN QUERY
    SELECT b.instrument_id, b.opens_at, b.closes_at, b.open, b.high, b.low, b.close, b.volume
      FROM market.bar_events(v_length, v_ids, v_begins - interval '2 days', v_until) AS b
     WHERE b.opens_at < v_until AND b.opens_at >= v_begins AND (b.opens_at >= v_from OR b.closes_at <= v_from);
END
$$;
COMMENT ON FUNCTION research.backtest_bars(jsonb) IS
  'For programs: the bars that a backtest with this specification is fed with, in order: those of the past that closed '
  'by its beginning, and those that opened then or later.';
REVOKE ALL ON FUNCTION research.backtest_bars(jsonb) FROM PUBLIC;
