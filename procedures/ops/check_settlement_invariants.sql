-- reads trading.*, ledger.*, market.instruments, ops.events
CREATE OR REPLACE FUNCTION ops.check_settlement_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH closed AS (
    SELECT c.portfolio_id, c.instrument_id, sum(c.quantity) AS quantity, sum(c.value - c.cost) AS profit
      FROM trading.lot_closures AS c
     WHERE c.fill_id = 0
     GROUP BY c.portfolio_id, c.instrument_id
  ), ended AS (
    SELECT s.portfolio_id, s.instrument_id, -sum(s.quantity_delta) AS quantity, sum(s.fifo_pnl) AS profit
      FROM trading.settlements AS s
     WHERE s.kind <> 'daily'
     GROUP BY s.portfolio_id, s.instrument_id
  ), moved AS (
    SELECT s.portfolio_id, s.instrument_id, s.day, s.kind, s.realised_pnl, s.margin_delta, s.advanced, s.fees,
           sum(CASE WHEN c.kind = 'securities' THEN -t.amount WHEN d.kind = 'securities' THEN t.amount END) AS paid,
           sum(CASE WHEN c.kind = 'margin' THEN t.amount WHEN d.kind = 'margin' THEN -t.amount END) AS margin,
           sum(t.amount) FILTER (WHERE d.kind = 'capital') AS advance,
           sum(t.amount) FILTER (WHERE t.kind = 'fee') AS charged
      FROM trading.settlements AS s
      LEFT JOIN ledger.transfers AS t
        ON t.portfolio_id = s.portfolio_id AND t.transfer_id >= s.first_transfer_id
       AND t.transfer_id < s.next_transfer_id AND t.state = 'posted'
      LEFT JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id
      LEFT JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id
     GROUP BY s.portfolio_id, s.instrument_id, s.day, s.kind, s.realised_pnl, s.margin_delta, s.advanced, s.fees
  ), marked AS (
    -- What the position cost after a settlement follows from what was dealt and realised before: it is quantity times
    -- price, or was until it ended.
    SELECT n.portfolio_id, n.instrument_id, n.day,
           sum(n.paid) OVER w + sum(n.realised) OVER w - coalesce(sum(n.ended) OVER before, 0) AS cost
      FROM (SELECT f.portfolio_id, f.instrument_id, NULL::date AS day, f.fill_id AS place, 0 AS turn,
                   CASE f.side WHEN 'buy' THEN f.value ELSE -f.value END AS paid, f.realised_pnl AS realised, 0 AS ended
              FROM trading.fills AS f
             WHERE (f.portfolio_id, f.instrument_id) IN (SELECT x.portfolio_id, x.instrument_id
                                                           FROM trading.settlements AS x)
            UNION ALL
            SELECT s.portfolio_id, s.instrument_id, s.day, s.after_fill_id, 1, 0, s.realised_pnl,
                   CASE s.kind WHEN 'daily' THEN 0 ELSE round(s.quantity * s.price * p.multiplier, 8) END
              FROM trading.settlements AS s JOIN trading.positions AS p USING (portfolio_id, instrument_id)) AS n
    WINDOW w AS (PARTITION BY n.portfolio_id, n.instrument_id ORDER BY n.place, n.turn, n.day
                 ROWS UNBOUNDED PRECEDING),
           before AS (PARTITION BY n.portfolio_id, n.instrument_id ORDER BY n.place, n.turn, n.day
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  )
  SELECT 'what a settlement ended is what its lots lost', portfolio_id,
         format('instrument %s: %s ended with %s, lots %s with %s', instrument_id, e.quantity, e.profit, c.quantity,
                c.profit)
    FROM ended AS e FULL JOIN closed AS c USING (portfolio_id, instrument_id)
   WHERE (e.quantity, e.profit) IS DISTINCT FROM (c.quantity, c.profit)
  UNION ALL
  -- An option pays its whole value, of which its cost was paid before.
  SELECT 'a settlement is the sum of its transfers', m.portfolio_id,
         format('instrument %s on %s: profit %s, paid %s; margin %s, moved %s; advanced %s, transfers %s; '
                'fees %s, transfers %s',
                m.instrument_id, m.day, m.realised_pnl, m.paid, m.margin_delta, m.margin, m.advanced, m.advance, m.fees,
                m.charged)
    FROM moved AS m
   WHERE (m.margin_delta, m.advanced, m.fees)
         IS DISTINCT FROM (coalesce(m.margin, 0), coalesce(m.advance, 0), coalesce(m.charged, 0))
      OR m.kind <> 'expiry' AND m.realised_pnl <> coalesce(m.paid, 0)
  UNION ALL
  SELECT 'a settlement is at its price', s.portfolio_id,
         format('instrument %s on %s: %s at %s', s.instrument_id, s.day, s.quantity, s.price)
    FROM trading.settlements AS s
    JOIN trading.positions AS n USING (portfolio_id, instrument_id)
    JOIN market.instruments AS i USING (instrument_id)
    LEFT JOIN marked AS m USING (portfolio_id, instrument_id, day)
   WHERE (s.kind = 'expiry') <> (i.kind = 'option')
      OR s.kind = 'expiry'
         AND s.price <> greatest(CASE i.option_right WHEN 'call' THEN s.underlying_price - i.strike
                                                     ELSE i.strike - s.underlying_price END, 0)
      OR round(s.quantity * s.price * n.multiplier, 8) IS DISTINCT FROM m.cost
  UNION ALL
  SELECT 'a dividend is its transfer', portfolio_id,
         format('action %s: %s, transfer %s of %s', coalesce(d.action_id::text, 'unknown'), coalesce(d.amount, 0),
                transfer_id, coalesce(t.amount, 0))
    FROM trading.dividends AS d
    FULL JOIN (SELECT x.* FROM ledger.transfers AS x WHERE x.kind = 'dividend' AND x.state = 'posted') AS t
         USING (portfolio_id, transfer_id)
   WHERE abs(coalesce(d.amount, 0)) <> coalesce(t.amount, 0)
  UNION ALL
  SELECT 'a borrow charge is its transfer', portfolio_id,
         format('instrument %s on %s: %s, transfer %s of %s', coalesce(b.instrument_id::text, 'unknown'), b.day,
                coalesce(b.amount, 0), transfer_id, coalesce(t.amount, 0))
    FROM trading.borrow_charges AS b
    FULL JOIN (SELECT x.* FROM ledger.transfers AS x WHERE x.kind = 'borrow' AND x.state = 'posted') AS t
         USING (portfolio_id, transfer_id)
   WHERE coalesce(b.amount, 0) <> coalesce(t.amount, 0)
  UNION ALL
  SELECT 'a borrow charge is of what was held and its rate', b.portfolio_id,
         format('instrument %s on %s: %s for %s at %s, worth %s, %s %% and %s days', b.instrument_id, b.day, b.amount,
                b.quantity, b.price, b.value, b.percent, b.days)
    FROM trading.borrow_charges AS b JOIN trading.positions AS n USING (portfolio_id, instrument_id)
   WHERE b.value <> round(-b.quantity * b.price * n.multiplier, 8)
      OR abs(36000 * b.amount - b.value * b.percent * b.days) > 36000 * 0.000000005
  UNION ALL
  SELECT 'a fraction paid in cash is its transfers and its lots', a.portfolio_id,
         format('action %s: %s at %s for %s with %s, margin %s; transfers paid %s, margin %s; lots lost %s with %s',
                a.action_id, a.lieu_quantity, a.lieu_price, a.lieu_amount, a.fifo_pnl, a.margin_delta, t.paid, t.margin,
                l.quantity, l.profit)
    FROM trading.position_adjustments AS a
    JOIN trading.positions AS n USING (portfolio_id, instrument_id)
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(CASE WHEN d.kind = 'securities' THEN x.amount WHEN c.kind = 'securities' THEN -x.amount END),
                      0) AS paid,
             coalesce(sum(CASE WHEN c.kind = 'margin' THEN x.amount WHEN d.kind = 'margin' THEN -x.amount END), 0)
               AS margin
        FROM ledger.transfers AS x
        JOIN ledger.accounts AS d ON d.portfolio_id = x.portfolio_id AND d.account_id = x.debit_account_id
        JOIN ledger.accounts AS c ON c.portfolio_id = x.portfolio_id AND c.account_id = x.credit_account_id
       WHERE x.portfolio_id = a.portfolio_id AND x.transfer_id >= a.first_transfer_id
         AND x.transfer_id < a.next_transfer_id AND x.state = 'posted') AS t
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(c.quantity), 0) AS quantity, coalesce(sum(c.value - c.cost), 0) AS profit
        FROM trading.lot_closures AS c
       WHERE c.portfolio_id = a.portfolio_id AND c.instrument_id = a.instrument_id AND c.fill_id = -a.action_id) AS l
   WHERE (a.lieu_amount, a.margin_delta, a.lieu_quantity, a.fifo_pnl)
         IS DISTINCT FROM (t.paid, t.margin, l.quantity, l.profit)
      OR a.lieu_amount <> round(a.lieu_quantity * coalesce(a.lieu_price, 0) * n.multiplier, 8)
  UNION ALL
  SELECT 'a fraction paid in cash is its transfers and its lots', t.portfolio_id,
         format('transfer %s of %s is of no corporate action', t.transfer_id, t.amount)
    FROM ledger.transfers AS t
   WHERE t.kind = 'cash_in_lieu' AND t.state = 'posted'
     AND NOT EXISTS (SELECT FROM trading.position_adjustments AS a
                      WHERE a.portfolio_id = t.portfolio_id AND t.transfer_id >= a.first_transfer_id
                        AND t.transfer_id < a.next_transfer_id)
  UNION ALL
  SELECT 'a fraction paid in cash is its transfers and its lots', c.portfolio_id,
         format('lot %s was closed by action %s, which did not meet the portfolio', c.lot_fill_id, -c.fill_id)
    FROM trading.lot_closures AS c
   WHERE c.fill_id < 0
     AND NOT EXISTS (SELECT FROM trading.position_adjustments AS a
                      WHERE a.portfolio_id = c.portfolio_id AND a.instrument_id = c.instrument_id
                        AND a.action_id = -c.fill_id)
  UNION ALL
  SELECT 'the journal tells every split and dividend', portfolio_id,
         format('action %s: %s', action_id,
                CASE WHEN a.is_applied IS NULL THEN 'in the journal only' ELSE 'not in the journal' END)
    FROM (SELECT d.portfolio_id, d.action_id, true AS is_applied FROM trading.dividends AS d
          UNION ALL
          SELECT x.portfolio_id, x.action_id, true FROM trading.position_adjustments AS x) AS a
    FULL JOIN (SELECT e.portfolio_id, (e.payload ->> 'action_id')::int AS action_id, true AS is_told
                 FROM ops.events AS e
                WHERE e.kind IN ('position.dividend', 'position.split', 'position.bonus')) AS e
         USING (portfolio_id, action_id)
   WHERE a.is_applied IS NULL OR e.is_told IS NULL
  UNION ALL
  SELECT 'what is unsettled was not settled later', u.portfolio_id,
         format('instrument %s: %s has no price, %s is settled', u.instrument_id, u.day, s.day)
    FROM trading.unpriced_settlements AS u JOIN trading.settlements AS s USING (portfolio_id, instrument_id)
   WHERE s.day >= u.day
  UNION ALL
  SELECT 'a conversion is two transfers at its rate', c.portfolio_id,
         format('transfer %s of %s %s, transfer %s of %s %s at %s', c.transfer_id, f.amount, f.currency,
                c.to_transfer_id, t.amount, t.currency, c.rate)
    FROM ledger.conversions AS c
    JOIN ledger.transfers AS f ON f.portfolio_id = c.portfolio_id AND f.transfer_id = c.transfer_id
    JOIN ledger.transfers AS t ON t.portfolio_id = c.portfolio_id AND t.transfer_id = c.to_transfer_id
   WHERE t.amount <> round(f.amount * c.rate, 8) OR f.currency = t.currency
      OR (f.kind, t.kind) <> ('conversion', 'conversion')
  UNION ALL
  SELECT 'a conversion is two transfers at its rate', t.portfolio_id,
         format('transfer %s of %s %s is of no conversion', t.transfer_id, t.amount, t.currency)
    FROM ledger.transfers AS t
   WHERE t.kind = 'conversion' AND t.state = 'posted'
     AND NOT EXISTS (SELECT FROM ledger.conversions AS c
                      WHERE c.portfolio_id = t.portfolio_id AND c.transfer_id = t.transfer_id)
     AND NOT EXISTS (SELECT FROM ledger.conversions AS c
                      WHERE c.portfolio_id = t.portfolio_id AND c.to_transfer_id = t.transfer_id)
  UNION ALL
  SELECT 'a reversal is the mirror image', r.portfolio_id,
         format('transfer %s, reversal %s', r.transfer_id, r.reversal_id)
    FROM ledger.reversals AS r
    JOIN ledger.transfers AS t ON t.portfolio_id = r.portfolio_id AND t.transfer_id = r.transfer_id
    JOIN ledger.transfers AS m ON m.portfolio_id = r.portfolio_id AND m.transfer_id = r.reversal_id
   WHERE (t.amount, t.debit_account_id, t.credit_account_id, m.state)
         IS DISTINCT FROM (m.amount, m.credit_account_id, m.debit_account_id, 'posted')
$$;
COMMENT ON FUNCTION ops.check_settlement_invariants() IS
  'The part of ops.check_invariants that concerns settlements, dividends, borrow charges, conversions and reversals.';
