-- reads market.exchanges, market.instruments, trading.portfolios and what internal.performance reads; writes
-- risk.period_marks, ledger.portfolio_clocks; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.mark_periods(
  p_portfolio_id int, p_at timestamptz, p_ahead ledger.transfers DEFAULT NULL)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_from     timestamptz := (SELECT k.marked_until FROM ledger.portfolio_clocks AS k
                              WHERE k.portfolio_id = p_portfolio_id);
  -- What happens at the very moment at which a day ends is still part of it, like the close of a bar.
  v_at       timestamptz := p_at - interval '1 microsecond';
  v_currency text;
  v_zone     text;
  v_next     timestamptz;
BEGIN
  IF (p_at > v_from AND internal.is_event_time(p_at)) IS NOT TRUE THEN
    RETURN v_from;
  END IF;
  SELECT p.currency, coalesce(p.time_zone, 'UTC') INTO v_currency, v_zone FROM trading.portfolios AS p
   WHERE p.portfolio_id = p_portfolio_id;
  -- Exchanges with one clock have their days in common. Of periods that are over already nobody will ask.
  WITH clocks AS MATERIALIZED (
    SELECT min(e.exchange_id) AS exchange_id FROM market.exchanges AS e
     WHERE EXISTS (SELECT FROM market.instruments AS i WHERE i.exchange_id = e.exchange_id)
     GROUP BY e.time_zone, e.day_starts
  ), starts AS (
    SELECT internal.period_start(c.exchange_id, v_at, false) AS at FROM clocks AS c
    UNION
    SELECT internal.period_start(c.exchange_id, v_at, true) FROM clocks AS c
  ), marked AS (
    INSERT INTO risk.period_marks (portfolio_id, at, profit, index)
    SELECT p_portfolio_id, s.at, r.profit, r.index
      FROM starts AS s
      CROSS JOIN LATERAL internal.performance(p_portfolio_id, v_currency, s.at, s.at, p_ahead) AS r
     WHERE s.at >= v_from
    ON CONFLICT ON CONSTRAINT period_marks_pkey DO NOTHING
  )
  SELECT least(min(internal.period_start(c.exchange_id, internal.period_start(c.exchange_id, v_at, false)
                                                        + interval '36 hours', false)),
               (date_trunc('day', v_at AT TIME ZONE v_zone) + interval '1 day') AT TIME ZONE v_zone)
    INTO v_next
    FROM clocks AS c;
  UPDATE ledger.portfolio_clocks SET marked_until = v_next WHERE portfolio_id = p_portfolio_id;
  RETURN v_next;
END
$$;
COMMENT ON FUNCTION internal.mark_periods(int, timestamptz, ledger.transfers) IS
  'Called before anything is booked at a time: keeps what the portfolio was worth when the days and weeks of exchanges '
  'began that have begun since the last booking, and returns when the next begins. p_ahead: a transfer that is in the '
  'balances already.';
