-- writes market.exchanges, market.sessions; errors TR108
CREATE OR REPLACE FUNCTION market.add_exchange(
  code text, name text, time_zone text, currency text, opens time, closes time,
  weekdays smallint[] DEFAULT '{1,2,3,4,5}')
RETURNS market.exchanges
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange market.exchanges;
BEGIN
  IF num_nulls(add_exchange.code, add_exchange.name, add_exchange.time_zone, add_exchange.currency, add_exchange.opens,
               add_exchange.closes, add_exchange.weekdays) > 0
     OR NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = add_exchange.time_zone) THEN
    RAISE EXCEPTION 'an exchange needs a code, a name, a known time zone, a currency and its hours'
      USING ERRCODE = 'TR108',
            DETAIL = format('time_zone is %s.', coalesce(quote_literal(add_exchange.time_zone), 'NULL')),
            HINT = 'Time zones are IANA names, such as Europe/Berlin: see pg_timezone_names.';
  END IF;
  INSERT INTO market.exchanges (code, name, time_zone, currency, grid_starts, hour_offset)
  VALUES (upper(add_exchange.code), add_exchange.name, add_exchange.time_zone, add_exchange.currency,
          CASE WHEN add_exchange.opens < time '24:00' THEN add_exchange.opens::interval ELSE interval '0' END,
          -- The UTC minute of the open, in quarters: hour candles begin with the session.
          extract(minute FROM (date '2024-01-08' + add_exchange.opens)
                              AT TIME ZONE add_exchange.time_zone AT TIME ZONE 'UTC')::int / 15 * 15)
  ON CONFLICT ON CONSTRAINT exchanges_code_key DO NOTHING
  RETURNING * INTO v_exchange;
  IF NOT FOUND THEN
    SELECT * INTO v_exchange FROM market.exchanges AS e WHERE e.code = upper(add_exchange.code);
    RETURN v_exchange;
  END IF;
  INSERT INTO market.sessions (exchange_id, weekday, opens, closes)
  SELECT v_exchange.exchange_id, day, add_exchange.opens, add_exchange.closes FROM unnest(add_exchange.weekdays) AS day;
  RETURN v_exchange;
END
$$;
COMMENT ON FUNCTION market.add_exchange(text, text, text, text, time, time, smallint[]) IS
  'Adds an exchange with the same hours on each of its weekdays (ISO numbers); an exchange that exists is returned '
  'unchanged. Error TR108.';
REVOKE ALL ON FUNCTION market.add_exchange(text, text, text, text, time, time, smallint[]) FROM PUBLIC;
