-- reads trading.portfolios, trading.fee_plans, trading.fee_schedules, market.exchanges, ledger.accounts; writes
-- trading.positions, ledger.* and what internal.raise_cash writes; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.charge_exercise(
  p_portfolio_id int, p_instrument market.instruments, p_quantity numeric, p_value numeric, p_settlement_value numeric,
  p_day date, p_at timestamptz, OUT fees numeric, OUT advanced numeric)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_fees      numeric[];
  v_movements internal.movement[];
BEGIN
  SELECT internal.add_fee_lines(
           coalesce(trading.fees_of_lines(array_agg(l ORDER BY l.component) FILTER (WHERE l.basis = 'intrinsic'),
                                          NULL, NULL, p_quantity, p_value, 0), '{}'),
           coalesce(trading.fees_of_lines(array_agg(l ORDER BY l.component) FILTER (WHERE l.basis = 'settlement'),
                                          NULL, NULL, p_quantity, p_settlement_value, 0), '{}'))
    INTO v_fees
    FROM trading.portfolios AS p
    CROSS JOIN trading.fee_terms_at(p.fee_schedule, p_instrument.kind, p_instrument.exchange_id,
                                    market.day_start(p_instrument.exchange_id, p_day)) AS t
    JOIN trading.fee_schedules AS f ON f.name = t.schedule AND f.valid_from = t.valid_from
    CROSS JOIN unnest(f.exercise_lines) AS l
   WHERE p.portfolio_id = p_portfolio_id;
  fees := (SELECT coalesce(sum(f), 0) FROM unnest(v_fees) AS f);
  advanced := 0;
  IF fees = 0 THEN
    RETURN;
  END IF;
  -- A tax on the whole value may be more than what the option pays.
  advanced := internal.raise_cash(p_portfolio_id, p_instrument.currency, fees, NULL,
                                  format('its money was needed for the charges on %s, exercised on %s',
                                         p_instrument.symbol, p_day), p_at);
  v_movements := internal.fill_movements(
    p_portfolio_id, NULL, NULL, p_at, p_instrument.currency,
    ARRAY(SELECT a.account_id FROM ledger.accounts AS a
           WHERE a.portfolio_id = p_portfolio_id AND a.currency = p_instrument.currency ORDER BY a.kind),
    array_fill('cash'::ledger.account_kind, ARRAY[cardinality(v_fees)]),
    array_fill('fees'::ledger.account_kind, ARRAY[cardinality(v_fees)]), v_fees,
    array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(v_fees)]),
    enum_range(NULL::trading.fee_component)::text[]);
  PERFORM internal.write_movements(v_movements);
  UPDATE ledger.portfolio_clocks AS b SET next_transfer_id = b.next_transfer_id + cardinality(v_movements)
   WHERE b.portfolio_id = p_portfolio_id;
  UPDATE trading.positions AS p SET fees = p.fees + charge_exercise.fees
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
END
$$;
COMMENT ON FUNCTION internal.charge_exercise(
  int, market.instruments, numeric, numeric, numeric, date, timestamptz) IS
  'Charges the holder of options that are exercised by the terms of the day at the exchange: on their intrinsic value '
  '(p_value), or on the value of the underlying at the settlement price. Returns what was charged, and what of it the '
  'cash could not pay and was advanced (internal.raise_cash). A schedule without such terms charges nothing.';
