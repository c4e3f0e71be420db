-- reads strategy.strategies, strategy.strategy_versions, candles, market.bars, market.corporate_actions, ops.events,
-- research.models, research.predictions; calls ta.preview_strategy of the extension bourse; errors TR101, TR103, TR104,
-- TR501, TR502, TR510, TR526, TR530
CREATE OR REPLACE FUNCTION research.check_lookahead(
  strategy text, symbols text[], "from" timestamptz, until timestamptz, params jsonb DEFAULT '{}')
RETURNS TABLE (kind text, symbol text, moment timestamptz, seen text, otherwise text, finding text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_version strategy.strategy_versions := internal.with_params(
    internal.named_version(check_lookahead.strategy), check_lookahead.params);
  v_type    strategy.strategy_type;
  v_report  jsonb;
  v_results jsonb;
BEGIN
  SELECT s.type INTO v_type FROM strategy.strategies AS s WHERE s.strategy_id = v_version.strategy_id;
  v_report := internal.report_rules(
    v_type, v_version.timeframe, v_version.parameters,
    format('check-lookahead %s --symbols ... --from ... --until ...', check_lookahead.strategy));
  SELECT jsonb_agg(jsonb_build_object('number', r.number, 'rows', w.rows)) INTO v_results
    FROM research.lookahead_runs(check_lookahead.strategy, check_lookahead.symbols, check_lookahead."from",
                                 check_lookahead.until, check_lookahead.params, v_report) AS r
    CROSS JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('bucket', internal.microseconds(p.bucket), 'action', p.action,
                                          'operands', p.operands)) AS rows
        FROM internal.preview_rules(v_type, v_version.timeframe, v_version.parameters, r.warm_up, r.symbol,
                                    r.begins_at, r.ends_at, 'infinity') AS p) AS w;
  RETURN QUERY
    SELECT * FROM research.lookahead_findings(check_lookahead.strategy, check_lookahead.symbols, check_lookahead."from",
                                              check_lookahead.until, check_lookahead.params, v_report, v_results);
END
$$;
COMMENT ON FUNCTION research.check_lookahead(text, text[], timestamptz, timestamptz, jsonb) IS
  'Whether a strategy (its latest version, or name@version) sees on these instruments, from one time until before '
  'another, what nobody could have seen then, or what depends on where the history begins: docs/lookahead.md. A row '
  'for each check and instrument, of which finding is NULL where it is sound, else rows with what was found: moment, '
  'what the strategy sees there, and what it would have seen otherwise. Needs the extension bourse: else "bourse '
  'strategy check-lookahead" says the same. Errors TR101, TR103, TR104, TR501, TR502, TR510, TR526, TR530.';
REVOKE ALL ON FUNCTION research.check_lookahead(text, text[], timestamptz, timestamptz, jsonb) FROM PUBLIC;
