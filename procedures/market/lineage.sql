-- reads market.instruments, market.corporate_actions, market.exchanges
CREATE OR REPLACE FUNCTION market.lineage(p_instrument_id int)
RETURNS TABLE (instrument_id int, from_time timestamptz, until_time timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_seen int[] := '{}';
  v_id   int := p_instrument_id;
  v_from timestamptz;
  v_until timestamptz := 'infinity';
  v_next int;
BEGIN
  WHILE v_id IS NOT NULL AND v_id <> ALL (v_seen) LOOP
    v_seen := v_seen || v_id;
    SELECT p.instrument_id, market.day_start(p.exchange_id, a.ex_date) INTO v_next, v_from
      FROM market.instruments AS i
      JOIN market.corporate_actions AS a ON a.kind = 'symbol_change' AND a.new_symbol = i.symbol AND a.instrument_id <> i.instrument_id
      JOIN market.instruments AS p ON p.instrument_id = a.instrument_id AND p.exchange_id = i.exchange_id AND p.symbol = a.old_symbol
     WHERE i.instrument_id = v_id AND market.day_start(p.exchange_id, a.ex_date) < v_until
     ORDER BY a.ex_date DESC LIMIT 1;
    RETURN QUERY SELECT v_id, coalesce(v_from, '-infinity'), v_until;
    v_until := v_from;
    v_id := v_next;
  END LOOP;
END
$$;
COMMENT ON FUNCTION market.lineage(int) IS
  'The instrument and those that it succeeds by symbol changes where each symbol is an instrument of its own, latest first, with the time from and until which each was the one that traded.';
