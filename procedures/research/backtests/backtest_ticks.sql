-- reads market.ticks
CREATE OR REPLACE FUNCTION research.backtest_ticks(specification jsonb)
RETURNS refcursor
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_ids    int[] := ARRAY(SELECT (i.entry ->> 'id')::int
                            FROM jsonb_array_elements(specification -> 'instruments')
                                 WITH ORDINALITY AS i (entry, place)
                           ORDER BY i.place);
  v_begins timestamptz := internal.instant((specification ->> 'begins')::bigint);
  v_until  timestamptz := internal.instant((specification ->> 'until')::bigint);
  v_rows   refcursor;
BEGIN
  IF cardinality(v_ids) > 1 THEN
    OPEN v_rows NO SCROLL FOR
      SELECT t.instrument_id, t.ts, t.price, t.size
        FROM market.ticks AS t
       WHERE t.instrument_id = ANY (v_ids) AND NOT t.suspicious AND t.ts >= v_begins AND t.ts < v_until
       ORDER BY t.ts, array_position(v_ids, t.instrument_id), t.seq;
  ELSE
    -- Of one instrument the index has them in their order.
    OPEN v_rows NO SCROLL FOR
      SELECT t.instrument_id, t.ts, t.price, t.size
        FROM market.ticks AS t
       WHERE t.instrument_id = v_ids[1] AND NOT t.suspicious AND t.ts >= v_begins AND t.ts < v_until
       ORDER BY t.ts, t.seq;
  END IF;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION research.backtest_ticks(jsonb) IS
  'For programs: a cursor for the ticks that a backtest with this specification is fed with, in order, from the '
  'beginning of the longest candle that was forming when it begins. Columns: instrument_id, ts, price, size.';
REVOKE ALL ON FUNCTION research.backtest_ticks(jsonb) FROM PUBLIC;
