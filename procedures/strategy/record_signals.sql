-- writes strategy.signals
CREATE OR REPLACE FUNCTION strategy.record_signals(
  portfolio_ids int[], agent_ids int[], instrument_ids int[], times timestamptz[], kinds text[], strengths float8[],
  prices float8[], client_order_ids text[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO strategy.signals (portfolio_id, agent_id, instrument_id, at, kind, strength, price, client_order_id)
  SELECT n.portfolio_id, n.agent_id, n.instrument_id, n.at, n.kind::strategy.signal_kind, n.strength, n.price,
         n.client_order_id
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
         AS n (portfolio_id, agent_id, instrument_id, at, kind, strength, price, client_order_id)
  ON CONFLICT ON CONSTRAINT signals_pkey DO NOTHING;
END
$$;
COMMENT ON FUNCTION strategy.record_signals(int[], int[], int[], timestamptz[], text[], float8[], float8[], text[]) IS
  'Appends what agents wanted; a signal that is known is not doubled.';
REVOKE ALL ON FUNCTION strategy.record_signals(int[], int[], int[], timestamptz[], text[], float8[], float8[], text[])
  FROM PUBLIC;
