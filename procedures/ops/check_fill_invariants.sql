-- reads trading.*, ledger.*, market.instruments
CREATE OR REPLACE FUNCTION ops.check_fill_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH paid AS (  -- what the transfers of a fill brought to its owner, fees apart
    SELECT t.portfolio_id, t.fill_id,
           sum(CASE WHEN c.kind IN ('cash', 'margin') THEN t.amount ELSE 0 END
               - CASE WHEN d.kind IN ('cash', 'margin') THEN t.amount ELSE 0 END)
             FILTER (WHERE t.kind <> 'fee') AS moved,
           sum(CASE c.kind WHEN 'fees' THEN t.amount ELSE -t.amount END) FILTER (WHERE t.kind = 'fee') AS fees
      FROM ledger.transfers AS t
      JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id
      JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id
     WHERE t.state = 'posted' AND t.fill_id IS NOT NULL
     GROUP BY t.portfolio_id, t.fill_id
  ), dealt AS (  -- a bust and what stands in for the fill are one movement of money
    SELECT f.portfolio_id, coalesce(f.busts_fill_id, f.corrects_fill_id, f.fill_id) AS fill_id,
           num_nonnulls(f.busts_fill_id, f.corrects_fill_id) > 0 AS is_amendment,
           sum(CASE WHEN n.is_future THEN f.realised_pnl WHEN f.side = 'buy' THEN -f.value ELSE f.value END) AS due,
           sum(coalesce(m.moved, 0)) AS moved
      FROM trading.fills AS f
      JOIN trading.positions AS n USING (portfolio_id, instrument_id)
      LEFT JOIN paid AS m USING (portfolio_id, fill_id)
     GROUP BY 1, 2, 3
  ), amended AS (
    SELECT DISTINCT f.portfolio_id, f.instrument_id FROM trading.fills AS f WHERE f.busts_fill_id IS NOT NULL
  ), split AS (
    SELECT DISTINCT a.portfolio_id, a.instrument_id FROM trading.position_adjustments AS a
  ), closing AS (
    SELECT c.portfolio_id, c.fill_id, sum(abs(c.quantity)) AS quantity, sum(abs(c.value)) AS value,
           sum(c.value - c.cost) AS profit
      FROM trading.lot_closures AS c
     WHERE c.fill_id > 0
     GROUP BY c.portfolio_id, c.fill_id
  ), opened AS (
    SELECT n.portfolio_id, n.instrument_id, n.fill_id, sum(n.quantity) AS quantity, sum(n.cost) AS cost
      FROM (SELECT l.portfolio_id, l.instrument_id, l.fill_id, l.quantity, l.cost - l.settled_pnl FROM trading.lots AS l
            UNION ALL
            SELECT c.portfolio_id, c.instrument_id, c.lot_fill_id, c.quantity, c.cost - c.settled_pnl
              FROM trading.lot_closures AS c) AS n (portfolio_id, instrument_id, fill_id, quantity, cost)
     GROUP BY n.portfolio_id, n.instrument_id, n.fill_id
  ), components AS (
    SELECT t.portfolio_id, t.order_id, t.component,
           sum(CASE c.kind WHEN 'fees' THEN t.amount ELSE -t.amount END) AS amount
      FROM ledger.transfers AS t
      JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id
     WHERE t.kind = 'fee' AND t.state = 'posted'
       -- The charges on an exercise are of its settlement.
       AND (t.order_id IS NOT NULL
            OR NOT EXISTS (SELECT FROM trading.settlements AS s
                            WHERE s.portfolio_id = t.portfolio_id AND t.transfer_id >= s.first_transfer_id
                              AND t.transfer_id < s.next_transfer_id))
     GROUP BY t.portfolio_id, t.order_id, t.component
  ), lines AS (
    SELECT o.portfolio_id, o.order_id, w.word::text AS component, l.amount
      FROM trading.orders AS o
      CROSS JOIN LATERAL unnest(o.fee_lines) WITH ORDINALITY AS l (amount, place)
      JOIN unnest(enum_range(NULL::trading.fee_component)) WITH ORDINALITY AS w (word, place) USING (place)
     WHERE l.amount <> 0
  )
  SELECT 'a fill is worth quantity times price', f.portfolio_id,
         format('fill %s: %s, %s at %s × %s', f.fill_id, f.value, f.quantity, f.price, n.multiplier)
    FROM trading.fills AS f JOIN trading.positions AS n USING (portfolio_id, instrument_id)
   WHERE f.value <> round(f.quantity * f.price * n.multiplier, 8)
  UNION ALL
  SELECT 'a fill is of its order', f.portfolio_id,
         format('fill %s: %s of instrument %s, order %s: %s of instrument %s', f.fill_id, f.side, f.instrument_id,
                o.order_id, o.side, o.instrument_id)
    FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id)
   WHERE f.instrument_id <> o.instrument_id OR (f.side = o.side) = (f.busts_fill_id IS NOT NULL)
  UNION ALL
  SELECT 'a bust mirrors its fill', b.portfolio_id, format('fill %s, bust %s', f.fill_id, b.fill_id)
    FROM trading.fills AS b
    LEFT JOIN trading.fills AS f ON f.portfolio_id = b.portfolio_id AND f.fill_id = b.busts_fill_id
   WHERE b.busts_fill_id IS NOT NULL
     AND (f.order_id, f.instrument_id, f.quantity, f.price, f.value, -f.fee)
         IS DISTINCT FROM (b.order_id, b.instrument_id, b.quantity, b.price, b.value, b.fee)
  UNION ALL
  SELECT 'a fill is the sum of its transfers', d.portfolio_id,
         format('fill %s%s: %s, its transfers %s', d.fill_id,
                CASE WHEN d.is_amendment THEN ' as taken back' ELSE '' END, d.due, d.moved)
    FROM dealt AS d
   WHERE d.due <> d.moved
  UNION ALL
  SELECT 'the fee of a fill is the sum of its transfers', f.portfolio_id,
         format('fill %s: fee %s, transfers %s', f.fill_id, f.fee, coalesce(m.fees, 0))
    FROM trading.fills AS f LEFT JOIN paid AS m USING (portfolio_id, fill_id)
   WHERE f.fee <> coalesce(m.fees, 0)
  UNION ALL
  SELECT 'the lines of a fee are its transfers', portfolio_id,
         format('order %s, %s: %s, transfers %s', order_id, component, coalesce(l.amount, 0), coalesce(c.amount, 0))
    FROM lines AS l FULL JOIN components AS c USING (portfolio_id, order_id, component)
   WHERE coalesce(l.amount, 0) <> coalesce(c.amount, 0)
  UNION ALL
  SELECT 'transfers name fills that are there', m.portfolio_id, format('fill %s', m.fill_id)
    FROM paid AS m LEFT JOIN trading.fills AS f USING (portfolio_id, fill_id)
   WHERE f.fill_id IS NULL
  UNION ALL
  -- After a bust the lots of its instrument are made anew, and earlier fills keep what they said in their time.
  SELECT 'a fill closes the lots that it says', portfolio_id,
         format('fill %s: %s closed with %s, lots %s for %s with %s', fill_id, f.closed_quantity, f.fifo_pnl,
                coalesce(c.quantity, 0), coalesce(c.value, 0), coalesce(c.profit, 0))
    FROM (SELECT x.* FROM trading.fills AS x LEFT JOIN amended AS a USING (portfolio_id, instrument_id)
           WHERE a.portfolio_id IS NULL) AS f
    LEFT JOIN closing AS c USING (portfolio_id, fill_id)
   WHERE (f.closed_quantity, f.fifo_pnl) IS DISTINCT FROM (coalesce(c.quantity, 0), coalesce(c.profit, 0))
      OR abs(coalesce(c.value, 0) - f.value * f.closed_quantity / f.quantity) > 0.00000001
  UNION ALL
  SELECT 'a lot is what its fill opened less what was closed of it', f.portfolio_id,
         format('fill %s opened %s, its lot and its closures %s for %s', f.fill_id, f.quantity - f.closed_quantity,
                coalesce(o.quantity, 0), coalesce(o.cost, 0))
    FROM trading.fills AS f
    LEFT JOIN amended AS a USING (portfolio_id, instrument_id)
    LEFT JOIN split AS s USING (portfolio_id, instrument_id)
    LEFT JOIN opened AS o USING (portfolio_id, instrument_id, fill_id)
   WHERE a.portfolio_id IS NULL AND s.portfolio_id IS NULL
     AND (CASE f.side WHEN 'buy' THEN f.quantity - f.closed_quantity ELSE f.closed_quantity - f.quantity END
            <> coalesce(o.quantity, 0)
          OR abs(abs(coalesce(o.cost, 0)) - f.value * (f.quantity - f.closed_quantity) / f.quantity) > 0.00000001)
  UNION ALL
  SELECT 'closed lots name fills that are there', c.portfolio_id, format('fill %s, lot %s', c.fill_id, c.lot_fill_id)
    FROM trading.lot_closures AS c
   WHERE c.fill_id > 0 AND NOT EXISTS (SELECT FROM trading.fills AS f
                                         WHERE f.portfolio_id = c.portfolio_id AND f.fill_id = c.fill_id)
      OR NOT EXISTS (SELECT FROM trading.fills AS f
                      WHERE f.portfolio_id = c.portfolio_id AND f.fill_id = c.lot_fill_id)
  UNION ALL
  SELECT 'an order knows its average and its last fill', o.portfolio_id,
         format('order %s: %s per unit and fill %s, it filled %s of %s and fill %s', o.order_id, o.average_fill_price,
                o.last_fill_id, o.filled_value, o.filled_quantity - o.busted_quantity, f.last)
    FROM trading.orders AS o
    JOIN market.instruments AS i USING (instrument_id)
    LEFT JOIN (SELECT x.portfolio_id, x.order_id, max(x.fill_id) AS last FROM trading.fills AS x
                GROUP BY x.portfolio_id, x.order_id) AS f USING (portfolio_id, order_id)
   WHERE o.average_fill_price
           IS DISTINCT FROM round(o.filled_value
                                  / nullif((o.filled_quantity - o.busted_quantity) * i.multiplier, 0), 8)
      OR o.last_fill_id IS DISTINCT FROM f.last
      OR o.maker_value NOT BETWEEN 0 AND o.filled_value
$$;
COMMENT ON FUNCTION ops.check_fill_invariants() IS
  'The part of ops.check_invariants that compares fills with their orders, lots and transfers.';
