-- reads ledger.accounts, ledger.exchange_rates; writes ledger.capital_flows, risk.period_marks, trading.positions,
-- trading.portfolio_values, trading.margin_calls, ops.events; the caller holds the portfolio's lock; errors TR407
CREATE OR REPLACE FUNCTION internal.book_flow(p_transfer ledger.transfers, p_reverses bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_base  text := (SELECT p.currency FROM trading.portfolios AS p WHERE p.portfolio_id = p_transfer.portfolio_id);
  v_flow  ledger.capital_flows;
  v_value trading.portfolio_values;
  v_index numeric;
BEGIN
  IF p_reverses IS NOT NULL THEN
    -- What is taken back never was there: the rate is that of the time when it came or went.
    SELECT f.rate, -f.amount INTO v_flow.rate, v_flow.amount FROM ledger.capital_flows AS f
     WHERE f.portfolio_id = p_transfer.portfolio_id AND f.transfer_id = p_reverses;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  ELSE
    v_flow.rate := CASE WHEN p_transfer.currency = v_base THEN 1
                        WHEN p_transfer.kind = 'settlement'
                          THEN nullif(internal.base_rate(p_transfer.currency, v_base, p_transfer.at), 0)
                        ELSE ledger.exchange_rate(p_transfer.currency, v_base, p_transfer.at) END;
    SELECT round(coalesce(v_flow.rate, 0) * CASE a.kind WHEN 'capital' THEN p_transfer.amount
                                                        ELSE -p_transfer.amount END, 8)
      INTO v_flow.amount
      FROM ledger.accounts AS a
     WHERE a.portfolio_id = p_transfer.portfolio_id AND a.account_id = p_transfer.debit_account_id;
  END IF;
  INSERT INTO ledger.capital_flows (portfolio_id, transfer_id, rate, amount, at)
  VALUES (p_transfer.portfolio_id, p_transfer.transfer_id, v_flow.rate, v_flow.amount, p_transfer.at);
  v_value := internal.revalue_portfolio(p_transfer.portfolio_id, p_transfer.at);
  -- The index is taken to right before the flow, and goes on from what there is after it. Who lost everything keeps a
  -- trillionth, so that what comes later can be measured.
  v_index := CASE WHEN v_value.base_equity > 0
                  THEN greatest(ledger.return_index(v_value.base_index, v_value.base_equity,
                                                     v_value.equity - v_flow.amount), 1e-12)
                  ELSE v_value.base_index END;
  UPDATE trading.portfolio_values AS v
     SET net_deposits = v.net_deposits + v_flow.amount, base_index = v_index, base_equity = greatest(v.equity, 0),
         peak = greatest(v.peak, v_index), limit_peak = greatest(v.limit_peak, v_index)
   WHERE v.portfolio_id = p_transfer.portfolio_id;
END
$$;
COMMENT ON FUNCTION internal.book_flow(ledger.transfers, bigint) IS
  'The one place where net deposits and the index of the return learn of capital that came or went, by a posted '
  'transfer from or to a capital account, right after it: fixes the flow in the portfolio''s currency, revalues the '
  'portfolio, and lets the index go on from the equity after it. p_reverses: the transfer that it takes back. Error '
  'TR407 where no exchange rate of that time is known, but for what was advanced.';
