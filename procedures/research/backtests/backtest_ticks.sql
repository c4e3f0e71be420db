-- reads market.ticks
CREATE OR REPLACE FUNCTION research.backtest_ticks(specification jsonb)
RETURNS TABLE (instrument_id int, ts timestamptz, price float8, size float8)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_ids int[] := ARRAY(SELECT (i.entry ->> 'id')::int
                         FROM jsonb_array_elements(specification -> 'instruments') WITH ORDINALITY AS i (entry, place)
                        ORDER BY i.place);
BEGIN
  RETURN QUERY
    SELECT t.instrument_id, t.ts, t.price, t.size
      FROM market.ticks AS t
     WHERE t.instrument_id = ANY (v_ids) AND NOT t.suspicious
       AND t.ts >= internal.instant((specification ->> 'begins')::bigint)
       AND t.ts < internal.instant((specification ->> 'until')::bigint)
     ORDER BY t.ts, array_position(v_ids, t.instrument_id), t.seq;
END
$$;
COMMENT ON FUNCTION research.backtest_ticks(jsonb) IS
  'For programs: the ticks that a backtest with this specification is fed with, in order, from the beginning of the '
  'longest candle that was forming when it begins.';
REVOKE ALL ON FUNCTION research.backtest_ticks(jsonb) FROM PUBLIC;
