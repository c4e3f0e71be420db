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
  v_fault    text;  -- the term that is wrong
BEGIN
  v_fault := CASE
    WHEN upper(add_exchange.code) ~ '^[A-Z][A-Z0-9_]{1,15}$' IS NOT TRUE THEN 'code'
    WHEN (length(add_exchange.name) <= 256) IS NOT TRUE THEN 'name'
    WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = add_exchange.time_zone)
      THEN 'time_zone'
    WHEN add_exchange.currency ~ '^[A-Z][A-Z0-9]{2,9}$' IS NOT TRUE THEN 'currency'
    WHEN (add_exchange.opens < add_exchange.closes) IS NOT TRUE THEN 'hours'
    WHEN (SELECT count(*) <> count(DISTINCT d) OR coalesce(bool_or(d NOT BETWEEN 1 AND 7), false)
            FROM unnest(add_exchange.weekdays) AS d) OR add_exchange.weekdays IS NULL THEN 'weekdays' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'an exchange cannot have % %',
      CASE WHEN v_fault IN ('hours', 'weekdays') THEN 'these' ELSE 'this' END, v_fault
      USING ERRCODE = 'TR108',
            DETAIL = CASE v_fault
              WHEN 'hours' THEN format('opens is %s, closes is %s.', coalesce(add_exchange.opens::text, 'NULL'),
                                       coalesce(add_exchange.closes::text, 'NULL'))
              ELSE format('%s is %s.', v_fault, coalesce(left(CASE v_fault
                WHEN 'code' THEN quote_literal(add_exchange.code)
                WHEN 'name' THEN quote_literal(add_exchange.name)
                WHEN 'time_zone' THEN quote_literal(add_exchange.time_zone)
                WHEN 'currency' THEN quote_literal(add_exchange.currency)
                ELSE add_exchange.weekdays::text END, 100), 'NULL')) END,
            HINT = CASE v_fault
              WHEN 'code' THEN 'A code has 2 to 16 letters, digits and underscores, and begins with a letter.'
              WHEN 'name' THEN 'A name has at most 256 characters.'
              WHEN 'time_zone' THEN 'Time zones are IANA names, such as Europe/Berlin: see pg_timezone_names.'
              WHEN 'currency' THEN 'A currency is a code in capital letters, such as USD, INR or USDT.'
              WHEN 'hours' THEN 'It closes after it opens; a session over midnight is two rows of market.sessions.'
              ELSE 'Weekdays are 1 for Monday to 7 for Sunday, each once.' END;
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
