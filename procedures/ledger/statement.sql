-- reads ledger.*, trading.orders, trading.fills, trading.settlements, trading.dividends, market.listings;
-- errors TR211
CREATE OR REPLACE FUNCTION ledger.statement(
  portfolio text, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity',
  in_currency text DEFAULT NULL)
RETURNS TABLE (section text, currency text, line bigint, at timestamptz, kind text, description text, debit numeric,
               credit numeric, balance numeric, symbol text, component text, transfer_id bigint, order_id bigint,
               fill_id bigint, reference text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(statement.portfolio);
BEGIN
  RETURN QUERY
    WITH accounts AS (
      SELECT a.account_id, a.kind, a.currency FROM ledger.accounts AS a
       WHERE a.portfolio_id = v_portfolio_id AND a.kind IN ('cash', 'margin') AND (a.currency = $4 OR $4 IS NULL)
    ), moves AS (
      SELECT a.account_id, t.*,
             CASE WHEN t.debit_account_id = a.account_id THEN -t.amount ELSE t.amount END::numeric AS change
        FROM ledger.transfers AS t
        JOIN accounts AS a ON a.account_id IN (t.debit_account_id, t.credit_account_id)
       WHERE t.portfolio_id = v_portfolio_id AND t.state = 'posted' AND t.at < $3
    ), totals AS (
      SELECT a.account_id, a.kind, a.currency, count(m.account_id) AS moved,
             coalesce(sum(m.change) FILTER (WHERE m.at < $2), 0) AS opening, coalesce(sum(m.change), 0) AS closing
        FROM accounts AS a LEFT JOIN moves AS m USING (account_id)
       GROUP BY a.account_id, a.kind, a.currency
    ), lines AS (
      SELECT x.account_id, 0 AS part, NULL::timestamptz AS at, 'opening' AS kind, 'opening balance' AS description,
             NULL::numeric AS change, x.opening, NULL::text AS symbol, NULL::text AS component,
             NULL::bigint AS transfer_id, NULL::bigint AS order_id, NULL::bigint AS fill_id, NULL::text AS reference
        FROM totals AS x
      UNION ALL
      SELECT m.account_id, 1, m.at, m.kind::text,
             CASE WHEN f.fill_id IS NOT NULL AND m.kind <> 'fee'
                    THEN format('%s: %s %s %s at %s', m.kind, CASE f.side WHEN 'buy' THEN 'bought' ELSE 'sold' END,
                                trim_scale(f.quantity), i.symbol, trim_scale(f.price))
                  WHEN m.kind = 'fee' THEN concat_ws(' ', 'fee:', m.component, CASE WHEN e.instrument_id IS NOT NULL
                                                                             THEN 'on the exercise of' END, i.symbol)
                  WHEN m.kind = 'conversion' THEN format('conversion at %s', trim_scale(c.rate))
                  WHEN r.reversal_id IS NOT NULL THEN format('reversal of transfer %s: %s', r.transfer_id, r.reason)
                  WHEN n.kind = 'capital' AND m.kind = 'settlement' THEN concat_ws(' ', 'advanced, to settle', i.symbol)
                  WHEN e.instrument_id IS NOT NULL
                    THEN format('%s: %s settlement of %s %s at %s', m.kind, e.kind, trim_scale(e.quantity), i.symbol,
                                trim_scale(e.price))
                  WHEN d.instrument_id IS NOT NULL THEN format('dividend on %s %s', trim_scale(d.quantity), i.symbol)
                  ELSE concat_ws(' ', m.kind, i.symbol) END,
             m.change, NULL, i.symbol, m.component, m.transfer_id, m.order_id, m.fill_id, m.reference
        FROM moves AS m
        LEFT JOIN trading.orders AS o ON o.portfolio_id = m.portfolio_id AND o.order_id = m.order_id
        LEFT JOIN trading.fills AS f ON f.portfolio_id = m.portfolio_id AND f.fill_id = m.fill_id
        LEFT JOIN LATERAL (
          SELECT s.instrument_id, s.kind, s.quantity, s.price, s.next_transfer_id FROM trading.settlements AS s
           WHERE m.kind IN ('settlement', 'margin', 'fee') AND m.fill_id IS NULL AND s.portfolio_id = m.portfolio_id
             AND s.first_transfer_id <= m.transfer_id
           ORDER BY s.first_transfer_id DESC, s.next_transfer_id DESC LIMIT 1) AS e
          ON e.next_transfer_id > m.transfer_id
        LEFT JOIN trading.dividends AS d ON d.portfolio_id = m.portfolio_id AND d.transfer_id = m.transfer_id
        LEFT JOIN market.listings AS i ON i.instrument_id = coalesce(o.instrument_id, e.instrument_id, d.instrument_id)
        LEFT JOIN ledger.accounts AS n ON n.portfolio_id = m.portfolio_id AND n.account_id = m.debit_account_id
        LEFT JOIN ledger.conversions AS c
          ON c.portfolio_id = m.portfolio_id AND m.transfer_id IN (c.transfer_id, c.to_transfer_id)
        LEFT JOIN ledger.reversals AS r ON r.portfolio_id = m.portfolio_id AND r.reversal_id = m.transfer_id
       WHERE m.at >= $2
      UNION ALL
      SELECT x.account_id, 2, NULL, 'closing', 'closing balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM totals AS x
    )
    SELECT x.kind::text, x.currency::text, row_number() OVER w - 1,
           coalesce(l.at, CASE l.part WHEN 0 THEN $2 ELSE $3 END), l.kind, l.description,
           CASE WHEN l.change < 0 THEN trim_scale(-l.change) END, CASE WHEN l.change > 0 THEN trim_scale(l.change) END,
           trim_scale(x.opening + coalesce(sum(l.change) OVER w, 0)), l.symbol, l.component, l.transfer_id, l.order_id,
           l.fill_id, l.reference
      FROM lines AS l JOIN totals AS x USING (account_id)
     WHERE x.kind = 'cash' OR x.moved > 0
    WINDOW w AS (PARTITION BY l.account_id ORDER BY l.part, l.at, l.transfer_id)
     ORDER BY x.kind, x.currency, l.part, l.at, l.transfer_id;
END
$$;
COMMENT ON FUNCTION ledger.statement(text, timestamptz, timestamptz, text) IS
  'Account statement from one time until before another: per currency (in_currency NULL: all) the cash account and, '
  'where used, the margin account, each with opening balance, every posted movement in order of event time with the '
  'running balance, and closing balance. A debit is money that left the account. Error TR211.';
