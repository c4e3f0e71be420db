-- reads market.instruments, the calendar, and what internal.last_price reads
CREATE OR REPLACE FUNCTION internal.price_of_day(p_instrument_id int, p_exchange_id int, p_day date)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_exchange_id int;  -- where the price is made
  v_ends        timestamptz := (SELECT h.closes_at FROM market.trading_hours(p_exchange_id, p_day) AS h);
  v_day         date;
  v_opens       timestamptz;
  v_hours       record;
BEGIN
  SELECT i.exchange_id INTO v_exchange_id FROM market.instruments AS i WHERE i.instrument_id = p_instrument_id;
  -- The last trading day there that had opened when the day here ended.
  v_day := market.trading_day(v_exchange_id, v_ends - interval '1 microsecond');
  FOR n IN 0..7 LOOP
    SELECT * INTO v_hours FROM market.trading_hours(v_exchange_id, v_day) AS h;
    EXIT WHEN v_hours.opens_at < v_ends;
    v_day := v_day - 1;
  END LOOP;
  -- A day before is right only where the same day has not opened yet, as in New York when Tokyo closes; on a holiday
  -- there its price would be an old one.
  IF v_day < p_day THEN
    SELECT h.opens_at INTO v_opens FROM market.trading_hours(v_exchange_id, p_day) AS h;
    IF (v_opens >= v_ends) IS NOT TRUE THEN
      RETURN NULL;
    END IF;
  END IF;
  IF (v_hours.opens_at < v_ends) IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  -- What trades at the close is part of the session, but where it is also the begin of the next day.
  RETURN internal.last_price(p_instrument_id, v_hours.begins_at, v_hours.closes_at,
                             least(least(v_hours.closes_at, v_ends) + interval '1 microsecond', v_hours.ends_at));
END
$$;
COMMENT ON FUNCTION internal.price_of_day(int, int, date) IS
  'The last price that an instrument had, in its own sessions, when the trading day of an exchange (its own or that of '
  'a contract on it) closed: none that traded later, after the close there, or on an earlier day. NULL when there is '
  'none.';
