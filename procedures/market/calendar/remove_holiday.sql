-- writes market.holidays; errors TR102, TR116
CREATE OR REPLACE FUNCTION market.remove_holiday(exchange text, day date)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange_id int := market.exchange_id(remove_holiday.exchange);
  v_removed     int;
BEGIN
  IF num_nulls(v_exchange_id, remove_holiday.day) > 0 THEN
    RAISE EXCEPTION 'to take a holiday away needs its exchange and its day'
      USING ERRCODE = 'TR116',
            DETAIL = format('Exchange %s, day %s.', coalesce(remove_holiday.exchange, 'NULL'),
                            coalesce(remove_holiday.day::text, 'NULL')),
            HINT = 'For example market.remove_holiday(''NSE'', ''2026-11-08'').';
  END IF;
  DELETE FROM market.holidays AS h WHERE h.exchange_id = v_exchange_id AND h.day = remove_holiday.day;
  GET DIAGNOSTICS v_removed = ROW_COUNT;
  RETURN v_removed;
END
$$;
COMMENT ON FUNCTION market.remove_holiday(text, date) IS
  'Takes all that is known of a day away, so that the exchange''s weekly sessions take place on it; returns how many '
  'rows that were. Errors TR102, TR116.';
REVOKE ALL ON FUNCTION market.remove_holiday(text, date) FROM PUBLIC;
