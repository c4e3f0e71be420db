-- reads strategy.strategies, strategy.strategy_versions, candles, predictions; calls ta.check_candles of the extension
-- bourse; errors TR101, TR103, TR104, TR501, TR502, TR510, TR526, TR755
CREATE OR REPLACE FUNCTION strategy.check(
  strategy text, symbol text DEFAULT NULL, "from" timestamptz DEFAULT '-infinity',
  until timestamptz DEFAULT 'infinity', at timestamptz DEFAULT now(), params jsonb DEFAULT '{}')
RETURNS TABLE (rule text, expression text, series text, candles int, settles int, looked bigint, held bigint,
               finding text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_version strategy.strategy_versions := internal.with_params(
    internal.named_version("check".strategy), "check".params);
  v_type    strategy.strategy_type;
  v_report  jsonb;
  v_counts  jsonb;
  -- The function is there once the extension is.
  v_query   text := $query$
    SELECT ta.check_candles($1, $2, $3, a.series, a.buckets, a.closes_at, a.open, a.high, a.low, a.close, a.volume,
                            a.minutes, a.weekdays, a.opens_at, a.ends_at, a.predictions, $6)
      FROM strategy.preview_columns($4, $2, $5, $6, $7, $8) AS a
    $query$;
BEGIN
  PERFORM internal.require_capacity('query');
  SELECT s.type INTO v_type FROM strategy.strategies AS s WHERE s.strategy_id = v_version.strategy_id;
  v_report := internal.report_rules(v_type, v_version.timeframe, v_version.parameters,
                                    format('check %s', "check".strategy));
  IF "check".symbol IS NOT NULL THEN
    EXECUTE v_query
      INTO v_counts
      USING v_type::text, v_version.timeframe, v_version.parameters::text, "check".symbol, v_report, "check"."from",
            "check".until, "check".at;
  END IF;
  RETURN QUERY
    SELECT NULL, o.operand, o.series, o.candles, o.settles, NULL::bigint, NULL::bigint, NULL
      FROM jsonb_to_recordset(v_report -> 'operands') AS o (operand text, series text, candles int, settles int)
    UNION ALL
    SELECT c.rule, c.condition, NULL, NULL, NULL, c.looked, c.held, c.finding
      FROM jsonb_to_recordset(v_counts)
           AS c (rule text, condition text, looked bigint, held bigint, finding text);
END
$$;
COMMENT ON FUNCTION strategy.check(text, text, timestamptz, timestamptz, timestamptz, jsonb) IS
  'What a strategy (its latest version, or name@version) needs, and what of it is dead. Rows with rule NULL are values '
  'that its rules compare: candles of a series (NULL: its own) until the value is known, and settles: candles until '
  'it does not matter within 1e-9 where the history began (NULL: it always does). With an instrument there is a row '
  'for each rule, and each part that "and" joins: looked, the candles in the span at which it counted (of an exit '
  'those with a position), held, those at which it was true, and finding: never true, always true, longer than the '
  'history; NULL when it is alive. params are values of one''s own for $names. Needs the extension bourse: else '
  '"bourse strategy check" says the same. Errors TR101, TR103, TR104, TR501, TR502, TR510, TR526.';
REVOKE ALL ON FUNCTION strategy.check(text, text, timestamptz, timestamptz, timestamptz, jsonb) FROM PUBLIC;
