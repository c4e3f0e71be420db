-- locks ledger.portfolio_clocks; writes trading.positions, trading.lots, trading.lot_closures, trading.orders,
-- trading.position_adjustments, market.quotes, ledger.*, ops.events; errors TR106, TR249
CREATE OR REPLACE FUNCTION trading.apply_split(portfolio_ids int[], action_id int, at timestamptz)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_action     market.corporate_actions;
  v_instrument market.instruments;
  v_portfolio  trading.portfolios;
  v_due        timestamptz;  -- from here on everything is in the new terms
BEGIN
  PERFORM internal.require_event_time(apply_split.at);
  SELECT * INTO v_action FROM market.corporate_actions AS a
   WHERE a.action_id = apply_split.action_id AND a.kind IN ('split', 'bonus');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no split or bonus %', apply_split.action_id
      USING ERRCODE = 'TR106', DETAIL = 'market.corporate_actions has no split and no bonus with this action_id.',
            HINT = 'Announce it with market.add_split(...) or market.add_bonus(...).';
  END IF;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_action.instrument_id;
  v_due := market.day_start(v_instrument.exchange_id, v_action.ex_date);

  PERFORM internal.lock_portfolios(portfolio_ids);
  PERFORM internal.mark_periods(p.portfolio_id, apply_split.at)
     FROM (SELECT DISTINCT n.portfolio_id FROM unnest(portfolio_ids) AS n (portfolio_id)) AS p;
  -- The last price first, and only once, whoever comes first: what is held is worth the same before and after. A price
  -- of the ex-date itself is in the new terms already.
  UPDATE market.quotes AS q
     SET ts = least(apply_split.at, v_due), last = q.last * (v_action.denominator::float8 / v_action.numerator::float8),
         last_size = NULL, bid = NULL, ask = NULL
   WHERE q.instrument_id = v_action.instrument_id
     AND q.ts < least(apply_split.at, v_due);
  FOR v_portfolio IN
    SELECT p.* FROM trading.portfolios AS p
     WHERE p.portfolio_id = ANY (apply_split.portfolio_ids) ORDER BY p.portfolio_id
  LOOP
    RETURN QUERY SELECT * FROM internal.split_position(v_portfolio, v_action, v_instrument, v_due, apply_split.at);
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.apply_split(int[], int, timestamptz) IS
  'Applies a split or bonus to portfolios, once each: what they held and ordered before the ex-date began, lots and '
  'reservations included; a fraction of a share that it would leave is paid in cash. One that comes too late, when a '
  'profit of what it concerns was taken already, is refused and journaled as position.split_refused or '
  'position.bonus_refused. Returns the orders that changed. Error TR106.';
REVOKE ALL ON FUNCTION trading.apply_split(int[], int, timestamptz) FROM PUBLIC;
