-- reads strategy.strategies, strategy.strategy_versions, candles, market.bars, market.corporate_actions, ops.events,
-- research.models, research.predictions; errors TR101, TR103, TR104, TR501, TR502, TR530
CREATE OR REPLACE FUNCTION research.lookahead_findings(
  strategy text, symbols text[], "from" timestamptz, until timestamptz, params jsonb, report jsonb, results jsonb)
RETURNS TABLE (kind text, symbol text, moment timestamptz, seen text, otherwise text, finding text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_length interval := (internal.with_params(internal.named_version(lookahead_findings.strategy),
                                             lookahead_findings.params)).timeframe;
BEGIN
  IF jsonb_typeof(lookahead_findings.results) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'these are not the results of previews'
      USING ERRCODE = 'TR530', DETAIL = format('They are %s.', coalesce(left(lookahead_findings.results::text, 60),
                                                                        'NULL')),
            HINT = 'research.lookahead_runs(...) lists the previews; research.check_lookahead(...) makes them itself.';
  END IF;
  RETURN QUERY
    WITH runs AS MATERIALIZED (
      SELECT r.number, r.symbol, r.form, r.moment, r.history, x.rows
        FROM internal.lookahead_runs(lookahead_findings.strategy, lookahead_findings.symbols,
                                     lookahead_findings."from", lookahead_findings.until, lookahead_findings.params,
                                     lookahead_findings.report) AS r
        LEFT JOIN jsonb_to_recordset(lookahead_findings.results) AS x (number int, rows jsonb) USING (number)
    ), rows AS MATERIALIZED (
      SELECT r.number, r.symbol, r.form, r.moment, r.history, internal.instant(n.bucket) AS bucket, n.action, n.operands
        FROM runs AS r
        CROSS JOIN LATERAL jsonb_to_recordset(coalesce(nullif(r.rows, 'null'), '[]'))
             AS n (bucket bigint, action text, operands jsonb)
    ), found AS (
      SELECT 'truncation' AS kind, f.* FROM (
        SELECT DISTINCT ON (c.symbol) c.symbol, w.bucket AS moment, concat_ws(' ', w.action, w.operands) AS seen,
               concat_ws(' ', c.action, c.operands) AS otherwise,
               format('with data until %s alone it does otherwise: it sees what comes later', c.moment) AS finding
          FROM rows AS c
          JOIN rows AS w ON w.form = 'whole' AND w.symbol = c.symbol AND w.bucket = c.bucket
         WHERE c.form = 'cut' AND (c.action, c.operands) IS DISTINCT FROM (w.action, w.operands)
         ORDER BY c.symbol, w.bucket) AS f
      UNION ALL
      SELECT 'history', f.* FROM (
        SELECT DISTINCT ON (h.symbol, o.operand) h.symbol, h.bucket, w.operands ->> o.operand, h.operands ->> o.operand,
               format('%s depends on where the history begins: it had %s candles before, and %s',
                      o.operand, h.history, coalesce('settles after ' || o.settles, 'never settles'))
          FROM rows AS h
          JOIN rows AS w ON w.form = 'whole' AND w.symbol = h.symbol AND w.bucket = h.bucket
          CROSS JOIN LATERAL (
            SELECT n.operand, CASE WHEN count(*) = count(n.settles) THEN max(n.settles) END AS settles
              FROM jsonb_to_recordset(lookahead_findings.report -> 'operands') AS n (operand text, settles int)
             GROUP BY n.operand) AS o
         WHERE h.form = 'history'
               -- What belongs to the position depends on when the preview began.
           AND o.operand !~ '\y(position|(bars|seconds)_since_entry|entry_price|open_profit(_r)?)\y'
           AND abs((w.operands ->> o.operand)::float8 - (h.operands ->> o.operand)::float8)
               > 1e-6 * greatest(abs((w.operands ->> o.operand)::float8), abs((h.operands ->> o.operand)::float8))
         ORDER BY h.symbol, o.operand, h.bucket DESC) AS f
      UNION ALL
      SELECT d.* FROM unnest(lookahead_findings.symbols) AS s (symbol)
        CROSS JOIN LATERAL internal.lookahead_data(s.symbol, v_length, lookahead_findings."from",
                                                   lookahead_findings.until, lookahead_findings.report) AS d
    )
    SELECT c.name, s.symbol, f.moment, f.seen, f.otherwise, f.finding
      FROM unnest(lookahead_findings.symbols) WITH ORDINALITY AS s (symbol, place)
      CROSS JOIN unnest('{truncation,history,predictions,revisions,prices}'::text[])
                 WITH ORDINALITY AS c (name, place)
      LEFT JOIN found AS f ON f.kind = c.name AND f.symbol = s.symbol
     ORDER BY s.place, c.place, f.moment, f.finding;
END
$$;
COMMENT ON FUNCTION research.lookahead_findings(text, text[], timestamptz, timestamptz, jsonb, jsonb, jsonb) IS
  'For programs: what research.check_lookahead says, once the previews of research.lookahead_runs have been made: '
  'results is a list of {number, rows: [{bucket, action, operands}]}, buckets in microseconds since 2000-01-01. Errors '
  'TR101, TR103, TR104, TR501, TR502, TR530.';
REVOKE ALL ON FUNCTION research.lookahead_findings(text, text[], timestamptz, timestamptz, jsonb, jsonb, jsonb)
  FROM PUBLIC;
