"""What every history must leave behind: a statement that adds up line by line to the balances, and books in which any tampering is found."""

# Everything that is wrong with the statement of a portfolio; no rows when it is right.
STATEMENT = """
WITH lines AS (
  SELECT s.*, lag(s.balance) OVER (PARTITION BY s.section, s.currency ORDER BY s.line) AS before FROM ledger.statement('NAME', NULL, NULL) AS s
), found AS (
  SELECT format('%s %s line %s: %s and %s − %s are not %s', section, currency, line, before, credit, debit, balance) FROM lines
   WHERE before + coalesce(credit, 0) - coalesce(debit, 0) <> balance
  UNION ALL
  SELECT format('%s line %s: %s × %s × %s are not %s', currency, line, quantity, price, multiplier, coalesce(debit, credit)) FROM lines
   WHERE round(quantity * price * coalesce(multiplier, 1), 8) <> coalesce(debit, credit)
  UNION ALL
  SELECT format('%s %s closes at %s, the balance is %s', l.section, l.currency, l.balance, b.credits_posted - b.debits_posted) FROM lines AS l
    JOIN ledger.accounts AS a ON a.portfolio_id = trading.portfolio_id('NAME') AND a.kind::text = l.section AND a.currency = l.currency
    JOIN ledger.balances AS b USING (portfolio_id, account_id)
   WHERE l.kind = 'closing' AND l.balance <> b.credits_posted - b.debits_posted
  UNION ALL
  SELECT format('fill %s has %s lines', f.fill_id, count(l.line)) FROM trading.fills AS f
    LEFT JOIN lines AS l ON l.fill_id = f.fill_id AND l.section = 'cash' AND l.kind = 'trade'
   WHERE f.portfolio_id = trading.portfolio_id('NAME') GROUP BY f.fill_id HAVING count(l.line) <> 1
  UNION ALL
  SELECT format('settlement of instrument %s on %s has %s lines', s.instrument_id, s.day, count(l.line)) FROM trading.settlements AS s
    JOIN market.listings AS i USING (instrument_id)
    LEFT JOIN lines AS l ON l.at = s.at AND l.symbol = i.symbol AND l.section = 'cash' AND l.kind = 'settlement' AND l.quantity IS NOT NULL
   WHERE s.portfolio_id = trading.portfolio_id('NAME') GROUP BY s.instrument_id, s.day HAVING count(l.line) <> 1
)
SELECT string_agg(f, '; ') FROM found AS f (f)
"""

# P is the portfolio. Each may meet no row, and then shows nothing.
DAMAGES = [
    "UPDATE trading.positions SET intraday_quantity = intraday_quantity + 1 WHERE portfolio_id = P AND quantity <> 0",
    "UPDATE trading.positions SET cost = cost * 2 WHERE portfolio_id = P AND quantity <> 0",
    "UPDATE trading.positions SET realised_pnl = realised_pnl + 1 WHERE portfolio_id = P",
    "UPDATE trading.positions SET fifo_pnl = fifo_pnl + 1 WHERE portfolio_id = P",
    "UPDATE trading.positions SET is_foreign = NOT is_foreign WHERE portfolio_id = P",
    "UPDATE trading.positions SET multiplier = multiplier * 2 WHERE portfolio_id = P",
    "UPDATE trading.positions SET open_buy_quantity = open_buy_quantity + 1 WHERE portfolio_id = P",
    "UPDATE trading.lots SET cost = cost * 2 WHERE portfolio_id = P",
    "DELETE FROM trading.lots WHERE portfolio_id = P",
    "UPDATE trading.fills SET price = price * 2 WHERE portfolio_id = P",
    "UPDATE trading.fills SET price = price * 2, value = value * 2 WHERE portfolio_id = P",
    "UPDATE trading.fills SET fee = fee + 1 WHERE portfolio_id = P AND busts_fill_id IS NULL",
    "UPDATE trading.fills SET realised_pnl = realised_pnl + 1 WHERE portfolio_id = P",
    "DELETE FROM trading.fills WHERE portfolio_id = P AND fill_id = 1",
    "UPDATE trading.orders SET average_fill_price = average_fill_price * 2 WHERE portfolio_id = P AND average_fill_price IS NOT NULL",
    "UPDATE trading.orders SET filled_value = filled_value + 1 WHERE portfolio_id = P",
    "DELETE FROM trading.order_events WHERE portfolio_id = P AND version = 1",
    "DELETE FROM ops.events WHERE portfolio_id = P AND kind LIKE 'order.%'",
    "DELETE FROM trading.order_transitions",
    "DELETE FROM trading.dividends WHERE portfolio_id = P",
    "DELETE FROM trading.position_adjustments WHERE portfolio_id = P",
    "UPDATE market.corporate_actions SET numerator = numerator * 3 WHERE action_id IN (SELECT action_id FROM trading.position_adjustments WHERE portfolio_id = P)",
    "UPDATE market.corporate_actions SET amount = amount * 3 WHERE action_id IN (SELECT action_id FROM trading.dividends WHERE portfolio_id = P)",
    "UPDATE trading.settlements SET price = price + 1 WHERE portfolio_id = P",
    "UPDATE trading.settlements SET realised_pnl = realised_pnl + 1 WHERE portfolio_id = P",
    "DELETE FROM trading.settlements WHERE portfolio_id = P",
    "UPDATE market.instruments SET multiplier = multiplier * 2 WHERE instrument_id IN (SELECT instrument_id FROM trading.positions WHERE portfolio_id = P)",
    "UPDATE market.instruments SET lot_size = lot_size * 2 WHERE instrument_id IN (SELECT instrument_id FROM trading.positions WHERE portfolio_id = P)",
    "UPDATE trading.portfolios SET account_type = CASE account_type WHEN 'cash' THEN 'margin' ELSE 'cash' END::trading.account_type WHERE portfolio_id = P",
    "UPDATE trading.portfolios SET currency = 'CHF' WHERE portfolio_id = P",
    "UPDATE ledger.balances SET credits_posted = credits_posted + 1 WHERE portfolio_id = P AND account_id = 1",
    "DELETE FROM ledger.balances WHERE portfolio_id = P AND account_id = 1",
    "UPDATE ledger.transfers SET amount = amount + 1 WHERE portfolio_id = P AND transfer_id = 1",
    "DELETE FROM ledger.transfers WHERE portfolio_id = P AND transfer_id = 1",
    "UPDATE ledger.conversions SET rate = rate * 2 WHERE portfolio_id = P",
    "DELETE FROM ledger.conversions WHERE portfolio_id = P",
]


def check_statement(psql, name):
    found = psql.must(STATEMENT.replace("NAME", name))
    if found:
        raise AssertionError(f"statement: {found}")


def check_tampering(psql, random, name):
    """Each of some damages, past all triggers and undone at once, is found by the audit."""
    portfolio_id = psql.must(f"SELECT trading.portfolio_id('{name}')")
    for damage in random.sample(DAMAGES, 6):
        statement = damage.replace("portfolio_id = P", f"portfolio_id = {portfolio_id}")
        psql.must("BEGIN; SET LOCAL session_replication_role = replica")
        code, touched = psql.run(f"WITH damaged AS ({statement} RETURNING 1) SELECT count(*) FROM damaged")
        found = psql.must(f"SELECT count(*) FROM ops.check_invariants('{name}')") if not code and touched != "0" else "1"
        psql.must("ROLLBACK")
        if found == "0":
            raise AssertionError(f"the audit finds nothing after {statement}")
