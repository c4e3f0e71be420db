-- reads ledger.*, trading.orders, trading.fills, trading.settlements, trading.dividends,
-- trading.borrow_charges, trading.position_adjustments, market.listings, market.instruments; errors TR211
CREATE OR REPLACE FUNCTION ledger.statement(
  portfolio text, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity',
  in_currency text DEFAULT NULL)
RETURNS TABLE (section text, currency text, line bigint, at timestamptz, kind text, description text, debit numeric,
               credit numeric, balance numeric, symbol text, quantity numeric, price numeric, multiplier numeric,
               component text, transfer_id bigint, order_id bigint, fill_id bigint, reference text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(statement.portfolio);
  v_from         timestamptz := coalesce(statement.from_time, '-infinity');
  v_until        timestamptz := coalesce(statement.until_time, 'infinity');
BEGIN
  RETURN QUERY
    WITH accounts AS (
      SELECT a.account_id, a.kind, a.currency FROM ledger.accounts AS a
       WHERE a.portfolio_id = v_portfolio_id AND a.kind IN ('cash', 'margin') AND (a.currency = $4 OR $4 IS NULL)
    ), moves AS (  -- what each transfer changes of these accounts, and the event that it is part of
      SELECT a.account_id, a.kind AS section, a.currency AS money, t.transfer_id, t.kind, t.component, t.order_id,
             t.fill_id, t.reference, t.at, s.instrument_id AS settled_id, s.day AS settled_on,
             t.kind = 'fee' AS is_fee,
             d.kind = 'capital' AND t.kind = 'settlement' AS is_advance,
             CASE WHEN t.debit_account_id = a.account_id THEN -t.amount ELSE t.amount END::numeric AS change
        FROM ledger.transfers AS t
        JOIN accounts AS a ON a.account_id IN (t.debit_account_id, t.credit_account_id)
        JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id
        LEFT JOIN LATERAL (
          SELECT x.instrument_id, x.day, x.next_transfer_id FROM trading.settlements AS x
           WHERE t.kind IN ('settlement', 'margin', 'fee') AND t.fill_id IS NULL AND x.portfolio_id = t.portfolio_id
             AND x.first_transfer_id <= t.transfer_id
           ORDER BY x.first_transfer_id DESC, x.next_transfer_id DESC LIMIT 1) AS s
          ON s.next_transfer_id > t.transfer_id
       WHERE t.portfolio_id = v_portfolio_id AND t.state = 'posted' AND t.at < v_until
    ), totals AS (
      SELECT a.account_id, a.kind, a.currency, count(m.account_id) AS moved,
             coalesce(sum(m.change) FILTER (WHERE m.at < v_from), 0) AS opening, coalesce(sum(m.change), 0) AS closing
        FROM accounts AS a LEFT JOIN moves AS m USING (account_id)
       GROUP BY a.account_id, a.kind, a.currency
    ), grouped AS (  -- a fill is one line, whatever its order had reserved for it; so is a settlement, and each fee
      SELECT m.account_id, m.section, m.at, min(m.transfer_id) AS transfer_id, m.fill_id, m.settled_id, m.settled_on,
             m.is_fee, m.is_advance, min(m.kind) AS kind, m.component, min(m.order_id) AS order_id,
             min(m.reference) AS reference, sum(m.change) AS change
        FROM moves AS m
       WHERE m.at >= v_from
       GROUP BY m.account_id, m.section, m.at, m.fill_id, m.settled_id, m.settled_on, m.is_fee, m.is_advance,
                m.component,
                CASE WHEN m.fill_id IS NULL AND (m.settled_id IS NULL OR m.is_advance) THEN m.transfer_id END
    ), deals AS (  -- fills and settlements with what they are worth to their owner: price by quantity
      SELECT a.account_id, f.at, f.fill_id, f.order_id, NULL::int AS settled_id, NULL::date AS settled_on,
             -- A bust and the correction that comes with it share one movement of money.
             coalesce(b.fill_id, f.fill_id) AS event_id, NULL::bigint AS first_transfer_id, 'trade' AS kind,
             CASE WHEN i.kind = 'future' THEN f.realised_pnl
                  WHEN f.side = 'buy' THEN -f.value ELSE f.value END::numeric AS worth,
             f.instrument_id, f.quantity::numeric AS quantity,
             CASE WHEN i.kind <> 'future' THEN f.price END::numeric AS price, i.multiplier::numeric AS multiplier,
             concat(CASE WHEN f.busts_fill_id IS NOT NULL THEN format('bust of fill %s: ', f.busts_fill_id)
                         WHEN f.corrects_fill_id IS NOT NULL THEN format('correction of fill %s: ', f.corrects_fill_id)
                         ELSE 'trade: ' END,
                    -- A bust undoes what was done, and says what that was.
                    CASE WHEN (f.side = 'buy') = (f.busts_fill_id IS NULL) THEN 'bought ' ELSE 'sold ' END,
                    trim_scale(f.quantity), ' ', l.symbol, ' at ', trim_scale(f.price),
                    CASE WHEN i.kind <> 'future' AND i.multiplier <> 1 THEN ' × ' || trim_scale(i.multiplier) END,
                    CASE WHEN f.busts_fill_id IS NOT NULL THEN ', taken back' END,
                    CASE WHEN i.kind <> 'future' THEN NULL
                         WHEN f.busts_fill_id IS NOT NULL THEN ' with what was realised by it'
                         WHEN f.closed_quantity = 0 THEN ', a future: nothing is paid'
                         ELSE format(', closing %s that were held at %s%s', trim_scale(f.closed_quantity),
                                     trim_scale(round(f.price - CASE f.side WHEN 'sell' THEN 1 ELSE -1 END
                                       * f.realised_pnl / (f.closed_quantity * i.multiplier), 8)),
                                     CASE WHEN i.multiplier <> 1 THEN ' × ' || trim_scale(i.multiplier) END)
                    END) AS description
        FROM trading.fills AS f
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.listings AS l USING (instrument_id)
        JOIN accounts AS a ON a.kind = 'cash' AND a.currency = i.currency
        LEFT JOIN trading.fills AS b ON b.portfolio_id = f.portfolio_id AND b.busts_fill_id = f.corrects_fill_id
       WHERE f.portfolio_id = v_portfolio_id AND f.at >= v_from AND f.at < v_until
      UNION ALL
      SELECT a.account_id, s.at, NULL, NULL, s.instrument_id, s.day, NULL, s.first_transfer_id, 'settlement',
             CASE s.kind WHEN 'expiry' THEN round(s.quantity * s.price * i.multiplier, 8) ELSE s.realised_pnl END,
             s.instrument_id, s.quantity, CASE s.kind WHEN 'expiry' THEN s.price END, i.multiplier,
             CASE WHEN s.kind <> 'expiry'
                    THEN format('%s settlement of %s %s at %s, held at %s%s', s.kind, trim_scale(s.quantity), l.symbol,
                                trim_scale(s.price),
                                trim_scale(round(s.price - s.realised_pnl / (s.quantity * i.multiplier), 8)),
                                CASE WHEN i.multiplier <> 1 THEN ' × ' || trim_scale(i.multiplier) END)
                  WHEN s.price = 0
                    THEN format('expiry of %s %s: worthless, the underlying is at %s', trim_scale(s.quantity),
                                l.symbol, trim_scale(s.underlying_price))
                  ELSE format('expiry of %s %s at %s%s, the underlying is at %s', trim_scale(s.quantity), l.symbol,
                              trim_scale(s.price),
                              CASE WHEN i.multiplier <> 1 THEN ' × ' || trim_scale(i.multiplier) END,
                              trim_scale(s.underlying_price)) END
        FROM trading.settlements AS s
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.listings AS l USING (instrument_id)
        JOIN accounts AS a ON a.kind = 'cash' AND a.currency = i.currency
       WHERE s.portfolio_id = v_portfolio_id AND s.at >= v_from AND s.at < v_until
    ), events AS (
      SELECT d.account_id, d.event_id, d.settled_id, d.settled_on, min(d.at) AS at, sum(d.worth) AS worth,
             min(d.first_transfer_id) AS first_transfer_id, min(d.order_id) AS order_id
        FROM deals AS d GROUP BY d.account_id, d.event_id, d.settled_id, d.settled_on
    ), starts AS (  -- the first transfer of a fill, whichever account it is on: its place among the lines
      SELECT m.fill_id, min(m.transfer_id) AS transfer_id FROM moves AS m
       WHERE m.fill_id IS NOT NULL
       GROUP BY m.fill_id
    ), lines AS (
      SELECT x.account_id, 0 AS part, NULL::timestamptz AS at, NULL::bigint AS place, 0 AS among, 0 AS turn,
             'opening' AS kind,
             'opening balance' AS description, NULL::numeric AS change, NULL::int AS instrument_id,
             NULL::numeric AS quantity, NULL::numeric AS price, NULL::numeric AS multiplier, NULL::text AS component,
             NULL::bigint AS transfer_id, NULL::bigint AS order_id, NULL::bigint AS fill_id, NULL::text AS reference
        FROM totals AS x
      UNION ALL
      SELECT d.account_id, 1, d.at, coalesce(n.transfer_id, d.first_transfer_id), coalesce(d.settled_id, 0),
             CASE d.fill_id WHEN d.event_id THEN 1 ELSE 2 END, d.kind, d.description, d.worth, d.instrument_id,
             abs(d.quantity), d.price, d.multiplier, NULL, g.transfer_id, d.order_id, d.fill_id, NULL
        FROM deals AS d
        LEFT JOIN starts AS n ON n.fill_id = d.event_id
        LEFT JOIN grouped AS g ON g.account_id = d.account_id AND NOT g.is_fee AND NOT g.is_advance
              AND (g.fill_id = d.fill_id OR g.settled_id = d.settled_id AND g.settled_on = d.settled_on)
      UNION ALL
      -- What of it went to the margin account or came from there.
      SELECT coalesce(e.account_id, g.account_id), 1, coalesce(g.at, e.at),
             coalesce(n.transfer_id, e.first_transfer_id, g.transfer_id), coalesce(g.settled_id, e.settled_id, 0), 3,
             'margin',
             CASE WHEN coalesce(g.change, 0) > coalesce(e.worth, 0) THEN 'margin set free' ELSE 'margin set aside' END,
             coalesce(g.change, 0) - coalesce(e.worth, 0), coalesce(g.settled_id, e.settled_id), NULL, NULL, NULL,
             NULL, g.transfer_id, coalesce(g.order_id, e.order_id), coalesce(g.fill_id, e.event_id), NULL
        FROM events AS e
        FULL JOIN (SELECT x.* FROM grouped AS x
                    WHERE x.section = 'cash' AND NOT x.is_fee AND NOT x.is_advance
                      AND (x.fill_id IS NOT NULL OR x.settled_id IS NOT NULL)) AS g
          ON g.account_id = e.account_id
         AND (g.fill_id, g.settled_id, g.settled_on)
             IS NOT DISTINCT FROM (e.event_id, e.settled_id, e.settled_on)
        LEFT JOIN starts AS n ON n.fill_id = coalesce(g.fill_id, e.event_id)
       WHERE coalesce(g.change, 0) <> coalesce(e.worth, 0)
      UNION ALL
      SELECT g.account_id, 1, g.at, coalesce(n.transfer_id, s.first_transfer_id, g.transfer_id),
             coalesce(g.settled_id, 0), CASE WHEN g.is_fee THEN 4 WHEN g.is_advance THEN 0 ELSE 3 END,
             CASE WHEN g.section = 'margin' THEN 'margin' ELSE g.kind::text END,
             CASE WHEN g.is_fee
                    THEN concat_ws(' ', CASE WHEN g.change > 0 THEN 'fee returned:' ELSE 'fee:' END, g.component,
                                   CASE WHEN g.settled_id IS NOT NULL THEN 'on the exercise of' END)
                  WHEN g.is_advance AND g.settled_id IS NOT NULL THEN 'advanced, to settle'
                  WHEN g.is_advance THEN 'advanced, to pay what was owed'
                  WHEN g.section = 'margin' THEN 'margin' END,
             g.change, coalesce(g.settled_id, o.instrument_id), NULL, NULL, NULL, g.component, g.transfer_id,
             g.order_id, g.fill_id, g.reference
        FROM grouped AS g
        LEFT JOIN trading.orders AS o ON o.portfolio_id = v_portfolio_id AND o.order_id = g.order_id
        LEFT JOIN starts AS n ON n.fill_id = g.fill_id
        LEFT JOIN trading.settlements AS s
          ON s.portfolio_id = v_portfolio_id AND s.instrument_id = g.settled_id AND s.day = g.settled_on
       WHERE g.is_fee OR g.is_advance
          OR g.section = 'margin' AND (g.fill_id IS NOT NULL OR g.settled_id IS NOT NULL)
      UNION ALL
      SELECT g.account_id, 1, g.at, g.transfer_id, 0, 1, g.kind::text,
             CASE WHEN r.reversal_id IS NOT NULL THEN format('reversal of transfer %s: %s', r.transfer_id, r.reason)
                  WHEN c.transfer_id IS NOT NULL
                    THEN format('conversion at %s: %s %s to %s %s', trim_scale(c.rate), trim_scale(f.amount),
                                f.currency, trim_scale(t.amount), t.currency)
                  WHEN d.action_id IS NOT NULL
                    THEN format('dividend %s %s %s at %s', CASE WHEN d.quantity > 0 THEN 'on' ELSE 'owed on' END,
                                trim_scale(abs(d.quantity)), l.symbol, trim_scale(d.per_unit))
                  WHEN y.action_id IS NOT NULL
                    THEN concat(CASE g.kind WHEN 'margin' THEN 'margin set free, ' END,
                                format('cash in lieu of %s %s at %s', trim_scale(y.lieu_quantity), l.symbol,
                                       trim_scale(y.lieu_price)))
                  WHEN w.day IS NOT NULL
                    THEN format('borrow of %s %s on %s, worth %s, at %s %% for %s', trim_scale(-w.quantity), l.symbol,
                                w.day, trim_scale(w.value), trim_scale(w.percent),
                                CASE w.days WHEN 1 THEN '1 day' ELSE format('%s days', w.days) END)
                  WHEN g.kind = 'interest' THEN CASE WHEN g.change > 0 THEN 'interest received' ELSE 'interest paid' END
                  WHEN g.kind = 'margin' THEN 'margin taken to pay what was owed'
                  ELSE g.kind::text END,
             g.change, coalesce(d.instrument_id, w.instrument_id, y.instrument_id),
             coalesce(abs(d.quantity), CASE g.kind WHEN 'cash_in_lieu' THEN abs(y.lieu_quantity) END,
                      CASE WHEN g.change > 0 THEN f.amount END),
             coalesce(d.per_unit, CASE g.kind WHEN 'cash_in_lieu' THEN y.lieu_price END,
                      CASE WHEN g.change > 0 THEN c.rate END), NULL, NULL, g.transfer_id, g.order_id, NULL,
             g.reference
        FROM grouped AS g
        LEFT JOIN ledger.reversals AS r ON r.portfolio_id = v_portfolio_id AND r.reversal_id = g.transfer_id
        LEFT JOIN ledger.conversions AS c
          ON c.portfolio_id = v_portfolio_id AND g.transfer_id IN (c.transfer_id, c.to_transfer_id)
        LEFT JOIN ledger.transfers AS f ON f.portfolio_id = v_portfolio_id AND f.transfer_id = c.transfer_id
        LEFT JOIN ledger.transfers AS t ON t.portfolio_id = v_portfolio_id AND t.transfer_id = c.to_transfer_id
        LEFT JOIN trading.dividends AS d ON d.portfolio_id = v_portfolio_id AND d.transfer_id = g.transfer_id
        LEFT JOIN trading.borrow_charges AS w ON w.portfolio_id = v_portfolio_id AND w.transfer_id = g.transfer_id
        LEFT JOIN LATERAL (
          SELECT n.action_id, n.instrument_id, n.lieu_quantity, n.lieu_price, n.next_transfer_id
            FROM trading.position_adjustments AS n
           WHERE g.kind IN ('cash_in_lieu', 'margin') AND n.lieu_quantity <> 0 AND n.portfolio_id = v_portfolio_id
             AND n.first_transfer_id <= g.transfer_id
           ORDER BY n.first_transfer_id DESC, n.next_transfer_id DESC LIMIT 1) AS y
          ON y.next_transfer_id > g.transfer_id
        LEFT JOIN market.listings AS l ON l.instrument_id = coalesce(d.instrument_id, w.instrument_id, y.instrument_id)
       WHERE g.fill_id IS NULL AND g.settled_id IS NULL AND NOT g.is_fee AND NOT g.is_advance
      UNION ALL
      SELECT x.account_id, 2, NULL, NULL, 0, 0, 'closing', 'closing balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL
        FROM totals AS x
    )
    SELECT x.kind::text, x.currency::text, row_number() OVER w - 1,
           coalesce(l.at, CASE l.part WHEN 0 THEN v_from ELSE v_until END), l.kind,
           concat_ws(' ', l.description,
                     CASE WHEN l.turn IN (3, 4) OR l.kind = 'settlement' AND l.quantity IS NULL THEN i.symbol END),
           CASE WHEN l.change < 0 THEN trim_scale(-l.change) END,
           CASE WHEN l.change >= 0 THEN trim_scale(l.change) END,
           trim_scale(x.opening + coalesce(sum(l.change) OVER w, 0)), i.symbol, trim_scale(l.quantity),
           trim_scale(l.price), trim_scale(l.multiplier), l.component, l.transfer_id, l.order_id, l.fill_id, l.reference
      FROM lines AS l
      JOIN totals AS x USING (account_id)
      LEFT JOIN trading.orders AS o ON o.portfolio_id = v_portfolio_id AND o.order_id = l.order_id
      LEFT JOIN market.listings AS i ON i.instrument_id = coalesce(l.instrument_id, o.instrument_id)
     WHERE x.kind = 'cash' OR x.moved > 0
    WINDOW w AS (PARTITION BY l.account_id ORDER BY l.part, l.at, l.place, l.among, l.turn, l.transfer_id, l.fill_id)
     ORDER BY x.kind, x.currency, l.part, l.at, l.place, l.among, l.turn, l.transfer_id, l.fill_id;
END
$$;
COMMENT ON FUNCTION ledger.statement(text, timestamptz, timestamptz, text) IS
  'Account statement from one time until before another (NULL: from the first or to the last): per currency '
  '(in_currency NULL: all) the cash account and, where used, the margin account, each with opening balance, a line for '
  'each event in order of event time with the running balance, and closing balance. A debit is money that left the '
  'account. A fill is one line of its whole value, quantity × price × multiplier, and what of it is margin another; '
  'busts and corrections say which fill they concern, what pays nothing leaves a line of 0, and transfer_id is the '
  'first of the line''s transfers. Error TR211.';
