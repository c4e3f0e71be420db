-- writes strategy.signals; errors TR503, TR525, TR604
CREATE OR REPLACE FUNCTION strategy.record_signals(
  portfolio_ids int[], agent_ids int[], instrument_ids int[], signal_nos bigint[], times timestamptz[], actions text[],
  reasons text[], prices float8[], operands jsonb[], client_order_ids text[], codes text[])
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
                                       cardinality($6), cardinality($7), cardinality($8), cardinality($9),
                                       cardinality($10), cardinality($11)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of signals differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s agents, %s actions.', cardinality($1),
                                               cardinality($2), cardinality($6)),
            HINT = 'Give one element per signal in each array, at most 100,000.';
  END IF;
  SELECT n.*,
         CASE WHEN (n.signal_no > 0) IS NOT TRUE THEN 'number'
              WHEN internal.is_event_time(n.at) IS NOT TRUE THEN 'time'
              WHEN (n.action = ANY (enum_range(NULL::strategy.signal_action)::text[])) IS NOT TRUE THEN 'action'
              WHEN n.reason <> ALL (enum_range(NULL::strategy.exit_reason)::text[])
                OR n.reason IS NOT NULL AND n.action <> 'exit' THEN 'reason'
              WHEN NOT coalesce(n.price > 0 AND n.price < 'Infinity', true) THEN 'price'
              WHEN NOT coalesce(jsonb_typeof(n.operands) = 'object', false) THEN 'operands'
              WHEN n.code !~ '^[A-Z0-9]{5}$' THEN 'code'
              WHEN NOT EXISTS (SELECT FROM strategy.agent_instruments AS i
                                WHERE i.portfolio_id = n.portfolio_id AND i.agent_id = n.agent_id
                                  AND i.instrument_id = n.instrument_id) THEN 'agent' END AS fault
    INTO v_wrong
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $11)
         AS n (portfolio_id, agent_id, instrument_id, signal_no, at, action, reason, price, operands, code)
   ORDER BY fault
   LIMIT 1;
  IF v_wrong.fault IS NOT NULL THEN
    RAISE EXCEPTION 'no signal can have this %', v_wrong.fault
      USING ERRCODE = CASE v_wrong.fault WHEN 'agent' THEN 'TR503' ELSE 'TR525' END,
            DETAIL = format('Portfolio %s, agent %s, instrument %s, number %s at %s: %s for %s at %s, code %s.',
                            coalesce(v_wrong.portfolio_id::text, 'NULL'), coalesce(v_wrong.agent_id::text, 'NULL'),
                            coalesce(v_wrong.instrument_id::text, 'NULL'), coalesce(v_wrong.signal_no::text, 'NULL'),
                            coalesce(v_wrong.at::text, 'NULL'),
                            coalesce(quote_literal(left(v_wrong.action, 40)), 'NULL'),
                            coalesce(quote_literal(left(v_wrong.reason, 40)), 'NULL'),
                            coalesce(v_wrong.price::text, 'NULL'), coalesce(left(v_wrong.code, 40), 'NULL')),
            HINT = 'An agent signals instruments of its own, numbered from 1, at a time from 1900 until 2199, with an '
                   'action of strategy.signal_action, a reason of strategy.exit_reason for an exit alone, a price '
                   'above zero or none, and operands as a JSON object.';
  END IF;
  INSERT INTO strategy.signals (portfolio_id, agent_id, instrument_id, signal_no, at, action, reason, price, operands,
                                client_order_id, code)
  SELECT n.portfolio_id, n.agent_id, n.instrument_id, n.signal_no, n.at, n.action::strategy.signal_action,
         n.reason::strategy.exit_reason, n.price, n.operands, n.client_order_id, n.code
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         AS n (portfolio_id, agent_id, instrument_id, signal_no, at, action, reason, price, operands, client_order_id,
               code)
  ON CONFLICT ON CONSTRAINT signals_pkey DO NOTHING;
END
$$;
COMMENT ON FUNCTION strategy.record_signals(
  int[], int[], int[], bigint[], timestamptz[], text[], text[], float8[], jsonb[], text[], text[]) IS
  'Appends what agents wanted, with the operands that they saw and the order or code that came of it; a signal that is '
  'known is not doubled. Errors TR503, TR525, TR604.';
REVOKE ALL ON FUNCTION strategy.record_signals(
  int[], int[], int[], bigint[], timestamptz[], text[], text[], float8[], jsonb[], text[], text[]) FROM PUBLIC;
