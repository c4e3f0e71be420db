-- reads market.instruments, market.exchanges, candles, predictions; errors TR101, TR103, TR104, TR502, TR510, TR526,
-- TR755
CREATE OR REPLACE FUNCTION strategy.scan(
  rule text, symbols text[] DEFAULT NULL, at timestamptz DEFAULT now(), timeframe interval DEFAULT '1 day',
  params jsonb DEFAULT '{}')
RETURNS TABLE (symbol text, bucket timestamptz, close float8, operands jsonb)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_parameters jsonb := jsonb_build_object('entry', scan.rule, 'params', scan.params);
  v_report     jsonb;
BEGIN
  PERFORM internal.require_capacity('query');
  IF (length(scan.rule) > 0 AND jsonb_typeof(scan.params) = 'object' AND isfinite(scan.at)
      AND scan.timeframe >= interval '0' AND coalesce(cardinality(scan.symbols), 0) <= 10000
      AND array_position(scan.symbols, NULL) IS NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'a scan needs a rule, a time, and the length of the candles to look at'
      USING ERRCODE = 'TR502',
            DETAIL = format('rule %L, at %s, timeframe %s, params %s, %s symbols.', left(scan.rule, 100),
                            coalesce(scan.at::text, 'NULL'), coalesce(scan.timeframe::text, 'NULL'),
                            left(scan.params::text, 100), coalesce(cardinality(scan.symbols)::text, 'all')),
            HINT = 'For example strategy.scan(''rsi(close, 14) < 30'', ''{IBM,MSFT}'', now(), ''1 day''); symbols may '
                   'be NULL (all instruments), and at most 10,000.';
  END IF;
  v_report := internal.report_rules('custom', scan.timeframe, v_parameters, 'preview ...');
  RETURN QUERY
    SELECT i.symbol, p.bucket, p.close, p.operands
      FROM (SELECT s.symbol, market.instrument_id(s.symbol) AS instrument_id, s.place
              FROM unnest(scan.symbols) WITH ORDINALITY AS s (symbol, place)
            UNION ALL
            SELECT e.code || ':' || i.symbol, i.instrument_id, row_number() OVER (ORDER BY e.code, i.symbol)
              FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
             WHERE scan.symbols IS NULL) AS i
      -- The last candle that has closed: the one at the time itself may still form.
      CROSS JOIN LATERAL (
        SELECT max(c.bucket) AS bucket
          FROM strategy.closed_candles(
            i.instrument_id, scan.timeframe, strategy.warm_up_from(i.instrument_id, scan.timeframe, scan.at, 2),
            scan.at) AS c
         WHERE c.closes_at <= scan.at) AS last
      CROSS JOIN LATERAL internal.preview_rules(
        'custom', scan.timeframe, v_parameters, v_report, i.symbol, last.bucket, scan.at, scan.at) AS p
     WHERE p.action = 'buy'
     ORDER BY i.place;
END
$$;
COMMENT ON FUNCTION strategy.scan(text, text[], timestamptz, interval, jsonb) IS
  'A screener: which of the instruments (NULL: all) meet a rule at their last candle that had closed at this time, '
  'with the start and the close of that candle and what the rule compared. timeframe is the length of the candles, 0: '
  'ticks; params are the values of $names. Needs the extension bourse. Errors TR101, TR103, TR104, TR502, TR510, '
  'TR526.';
REVOKE ALL ON FUNCTION strategy.scan(text, text[], timestamptz, interval, jsonb) FROM PUBLIC;
