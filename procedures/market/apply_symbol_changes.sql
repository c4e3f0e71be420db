-- writes market.instruments
CREATE OR REPLACE FUNCTION market.apply_symbol_changes(at timestamptz DEFAULT now())
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_action  record;
  v_renamed int := 0;
BEGIN
  FOR v_action IN
    SELECT a.instrument_id, a.new_symbol, i.exchange_id
      FROM market.corporate_actions AS a
      JOIN market.instruments AS i ON i.instrument_id = a.instrument_id AND i.symbol = a.old_symbol
     WHERE a.kind = 'symbol_change' AND market.day_start(i.exchange_id, a.ex_date) <= apply_symbol_changes.at
       -- Who has been renamed away and back since keeps the later name.
       AND NOT EXISTS (SELECT FROM market.corporate_actions AS b
                        WHERE b.instrument_id = a.instrument_id AND b.kind = 'symbol_change' AND b.ex_date > a.ex_date AND b.new_symbol = a.old_symbol
                          AND market.day_start(i.exchange_id, b.ex_date) <= apply_symbol_changes.at)
     ORDER BY a.ex_date, a.instrument_id
  LOOP
    -- Where the new symbol is an instrument of its own, as vendors deliver it, the two stay apart and market.lineage joins their series.
    UPDATE market.instruments AS i SET symbol = v_action.new_symbol
     WHERE i.instrument_id = v_action.instrument_id
       AND NOT EXISTS (SELECT FROM market.instruments AS o WHERE o.exchange_id = v_action.exchange_id AND o.symbol = v_action.new_symbol);
    v_renamed := v_renamed + CASE WHEN FOUND THEN 1 ELSE 0 END;
  END LOOP;
  RETURN v_renamed;
END
$$;
COMMENT ON FUNCTION market.apply_symbol_changes(timestamptz) IS
  'Renames the instruments whose announced symbol changes are in force by this time, and returns how many; identifiers, and all that hangs on them, stay. Call it daily.';
REVOKE ALL ON FUNCTION market.apply_symbol_changes(timestamptz) FROM PUBLIC;
