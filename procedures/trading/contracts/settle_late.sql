-- for programs; locks ledger.portfolio_clocks; writes what trading.settle_futures and trading.expire_options write;
-- errors TR104
CREATE OR REPLACE FUNCTION trading.settle_late(portfolio_ids int[], at timestamptz)
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int;
  v_kind         market.instrument_kind;
BEGIN
  IF isfinite(settle_late.at) IS NOT TRUE THEN
    RAISE EXCEPTION 'a settlement needs a time'
      USING ERRCODE = 'TR104', DETAIL = format('It is %s.', coalesce(settle_late.at::text, 'NULL')),
            HINT = 'Give the time of the latest event.';
  END IF;
  PERFORM internal.lock_portfolios(portfolio_ids);
  FOR v_portfolio_id, v_kind IN
    SELECT DISTINCT u.portfolio_id, i.kind
      FROM trading.unpriced_settlements AS u JOIN market.instruments AS i USING (instrument_id)
     WHERE u.portfolio_id = ANY (settle_late.portfolio_ids)
     ORDER BY 1, 2
  LOOP
    RETURN QUERY
      SELECT * FROM internal.settle_contracts(v_kind, v_portfolio_id, NULL, NULL, '{}', '{}', settle_late.at);
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.settle_late(int[], timestamptz) IS
  'Settles positions of these portfolios whose settlement had no price, as far as one has come since, and returns what '
  'this call settled. Error TR104.';
REVOKE ALL ON FUNCTION trading.settle_late(int[], timestamptz) FROM PUBLIC;
