-- reads trading.settlements, trading.fills, the calendar
CREATE OR REPLACE FUNCTION internal.days_to_settle(
  p_portfolio_id int, p_instrument market.instruments, p_day date, p_at timestamptz)
RETURNS TABLE (day date, price_day date, kind trading.settlement_kind)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_closed  date := market.last_closed_day(p_instrument.exchange_id, p_at);
  v_last    date;         -- the contract's last trading day
  v_wanted  date;
  v_settled date;         -- the latest day that is settled
  v_after   bigint;       -- the last fill before that
  v_dealt   timestamptz;  -- the latest fill since
  v_from    date;
  v_until   date;
  v_closes  timestamptz;
BEGIN
  IF v_closed IS NULL THEN
    RETURN;
  END IF;
  IF p_instrument.expires_on IS NOT NULL THEN
    v_last := market.last_trading_day(p_instrument.exchange_id, p_instrument.expires_on);
  END IF;
  IF p_day IS NOT NULL THEN
    v_wanted := least(market.last_trading_day(p_instrument.exchange_id, p_day), v_last);
  END IF;
  SELECT s.day, s.after_fill_id INTO v_settled, v_after FROM trading.settlements AS s
   WHERE s.portfolio_id = p_portfolio_id AND s.instrument_id = p_instrument.instrument_id
   ORDER BY s.day DESC LIMIT 1;

  -- The last day, and what is reported later of a contract that has ended.
  kind := CASE p_instrument.kind WHEN 'option' THEN 'expiry' ELSE 'final' END::trading.settlement_kind;
  price_day := v_last;
  IF p_instrument.kind = 'option' OR v_settled >= v_last THEN
    day := greatest(v_last, v_settled + 1);
    IF day <= v_closed AND (v_wanted = v_last OR v_wanted IS NULL) THEN
      RETURN NEXT;
    END IF;
    RETURN;
  END IF;

  -- A day on which nothing had been held at the close, or after which the position was traded, is no day of its own any
  -- more: the next settlement pays for it as well.
  SELECT max(f.at) INTO v_dealt FROM trading.fills AS f
   WHERE f.portfolio_id = p_portfolio_id AND f.instrument_id = p_instrument.instrument_id
     AND f.fill_id > coalesce(v_after, 0);
  v_from := coalesce(v_wanted, least(greatest(v_settled + 1, market.trading_day(p_instrument.exchange_id, v_dealt)),
                                     v_last));
  v_until := least(v_wanted, v_closed, v_last);
  -- Whoever settles once in years pays with the first price of the last one.
  v_from := greatest(v_from, v_until - 370);
  FOR day IN SELECT v_from + n FROM generate_series(0, v_until - v_from) AS n
  LOOP
    SELECT h.closes_at INTO v_closes FROM market.trading_hours(p_instrument.exchange_id, day) AS h;
    kind := CASE day WHEN v_last THEN 'final' ELSE 'daily' END::trading.settlement_kind;
    price_day := day;
    IF kind = 'final' OR (day > coalesce(v_settled, day - 1) AND v_closes >= coalesce(v_dealt, v_closes)) IS TRUE THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.days_to_settle(int, market.instruments, date, timestamptz) IS
  'The trading days (p_day: this one alone) that are over by then and for which an open position is still to be '
  'settled, in order: of a future each, of an option its last. price_day is the day whose price counts.';
