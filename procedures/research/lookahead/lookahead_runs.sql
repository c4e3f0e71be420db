-- reads strategy.strategies, strategy.strategy_versions, candles; errors TR101, TR103, TR104, TR501, TR502, TR530
CREATE OR REPLACE FUNCTION research.lookahead_runs(
  strategy text, symbols text[], "from" timestamptz, until timestamptz, params jsonb, report jsonb)
RETURNS TABLE (number int, symbol text, begins_at timestamptz, ends_at timestamptz, warm_up jsonb)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT r.number, r.symbol, r.begins_at, r.ends_at,
           jsonb_set(lookahead_runs.report, '{series}',
                     (SELECT jsonb_agg(s.entry || jsonb_build_object(
                               'candles', CASE WHEN s.place = 1 THEN r.candles
                                               ELSE greatest(1, ceil((s.entry ->> 'candles')::numeric * r.share)) END)
                             ORDER BY s.place)
                        FROM jsonb_array_elements(lookahead_runs.report -> 'series')
                             WITH ORDINALITY AS s (entry, place)))
      FROM internal.lookahead_runs(lookahead_runs.strategy, lookahead_runs.symbols, lookahead_runs."from",
                                   lookahead_runs.until, lookahead_runs.params, lookahead_runs.report) AS r;
END
$$;
COMMENT ON FUNCTION research.lookahead_runs(text, text[], timestamptz, timestamptz, jsonb, jsonb) IS
  'For programs: the previews that a check for look-ahead needs: of the candles of symbol that begin at begins_at or '
  'later and before ends_at, warmed up as warm_up says, which is report with other numbers of candles. report: what '
  'the strategy''s check says. Errors TR101, TR103, TR104, TR501, TR502, TR530.';
REVOKE ALL ON FUNCTION research.lookahead_runs(text, text[], timestamptz, timestamptz, jsonb, jsonb) FROM PUBLIC;
