-- reads trading.positions, market.instruments, the calendar; errors TR245
CREATE OR REPLACE FUNCTION internal.require_day_over(
  p_kind market.instrument_kind, p_portfolio_id int, p_day date, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_exchange record;
BEGIN
  SELECT bool_and(n.wanted > n.closed) AS is_early, max(n.wanted) AS wanted, max(n.closed) AS closed,
         min(n.code) AS code
    INTO v_exchange
    FROM (SELECT e.code, market.last_trading_day(e.exchange_id, p_day) AS wanted,
                 coalesce(market.last_closed_day(e.exchange_id, p_at), '-infinity') AS closed
            FROM market.exchanges AS e
           WHERE e.exchange_id IN (SELECT i.exchange_id FROM trading.positions AS n
                                     JOIN market.instruments AS i USING (instrument_id)
                                    WHERE (n.portfolio_id = p_portfolio_id OR p_portfolio_id IS NULL)
                                      AND n.quantity <> 0 AND i.kind = p_kind)) AS n;
  IF v_exchange.is_early THEN
    RAISE EXCEPTION 'the trading day % is not over', v_exchange.wanted
      USING ERRCODE = 'TR245', DETAIL = format('At %s the latest day that is over at %s is %s.', p_at, v_exchange.code,
                                               v_exchange.closed),
            HINT = 'A day is settled when its last session has closed; leave day out to settle all that are over.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_day_over(market.instrument_kind, int, date, timestamptz) IS
  'Refuses a day that is over at no exchange where the portfolio (NULL: any) has contracts of the kind. Error TR245.';
