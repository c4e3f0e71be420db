-- What an analyst reads of positions and portfolios. Every figure comes from the tables; nothing here is kept.
CREATE OR REPLACE VIEW trading.position_pnl WITH (security_invoker = true) AS
SELECT p.name AS portfolio, i.symbol, trim_scale(n.quantity) AS quantity, trim_scale(n.average_price) AS average_price,
       trim_scale(v.last_price) AS last_price, trim_scale(n.cost) AS cost,
       trim_scale(v.value - CASE WHEN n.is_future THEN n.cost ELSE 0 END) AS market_value,
       trim_scale(n.realised_pnl) AS realised_pnl, trim_scale(v.value - n.cost) AS unrealised_pnl,
       trim_scale(n.fees) AS fees, trim_scale(n.realised_pnl + v.value - n.cost - n.fees) AS total_pnl,
       trim_scale(n.fifo_pnl) AS fifo_pnl, trim_scale(n.margin) AS margin, trim_scale(v.value) AS exposure, x.sector,
       i.currency, n.updated_at, p.owner
  FROM trading.positions AS n
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  JOIN market.instruments AS x USING (instrument_id)
  LEFT JOIN market.quotes AS q USING (instrument_id)
  CROSS JOIN LATERAL (
    SELECT q.last::numeric AS last_price,
           CASE WHEN n.quantity = 0 THEN 0
                ELSE coalesce(round(n.quantity * q.last::numeric * n.multiplier, 8), n.cost) END AS value) AS v;
COMMENT ON VIEW trading.position_pnl IS
  'Positions at the latest prices, closed ones included. A position without a price counts at cost. Amounts are in the '
  'instrument''s currency.';
COMMENT ON COLUMN trading.position_pnl.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.position_pnl.symbol IS 'What is held, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN trading.position_pnl.quantity IS 'Units held, negative when short, 0 when closed.';
COMMENT ON COLUMN trading.position_pnl.average_price IS 'Cost per unit; NULL when closed.';
COMMENT ON COLUMN trading.position_pnl.last_price IS
  'Last traded price, or the close of the last bar; NULL when nothing traded yet.';
COMMENT ON COLUMN trading.position_pnl.cost IS
  'What the units cost at average cost, before fees; the sign of quantity. Of a future its value at the last '
  'settlement.';
COMMENT ON COLUMN trading.position_pnl.market_value IS
  'Value at the last price, negative when short; of a future the gain since its last settlement.';
COMMENT ON COLUMN trading.position_pnl.realised_pnl IS 'Profit of closed quantity at average cost, before fees.';
COMMENT ON COLUMN trading.position_pnl.unrealised_pnl IS 'Value at the last price less cost.';
COMMENT ON COLUMN trading.position_pnl.fees IS 'Fees of all fills.';
COMMENT ON COLUMN trading.position_pnl.total_pnl IS 'Realised and unrealised profit, after fees.';
COMMENT ON COLUMN trading.position_pnl.fifo_pnl IS 'Profit of closed quantity first in first out, before fees.';
COMMENT ON COLUMN trading.position_pnl.margin IS
  'Money in the margin account for it: proceeds and collateral of a short, collateral of a future.';
COMMENT ON COLUMN trading.position_pnl.exposure IS
  'What is held at the last price, of a future its whole value; negative when short.';
