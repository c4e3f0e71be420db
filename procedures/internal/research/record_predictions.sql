-- locks ledger.portfolio_clocks; writes research.models, research.predictions; rings doorbells; errors TR101, TR103,
-- TR249, TR524, TR525
CREATE OR REPLACE FUNCTION internal.record_predictions(
  p_models text[], p_symbols text[], p_times timestamptz[], p_values float8[], p_confidences float8[])
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_instrument_ids int[];
  v_wrong          record;
  v_count          int;
  v_portfolio_id   int;
  v_owner          text := CASE WHEN NOT identity.is_staff() THEN ops.actor() END;
BEGIN
  PERFORM internal.put_models(p_models);
  PERFORM internal.require_event_time(n) FROM unnest(p_times) AS n;
  v_instrument_ids := ARRAY(SELECT market.instrument_id(n.symbol)
                              FROM unnest(p_symbols) WITH ORDINALITY AS n (symbol, place) ORDER BY n.place);
  -- Portfolios first, in their order: who reads predictions under the lock sees all of a batch, or none.
  FOR v_portfolio_id IN
    SELECT DISTINCT a.portfolio_id
      FROM strategy.agents AS a
      JOIN strategy.strategy_versions AS v USING (strategy_id, version)
      JOIN trading.portfolios AS p USING (portfolio_id)
     WHERE (v_owner IS NULL OR p.owner = v_owner) AND a.status IN ('running', 'paused') AND v.models && p_models
     ORDER BY a.portfolio_id
  LOOP
    PERFORM internal.lock_portfolio(v_portfolio_id);
    PERFORM internal.ring_doorbell(v_portfolio_id);
  END LOOP;
  SELECT n.*, p.value AS known INTO v_wrong
    FROM unnest(p_models, v_instrument_ids, p_times, p_values, p_confidences)
         AS n (model, instrument_id, at, value, confidence)
    JOIN research.models AS m ON m.owner IS NOT DISTINCT FROM v_owner AND m.name = n.model
    LEFT JOIN research.predictions AS p ON p.model_id = m.model_id AND p.instrument_id = n.instrument_id AND p.at = n.at
   WHERE (n.instrument_id IS NOT NULL AND n.value > '-Infinity' AND n.value < 'Infinity'
          AND coalesce(n.confidence BETWEEN 0 AND 1, true)
          AND (p.value IS NULL OR (p.value, p.confidence) IS NOT DISTINCT FROM (n.value, n.confidence))) IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the prediction cannot be taken'
      USING ERRCODE = 'TR525',
            DETAIL = format('Model "%s", instrument %s at %s: value %s, confidence %s, %s.', v_wrong.model,
                            coalesce(v_wrong.instrument_id::text, 'NULL'), v_wrong.at,
                            coalesce(v_wrong.value::text, 'NULL'),
                            coalesce(v_wrong.confidence::text, 'NULL'),
                            coalesce('known as ' || v_wrong.known, 'not known yet')),
            HINT = 'Values are finite numbers, confidences from 0 to 1 or NULL; what was said of a time stays.';
  END IF;
  INSERT INTO research.predictions (model_id, instrument_id, at, value, confidence)
  SELECT m.model_id, n.instrument_id, n.at, n.value, n.confidence
    FROM unnest(p_models, v_instrument_ids, p_times, p_values, p_confidences)
         AS n (model, instrument_id, at, value, confidence)
    JOIN research.models AS m ON m.owner IS NOT DISTINCT FROM v_owner AND m.name = n.model
  ON CONFLICT ON CONSTRAINT predictions_pkey DO NOTHING;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION internal.record_predictions(text[], text[], timestamptz[], float8[], float8[]) IS
  'Appends predictions, moves the clocks of portfolios whose agents may use the models: those of who acts, or where it '
  'is the house that speaks all. Wakes their runners. Returns '
  'how many were new. Errors TR101, TR103, TR249, TR524, TR525.';
