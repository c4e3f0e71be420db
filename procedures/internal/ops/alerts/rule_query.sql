-- reads the catalogue of schema reporting, market.listings
CREATE OR REPLACE FUNCTION internal.rule_query(p_rule ops.alert_rules, p_at timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_columns text[];
  v_subject text;
  v_symbol  text;
BEGIN
  IF p_rule.kind = 'sql' THEN
    RETURN p_rule.condition;
  ELSIF p_rule.kind = 'price' THEN
    v_symbol := (SELECT l.symbol FROM market.listings AS l WHERE l.instrument_id = p_rule.instrument_id);
    IF p_rule.comparison IS NULL THEN
      RETURN format('SELECT s.symbol AS subject, s.close AS value, s.operands::text AS detail '
                    'FROM strategy.scan(%L, ARRAY[%L], %L, %L) AS s',
                    p_rule.condition, v_symbol, p_at, p_rule.timeframe);
    END IF;
    RETURN format(
      'SELECT %L AS subject, c.close AS value FROM (SELECT n.close '
      'FROM strategy.closed_candles(%2$s, %3$L, strategy.warm_up_from(%2$s, %3$L, %4$L, 2), %4$L) AS n '
      'WHERE n.closes_at <= %4$L ORDER BY n.bucket DESC LIMIT 1) AS c WHERE c.close %5$s $1',
      v_symbol, p_rule.instrument_id, p_rule.timeframe, p_at, p_rule.comparison);
  END IF;
  v_columns := ARRAY(SELECT a.attname::text FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
                      WHERE c.relnamespace = 'reporting'::regnamespace AND c.relname = p_rule.source AND a.attnum > 0
                        AND NOT a.attisdropped);
  -- What names a row, in words: the portfolio with its owner, then the rest of what the view has.
  SELECT 'concat_ws('' '', ' || string_agg(
           CASE n.name WHEN 'portfolio' THEN CASE WHEN 'owner' = ANY (v_columns)
                                                  THEN 'v.owner || ''/'' || v.portfolio' ELSE 'v.portfolio' END
                       ELSE format('v.%I', n.name) END, ', ' ORDER BY n.place) || ')' INTO v_subject
    FROM unnest('{portfolio,symbol,strategy,agent,feed,name,limit,metric,subject,sector,kind,step,other}'::text[])
         WITH ORDINALITY AS n (name, place)
   WHERE n.name = ANY (v_columns) AND n.name <> p_rule.measure
     AND NOT (n.name IN ('metric', 'kind', 'step') AND p_rule.filter ? n.name);
  RETURN format(
    'SELECT r.* FROM (SELECT %1$s %2$s AS subject, v.%3$I::float8 AS value, %4$s AS portfolio '
    'FROM reporting.%5$I AS v WHERE true%6$s%7$s) AS r WHERE r.value %8$s $1',
    CASE WHEN 'time' = ANY (v_columns) THEN format('DISTINCT ON (%s)', coalesce(v_subject, '1')) END,
    coalesce(v_subject, ''''''), p_rule.measure,
    CASE WHEN 'portfolio' = ANY (v_columns)
         THEN CASE WHEN 'owner' = ANY (v_columns) THEN 'v.owner || ''/'' || v.portfolio' ELSE 'v.portfolio' END
         ELSE 'NULL' END,
    p_rule.source,
    (SELECT string_agg(format(' AND v.%I::text = %L', f.key, f.value), '' ORDER BY f.key)
       FROM jsonb_each_text(p_rule.filter) AS f),
    CASE WHEN 'time' = ANY (v_columns)
         THEN format(' AND v.time > %L ORDER BY %s, v.time DESC', p_at - p_rule.lookback, coalesce(v_subject, '1')) END,
    p_rule.comparison);
END
$$;
COMMENT ON FUNCTION internal.rule_query(ops.alert_rules, timestamptz) IS
  'The query of a rule, with its bound as $1. What people gave is quoted in it, but for the text of a condition, which '
  'is a query of its own.';
