-- reads trading.*, ledger.accounts, ledger.balances, ledger.transfers, ledger.capital_flows
CREATE OR REPLACE FUNCTION ops.check_position_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH dealt AS (
    SELECT n.portfolio_id, n.instrument_id, sum(n.quantity) AS quantity, sum(n.realised) AS realised,
           sum(n.fee) AS fees, sum(n.fifo_pnl) AS fifo_pnl, sum(n.paid) AS paid
      FROM (SELECT f.portfolio_id, f.instrument_id, CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END,
                   f.realised_pnl, f.fee, f.fifo_pnl, CASE f.side WHEN 'buy' THEN f.value ELSE -f.value END
              FROM trading.fills AS f
            UNION ALL
            -- What ends is paid out at its price; a position that goes on is only marked.
            SELECT s.portfolio_id, s.instrument_id, s.quantity_delta, s.realised_pnl, s.fees, s.fifo_pnl,
                   round(s.quantity_delta * s.price * p.multiplier, 8)
              FROM trading.settlements AS s JOIN trading.positions AS p USING (portfolio_id, instrument_id)
            UNION ALL
            SELECT a.portfolio_id, a.instrument_id, 0, a.realised_pnl, 0, a.fifo_pnl, -a.lieu_amount
              FROM trading.position_adjustments AS a)
           AS n (portfolio_id, instrument_id, quantity, realised, fee, fifo_pnl, paid)
     GROUP BY n.portfolio_id, n.instrument_id
  ), margins AS (
    SELECT n.portfolio_id, n.instrument_id, sum(n.moved) AS moved
      FROM (SELECT f.portfolio_id, f.instrument_id, CASE c.kind WHEN 'margin' THEN t.amount ELSE -t.amount END
              FROM ledger.transfers AS t
              JOIN trading.fills AS f USING (portfolio_id, fill_id)
              JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id
              JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id
             WHERE t.state = 'posted' AND 'margin' IN (d.kind, c.kind)
            UNION ALL
            SELECT s.portfolio_id, s.instrument_id, s.margin_delta FROM trading.settlements AS s
            UNION ALL
            SELECT a.portfolio_id, a.instrument_id, a.margin_delta FROM trading.position_adjustments AS a)
           AS n (portfolio_id, instrument_id, moved)
     GROUP BY n.portfolio_id, n.instrument_id
  ), adjusted AS (
    SELECT a.portfolio_id, a.instrument_id, sum(a.quantity_delta) AS quantity
      FROM trading.position_adjustments AS a
     GROUP BY a.portfolio_id, a.instrument_id
  )
  SELECT 'position is the sum of its fills', p.portfolio_id,
         format('instrument %s: position %s, fills %s; realised %s, fills %s; fees %s, fills %s', p.instrument_id,
                p.quantity, coalesce(d.quantity, 0) + coalesce(a.quantity, 0), p.realised_pnl, d.realised, p.fees,
                d.fees)
    FROM trading.positions AS p
    LEFT JOIN dealt AS d USING (portfolio_id, instrument_id)
    LEFT JOIN adjusted AS a USING (portfolio_id, instrument_id)
   WHERE (p.quantity, p.realised_pnl, p.fees)
         IS DISTINCT FROM (coalesce(d.quantity, 0) + coalesce(a.quantity, 0), coalesce(d.realised, 0),
                           coalesce(d.fees, 0))
  UNION ALL
  SELECT 'a position costs what was paid less what was realised', p.portfolio_id,
         format('instrument %s: cost %s less realised %s, paid %s; first in first out %s, fills and settlements %s',
                p.instrument_id, p.cost, p.realised_pnl, coalesce(d.paid, 0), p.fifo_pnl, coalesce(d.fifo_pnl, 0))
    FROM trading.positions AS p LEFT JOIN dealt AS d USING (portfolio_id, instrument_id)
   WHERE (p.cost - p.realised_pnl, p.fifo_pnl) IS DISTINCT FROM (coalesce(d.paid, 0), coalesce(d.fifo_pnl, 0))
  UNION ALL
  -- Where every movement of margin names what it was for; a charge for a dividend or a short may take any.
  SELECT 'the margin of a position is what its fills and settlements moved', p.portfolio_id,
         format('instrument %s: %s, moved %s', p.instrument_id, p.margin, coalesce(m.moved, 0))
    FROM trading.positions AS p LEFT JOIN margins AS m USING (portfolio_id, instrument_id)
   WHERE p.margin <> coalesce(m.moved, 0)
     AND NOT EXISTS (SELECT FROM trading.dividends AS d WHERE d.portfolio_id = p.portfolio_id AND d.amount < 0)
     AND NOT EXISTS (SELECT FROM trading.borrow_charges AS b JOIN ledger.transfers AS t USING (portfolio_id)
                      WHERE b.portfolio_id = p.portfolio_id AND t.kind = 'margin' AND t.fill_id IS NULL
                        AND t.at = b.at AND t.transfer_id < b.transfer_id)
  UNION ALL
  SELECT 'fills without a position', d.portfolio_id, format('instrument %s', d.instrument_id)
    FROM dealt AS d LEFT JOIN trading.positions AS p USING (portfolio_id, instrument_id) WHERE p.portfolio_id IS NULL
  UNION ALL
  SELECT 'open sells do not exceed what is held', p.portfolio_id,
         format('instrument %s: %s held, %s to be sold', p.instrument_id, p.quantity, p.open_sell_quantity)
    FROM trading.positions AS p JOIN trading.portfolios AS f USING (portfolio_id)
   WHERE f.account_type = 'cash' AND p.open_sell_quantity > greatest(p.quantity, 0)
  UNION ALL
  SELECT 'position is the sum of its lots', portfolio_id,
         format('instrument %s: quantity %s, lots %s; cost less realised %s, lots %s', instrument_id, p.quantity,
                l.quantity, p.cost - p.realised_pnl, coalesce(l.cost, 0) - p.fifo_pnl)
    FROM trading.positions AS p
    FULL JOIN (SELECT n.portfolio_id, n.instrument_id, sum(n.quantity) AS quantity, sum(n.cost) AS cost
                 FROM trading.lots AS n
                GROUP BY n.portfolio_id, n.instrument_id) AS l
         USING (portfolio_id, instrument_id)
   WHERE (p.quantity, p.cost - p.realised_pnl)
         IS DISTINCT FROM (coalesce(l.quantity, 0), coalesce(l.cost, 0) - p.fifo_pnl)
  UNION ALL
  -- Of the portfolio's own currency; what is foreign counts at the exchange rates of the last valuation.
  SELECT 'equity is deposits plus profit less fees plus income', v.portfolio_id,
         format('equity %s, deposits %s, conversions %s, realised %s, unrealised %s, fees %s, income %s', v.equity,
                c.deposits, c.conversions, v.realised_pnl, v.unrealised_pnl, v.fees, c.income)
    FROM trading.portfolio_values AS v
    JOIN trading.portfolios AS p USING (portfolio_id)
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(b.debits_posted - b.credits_posted) FILTER (WHERE a.kind = 'capital'), 0) AS deposits,
             coalesce(sum(b.debits_posted - b.credits_posted) FILTER (WHERE a.kind = 'conversion'), 0) AS conversions,
             coalesce(sum(b.debits_posted - b.credits_posted) FILTER (WHERE a.kind = 'income'), 0) AS income,
             count(DISTINCT a.currency) AS currencies
        FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
       WHERE a.portfolio_id = v.portfolio_id) AS c
   WHERE c.currencies = 1
     AND v.equity <> c.deposits + c.conversions + v.realised_pnl + v.unrealised_pnl - v.fees + c.income
  UNION ALL
  SELECT 'valuation agrees with the positions', p.portfolio_id,
         format('value %s, positions %s; realised %s, positions %s; fees %s, positions %s; margin %s, positions %s',
                v.positions_value, n.value, v.realised_pnl, n.realised, v.fees, n.fees, v.margin, n.margin)
    FROM trading.portfolios AS p
    LEFT JOIN trading.portfolio_values AS v USING (portfolio_id)
    CROSS JOIN LATERAL (SELECT coalesce(sum(x.market_value), 0) AS value, coalesce(sum(x.realised_pnl), 0) AS realised,
                               coalesce(sum(x.fees), 0) AS fees, coalesce(sum(x.margin), 0) AS margin,
                               bool_or(x.is_foreign) AS is_mixed
                          FROM trading.positions AS x WHERE x.portfolio_id = p.portfolio_id) AS n
   WHERE n.is_mixed IS NOT TRUE
     AND (v.positions_value, v.realised_pnl, v.fees) IS DISTINCT FROM (n.value, n.realised, n.fees)
  UNION ALL
  SELECT 'net deposits are the sum of the flows of capital', v.portfolio_id,
         format('net deposits %s, flows %s', v.net_deposits, coalesce(f.amount, 0))
    FROM trading.portfolio_values AS v
    LEFT JOIN (SELECT n.portfolio_id, sum(n.amount) AS amount FROM ledger.capital_flows AS n
                GROUP BY n.portfolio_id) AS f USING (portfolio_id)
   WHERE v.net_deposits <> coalesce(f.amount, 0)
  UNION ALL
  SELECT 'each flow of capital is a transfer', portfolio_id,
         format('transfer %s: amount %s at a rate of %s, the flow is %s', transfer_id, t.amount, f.rate, f.amount)
    FROM (SELECT n.portfolio_id, n.transfer_id, CASE n.debit_account_id WHEN a.account_id THEN n.amount
                                                                        ELSE -n.amount END AS amount
            FROM ledger.accounts AS a
            JOIN ledger.transfers AS n ON n.portfolio_id = a.portfolio_id
                                      AND a.account_id IN (n.debit_account_id, n.credit_account_id)
           WHERE a.kind = 'capital' AND n.state = 'posted') AS t
    FULL JOIN ledger.capital_flows AS f USING (portfolio_id, transfer_id)
   WHERE (round(t.amount * coalesce(f.rate, 0), 8) = f.amount) IS NOT TRUE
$$;
COMMENT ON FUNCTION ops.check_position_invariants() IS
  'The part of ops.check_invariants that concerns positions and their value.';
