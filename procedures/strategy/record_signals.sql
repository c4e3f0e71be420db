-- writes strategy.signals; errors TR503, TR604
CREATE OR REPLACE FUNCTION strategy.record_signals(
  portfolio_ids int[], agent_ids int[], instrument_ids int[], times timestamptz[], kinds text[], strengths float8[],
  prices float8[], client_order_ids text[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_wrong record;
BEGIN
  IF (cardinality($1) <= 100000
      AND cardinality($1) = ALL (ARRAY[cardinality($2), cardinality($3), cardinality($4), cardinality($5),
                                       cardinality($6), cardinality($7), cardinality($8)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of signals differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s agents, %s kinds.', cardinality($1), cardinality($2),
                                               cardinality($5)),
            HINT = 'Give one element per signal in each array, at most 100,000.';
  END IF;
  SELECT n.*,
         CASE WHEN internal.is_event_time(n.at) IS NOT TRUE THEN 'time'
              WHEN (n.kind = ANY (enum_range(NULL::strategy.signal_kind)::text[])) IS NOT TRUE THEN 'kind'
              WHEN (n.strength BETWEEN -1e18 AND 1e18) IS NOT TRUE THEN 'strength'
              WHEN (n.price > 0 AND n.price < 'Infinity') IS NOT TRUE THEN 'price'
              ELSE 'agent' END AS fault
    INTO v_wrong
    FROM unnest($1, $2, $3, $4, $5, $6, $7)
         AS n (portfolio_id, agent_id, instrument_id, at, kind, strength, price)
   WHERE (internal.is_event_time(n.at) AND n.kind = ANY (enum_range(NULL::strategy.signal_kind)::text[])
          AND n.strength BETWEEN -1e18 AND 1e18 AND n.price > 0 AND n.price < 'Infinity') IS NOT TRUE
      OR NOT EXISTS (SELECT FROM strategy.agent_instruments AS i
                      WHERE i.portfolio_id = n.portfolio_id AND i.agent_id = n.agent_id
                        AND i.instrument_id = n.instrument_id)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'no signal can have this %', v_wrong.fault
      USING ERRCODE = CASE v_wrong.fault WHEN 'agent' THEN 'TR503' ELSE 'TR604' END,
            DETAIL = format('Portfolio %s, agent %s, instrument %s at %s: kind %s, strength %s, price %s.',
                            coalesce(v_wrong.portfolio_id::text, 'NULL'), coalesce(v_wrong.agent_id::text, 'NULL'),
                            coalesce(v_wrong.instrument_id::text, 'NULL'), coalesce(v_wrong.at::text, 'NULL'),
                            coalesce(quote_literal(left(v_wrong.kind, 40)), 'NULL'),
                            coalesce(v_wrong.strength::text, 'NULL'), coalesce(v_wrong.price::text, 'NULL')),
            HINT = 'An agent signals instruments of its own, at a time from 1900 until 2199, with a kind of '
                   'strategy.signal_kind, a strength within 1e18 and a price above zero.';
  END IF;
  INSERT INTO strategy.signals (portfolio_id, agent_id, instrument_id, at, kind, strength, price, client_order_id)
  SELECT n.portfolio_id, n.agent_id, n.instrument_id, n.at, n.kind::strategy.signal_kind, n.strength, n.price,
         n.client_order_id
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
         AS n (portfolio_id, agent_id, instrument_id, at, kind, strength, price, client_order_id)
  ON CONFLICT ON CONSTRAINT signals_pkey DO NOTHING;
END
$$;
COMMENT ON FUNCTION strategy.record_signals(int[], int[], int[], timestamptz[], text[], float8[], float8[], text[]) IS
  'Appends what agents wanted; a signal that is known is not doubled. Errors TR503, TR604.';
REVOKE ALL ON FUNCTION strategy.record_signals(int[], int[], int[], timestamptz[], text[], float8[], float8[], text[])
  FROM PUBLIC;
