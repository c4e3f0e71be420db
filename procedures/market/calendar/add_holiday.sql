-- writes market.holidays; errors TR102, TR116, TR117
CREATE OR REPLACE FUNCTION market.add_holiday(
  exchange text, day date, name text, opens time DEFAULT NULL, closes time DEFAULT NULL)
RETURNS market.holidays
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange_id int := market.exchange_id(add_holiday.exchange);
  v_holiday     market.holidays;
BEGIN
  IF (v_exchange_id IS NOT NULL AND add_holiday.day >= date '1900-01-01' AND add_holiday.day < date '2200-01-01'
      AND length(btrim(add_holiday.name)) BETWEEN 1 AND 200
      AND (add_holiday.opens IS NULL) = (add_holiday.closes IS NULL)
      AND coalesce(add_holiday.closes > add_holiday.opens, true)) IS NOT TRUE THEN
    RAISE EXCEPTION 'a holiday needs an exchange, a day, a name, and the hours of a session or none'
      USING ERRCODE = 'TR116',
            DETAIL = format('Exchange %s, day %s, name %s, opens %s, closes %s.',
                            coalesce(add_holiday.exchange, 'NULL'), coalesce(add_holiday.day::text, 'NULL'),
                            coalesce(quote_literal(left(add_holiday.name, 60)), 'NULL'),
                            coalesce(add_holiday.opens::text, 'NULL'), coalesce(add_holiday.closes::text, 'NULL')),
            HINT = 'Give both hours of a session, the close after the open (24:00 is the end of the day), or neither '
                   'when nothing trades; days are of the years 1900 to 2199, names have at most 200 characters.';
  END IF;
  SELECT * INTO v_holiday FROM market.holidays AS h
   WHERE h.exchange_id = v_exchange_id AND h.day = add_holiday.day AND h.opens <> add_holiday.opens
     AND h.opens < add_holiday.closes AND h.closes > add_holiday.opens
   ORDER BY h.opens LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'another session of % on % overlaps this one', upper(add_holiday.exchange), add_holiday.day
      USING ERRCODE = 'TR117',
            DETAIL = format('%s to %s is to be added, %s to %s is known (%s).', add_holiday.opens, add_holiday.closes,
                            v_holiday.opens, v_holiday.closes, v_holiday.name),
            HINT = 'Take the day''s sessions away first, if they are wrong: market.remove_holiday(exchange, day).';
  END IF;
  INSERT INTO market.holidays AS h (exchange_id, day, name, opens, closes)
  VALUES (v_exchange_id, add_holiday.day, btrim(add_holiday.name), add_holiday.opens, add_holiday.closes)
  ON CONFLICT ON CONSTRAINT holidays_pkey DO UPDATE
    SET name = EXCLUDED.name, closes = EXCLUDED.closes
  RETURNING * INTO v_holiday;
  RETURN v_holiday;
END
$$;
COMMENT ON FUNCTION market.add_holiday(text, date, text, time, time) IS
  'Adds a day on which the exchange does not trade, or with hours one of the sessions that take place on a day instead '
  'of the weekly ones (local times). A holiday may have a session, a day several; the same holiday, or a session with '
  'the same open, gets the new name and close. Errors TR102, TR116, TR117.';
REVOKE ALL ON FUNCTION market.add_holiday(text, date, text, time, time) FROM PUBLIC;
