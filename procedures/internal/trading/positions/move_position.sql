-- A table function in SQL, so that the planner puts it in the place of its call.
CREATE OR REPLACE FUNCTION internal.move_position(
  p_side trading.order_side, p_quantity numeric, p_value numeric, p_held numeric, p_cost numeric, p_margin numeric,
  p_instrument market.instruments)
RETURNS TABLE (
  held numeric, closed numeric, closed_value numeric, opened numeric, opened_cost numeric, cost_change numeric,
  realised numeric, margin_change numeric, cash numeric,
  debits ledger.account_kind[], credits ledger.account_kind[], amounts numeric[], kinds ledger.transfer_kind[])
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT p_held + c.direction * p_quantity, c.closed, c.closed_value, c.direction * (p_quantity - c.closed),
         c.direction * c.opened_value, c.direction * (c.closed_cost + c.opened_value), c.realised, l.margin_change,
         l.cash, l.debits, l.credits, l.amounts, l.kinds
    FROM (
      SELECT t.*, -t.direction * (t.closed_value - t.closed_cost) AS realised, p_value - t.closed_value AS opened_value,
             CASE WHEN t.closed < p_quantity AND ((p_instrument).kind = 'future' OR p_side = 'sell')
                  THEN trading.opening_money(p_side, p_quantity - t.closed, p_value - t.closed_value,
                                             p_instrument) ELSE 0 END AS collateral
        FROM (
          SELECT d.*,
                 CASE WHEN d.closed = 0 THEN 0 WHEN d.closed = p_quantity THEN p_value
                      ELSE internal.prorate(p_value, d.closed, p_quantity) END AS closed_value,
                 CASE WHEN d.closed = 0 THEN 0 WHEN d.closed = abs(p_held) THEN abs(p_cost)
                      ELSE internal.prorate(abs(p_cost), d.closed, abs(p_held)) END AS closed_cost,
                 CASE WHEN d.closed = 0 OR p_margin = 0 THEN 0 WHEN d.closed = abs(p_held) THEN p_margin
                      ELSE internal.prorate(p_margin, d.closed, abs(p_held)) END AS released
            FROM (SELECT CASE p_side WHEN 'buy' THEN 1 ELSE -1 END AS direction,
                         CASE WHEN sign(p_held) = CASE p_side WHEN 'buy' THEN -1 ELSE 1 END
                                THEN least(abs(p_held), p_quantity)
                              ELSE 0 END AS closed) AS d
          OFFSET 0) AS t
      OFFSET 0) AS c
    CROSS JOIN LATERAL (
      -- Nothing is paid for a future: collateral comes and goes, and what closes is settled.
      SELECT c.collateral - c.released AS margin_change, c.released + c.realised - c.collateral AS cash,
             ARRAY['margin', 'securities', 'cash', 'cash']::ledger.account_kind[] AS debits,
             ARRAY['cash', 'cash', 'securities', 'margin']::ledger.account_kind[] AS credits,
             ARRAY[c.released, greatest(c.realised, 0), greatest(-c.realised, 0), c.collateral] AS amounts,
             ARRAY['margin', 'settlement', 'settlement', 'margin']::ledger.transfer_kind[] AS kinds
       WHERE (p_instrument).kind = 'future'
      UNION ALL
      -- What is bought back is paid out of the margin of the short, and out of cash where it costs more; the rest is
      -- paid in full.
      SELECT -c.released, c.released - p_value, ARRAY['margin', 'margin', 'cash', 'cash']::ledger.account_kind[],
             ARRAY['securities', 'cash', 'securities', 'securities']::ledger.account_kind[],
             ARRAY[least(c.closed_value, c.released), greatest(c.released - c.closed_value, 0),
                   greatest(c.closed_value - c.released, 0), c.opened_value],
             ARRAY['trade', 'margin', 'trade', 'trade']::ledger.transfer_kind[]
       WHERE p_side = 'buy' AND (p_instrument).kind <> 'future'
      UNION ALL
      -- The proceeds of a short sale stay in the margin account, with the collateral.
      SELECT c.opened_value + c.collateral, c.closed_value - c.collateral,
             ARRAY['securities', 'securities', 'cash']::ledger.account_kind[],
             ARRAY['cash', 'margin', 'margin']::ledger.account_kind[],
             ARRAY[c.closed_value, c.opened_value, c.collateral],
             ARRAY['trade', 'trade', 'margin']::ledger.transfer_kind[]
       WHERE p_side = 'sell' AND (p_instrument).kind <> 'future') AS l
$$;
COMMENT ON FUNCTION internal.move_position(
  trading.order_side, numeric, numeric, numeric, numeric, numeric, market.instruments) IS
  'What a fill of this quantity for this value does to a position of so much, which cost and set aside so much, at '
  'average cost and before fees: it closes first and opens the rest. What is held then; quantity and value that close, '
  'quantity and cost that open (negative: short); changes of cost, realised profit, margin and cash; and the transfers '
  'that say so. No row without an instrument.';