COMMENT ON COLUMN trading.position_pnl.sector IS 'Sector of the instrument; NULL when none is known.';
COMMENT ON COLUMN trading.position_pnl.currency IS 'The instrument''s currency.';
COMMENT ON COLUMN trading.position_pnl.updated_at IS 'Event time of the last change.';
COMMENT ON COLUMN trading.position_pnl.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW trading.portfolio_summary WITH (security_invoker = true) AS
SELECT p.name AS portfolio, p.currency, trim_scale(b.cash) AS cash, trim_scale(b.reserved) AS reserved,
       trim_scale(b.cash - b.reserved) AS available, trim_scale(b.margin) AS margin,
       trim_scale(h.positions_value) AS positions_value,
       trim_scale(b.cash + b.margin + h.positions_value) AS equity, trim_scale(v.net_deposits) AS net_deposits,
       trim_scale(h.realised_pnl) AS realised_pnl, trim_scale(h.unrealised_pnl) AS unrealised_pnl,
       trim_scale(h.fees) AS fees, trim_scale(b.income) AS income, h.positions, o.open_orders, p.owner
  FROM trading.portfolios AS p
  JOIN trading.portfolio_values AS v USING (portfolio_id)
  CROSS JOIN LATERAL (
    SELECT sum(m.posted) FILTER (WHERE m.kind = 'cash') AS cash,
           sum(m.pending) FILTER (WHERE m.kind = 'cash') AS reserved,
           sum(m.posted) FILTER (WHERE m.kind = 'margin') AS margin,
           -sum(m.posted) FILTER (WHERE m.kind = 'income') AS income
      FROM (SELECT a.kind, round((l.credits_posted - l.debits_posted) * r.rate, 8), round(l.debits_pending * r.rate, 8)
              FROM ledger.accounts AS a JOIN ledger.balances AS l USING (portfolio_id, account_id)
              CROSS JOIN LATERAL (
                SELECT CASE a.currency WHEN p.currency THEN 1
                                       ELSE internal.base_rate(a.currency, p.currency, v.at) END) AS r (rate)
             WHERE a.portfolio_id = p.portfolio_id) AS m (kind, posted, pending)) AS b
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(round(n.market_value * r.rate, 8)), 0) AS positions_value,
           coalesce(sum(round(n.realised_pnl * r.rate, 8)), 0) AS realised_pnl,
           coalesce(sum(round(n.unrealised_pnl * r.rate, 8)), 0) AS unrealised_pnl,
           coalesce(sum(round(n.fees * r.rate, 8)), 0) AS fees, count(*) FILTER (WHERE n.quantity <> 0) AS positions
      FROM trading.position_pnl AS n
      CROSS JOIN LATERAL (
        SELECT CASE n.currency WHEN p.currency THEN 1
                               ELSE internal.base_rate(n.currency, p.currency, v.at) END) AS r (rate)
     WHERE n.owner = p.owner AND n.portfolio = p.name) AS h
  CROSS JOIN LATERAL (
    SELECT count(*) AS open_orders FROM trading.orders AS x
     WHERE x.portfolio_id = p.portfolio_id AND x.closed_at IS NULL) AS o;
COMMENT ON VIEW trading.portfolio_summary IS
  'One row per portfolio, in its own currency: money, positions at the latest prices, profit, and how much is open. '
  'Foreign money counts at the exchange rates of the last valuation.';
COMMENT ON COLUMN trading.portfolio_summary.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.portfolio_summary.currency IS
  'The portfolio''s own currency, in which all amounts of the row are.';
COMMENT ON COLUMN trading.portfolio_summary.cash IS 'Posted cash, what is reserved included.';
COMMENT ON COLUMN trading.portfolio_summary.reserved IS 'Cash that open orders hold.';
COMMENT ON COLUMN trading.portfolio_summary.available IS 'Cash less what is reserved.';
COMMENT ON COLUMN trading.portfolio_summary.margin IS 'Money in the margin accounts: proceeds and collateral.';
COMMENT ON COLUMN trading.portfolio_summary.positions_value IS
  'Sum of the positions'' market values: shorts negative, futures their gain since the last settlement.';
COMMENT ON COLUMN trading.portfolio_summary.equity IS 'Cash plus margin plus positions.';
COMMENT ON COLUMN trading.portfolio_summary.net_deposits IS
  'Deposits less withdrawals since opening, each at the exchange rate of its own time.';
COMMENT ON COLUMN trading.portfolio_summary.realised_pnl IS 'Profit of closed quantity since opening, before fees.';
COMMENT ON COLUMN trading.portfolio_summary.unrealised_pnl IS
  'Value of what is held at the latest prices less its cost.';
COMMENT ON COLUMN trading.portfolio_summary.fees IS 'Fees paid since opening.';
COMMENT ON COLUMN trading.portfolio_summary.income IS
  'Dividends and interest received less paid since opening, and less what borrowing shorts cost.';
COMMENT ON COLUMN trading.portfolio_summary.positions IS 'Number of positions that are not closed.';
COMMENT ON COLUMN trading.portfolio_summary.open_orders IS 'Number of orders that may still fill.';
COMMENT ON COLUMN trading.portfolio_summary.owner IS 'Whose portfolio it is.';
