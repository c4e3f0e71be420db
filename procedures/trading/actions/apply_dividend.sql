-- locks ledger.portfolio_clocks; writes trading.dividends, trading.orders, ledger.*, ops.events; errors TR106, TR211
CREATE OR REPLACE FUNCTION trading.apply_dividend(portfolio_ids int[], action_id int, at timestamptz)
RETURNS SETOF trading.dividends
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_action       market.corporate_actions;
  v_instrument   market.instruments;
  v_portfolio_id int;
  v_transfer     ledger.transfers;
  v_dividend     trading.dividends;
  v_due          timestamptz;
BEGIN
  SELECT * INTO v_action FROM market.corporate_actions AS a
   WHERE a.action_id = apply_dividend.action_id AND a.kind = 'dividend';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no dividend %', apply_dividend.action_id
      USING ERRCODE = 'TR106', DETAIL = 'market.corporate_actions has no dividend with this action_id.',
            HINT = 'Announce it with market.add_dividend(...).';
  END IF;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_action.instrument_id;
  v_due := market.day_start(v_instrument.exchange_id, v_action.ex_date);
  IF (isfinite(apply_dividend.at) AND apply_dividend.at >= v_due) IS NOT TRUE THEN
    RAISE EXCEPTION 'the dividend % is not due', apply_dividend.action_id
      USING ERRCODE = 'TR106', DETAIL = format('%s is ex dividend from %s on.', v_instrument.symbol, v_due),
            HINT = 'Who holds it then receives it: apply it then.';
  END IF;

  PERFORM internal.lock_portfolios(portfolio_ids);
  FOR v_portfolio_id IN
    SELECT DISTINCT p.portfolio_id FROM trading.positions AS p
     WHERE p.portfolio_id = ANY (portfolio_ids) AND p.instrument_id = v_action.instrument_id
       AND NOT EXISTS (SELECT FROM trading.dividends AS d
                        WHERE d.portfolio_id = p.portfolio_id AND d.action_id = v_action.action_id)
     ORDER BY 1
  LOOP
    v_dividend.quantity := trading.held_before(v_portfolio_id, v_action.instrument_id, v_due);
    CONTINUE WHEN v_dividend.quantity = 0;
    v_dividend.amount := round(v_dividend.quantity * v_action.amount, 8);
    v_dividend.advanced := 0;
    v_transfer := NULL;
    IF v_dividend.amount > 0 THEN
      v_transfer := internal.post(v_portfolio_id, v_instrument.currency, 'income', 'cash', v_dividend.amount,
                                  'dividend', apply_dividend.at);
    ELSIF v_dividend.amount < 0 THEN
      -- Who has sold short owes the dividend to the lender.
      v_dividend.advanced := internal.raise_cash(v_portfolio_id, v_instrument.currency, -v_dividend.amount,
                                                 v_action.instrument_id,
                                                 format('its money was needed for the dividend of %s on %s',
                                                        v_instrument.symbol, v_action.ex_date), apply_dividend.at);
      v_transfer := internal.post(v_portfolio_id, v_instrument.currency, 'cash', 'income', -v_dividend.amount,
                                  'dividend', apply_dividend.at);
    END IF;
    INSERT INTO trading.dividends (portfolio_id, action_id, instrument_id, quantity, per_unit, ex_date, amount,
                                   advanced, transfer_id, at)
    VALUES (v_portfolio_id, v_action.action_id, v_action.instrument_id, v_dividend.quantity, v_action.amount,
            v_action.ex_date, v_dividend.amount, v_dividend.advanced, v_transfer.transfer_id, apply_dividend.at)
    RETURNING * INTO v_dividend;
    PERFORM internal.emit_event('position.dividend', apply_dividend.at, v_portfolio_id, v_action.instrument_id,
                           p_payload => jsonb_build_object('action_id', v_action.action_id, 'quantity',
                                                           v_dividend.quantity, 'amount', v_dividend.amount));
    PERFORM internal.ring_doorbell(v_portfolio_id);
    RETURN NEXT v_dividend;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.apply_dividend(int[], int, timestamptz) IS
  'Pays a dividend to the portfolios that held the instrument before its ex-date began, and charges those that were '
  'short, once each. Returns what this call paid. A dividend and a split of one day: the dividend is per unit of '
  'before. Errors TR106, TR211.';
REVOKE ALL ON FUNCTION trading.apply_dividend(int[], int, timestamptz) FROM PUBLIC;
