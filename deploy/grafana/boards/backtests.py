"""Backtests beside each other."""

from panels import bars, board, chosen, coloured, steps, table, time_series

SIGNED = steps("red", (0, "green"))
RUNS = chosen("run", "Run", """
    SELECT b.run_id::text FROM research.backtests AS b ORDER BY b.run_id DESC LIMIT 200""", many=True,
              description="The latest 200 runs.")
# Numbers of runs are compared as text, since no run at all is an empty text.
CHOSEN = ("b.run_id = ANY (ARRAY(SELECT nullif(r.n, '')::bigint "
          "FROM unnest(ARRAY[${run:sqlstring}]::text[]) AS r (n)))")

BOARD = board("backtests", "Backtests", "Runs of strategies over the past, with their equity and trades.", [RUNS], [
    ("Runs", [
        table("Runs", f"""
            SELECT b.run_id AS run, s.name AS strategy, b.version, array_to_string(b.symbols, ', ') AS symbols,
                   b.from_time AS "from", b.until_time AS until, b.final_equity::float8 AS equity,
                   b.total_return AS return, b.max_drawdown AS drawdown, b.sharpe, b.deflated_sharpe AS "deflated",
                   b.trades, b.win_rate AS won, b.fees::float8, b.research_only AS "research only", b.created_at AS made
              FROM research.backtests AS b LEFT JOIN strategy.strategies AS s USING (strategy_id)
             WHERE {CHOSEN}
             ORDER BY b.run_id DESC LIMIT 200""",
              "deflated: probability of skill, given how many were tried. research only: its fills assume what nobody "
              "could have done.", width=24,
              units={"equity": "locale", "fees": "locale", "return": "percentunit", "drawdown": "percentunit",
                     "won": "percentunit", "deflated": "percentunit"}, no_value="no backtests"),
        time_series("Equity", f"""
            SELECT $__timeGroup(e.at, $__interval) AS time, 'run ' || b.run_id AS metric,
                   (array_agg(e.equity::float8 ORDER BY e.at DESC))[1] AS value
              FROM research.backtests AS b JOIN research.backtest_equity AS e USING (run_id)
             WHERE {CHOSEN} AND $__timeFilter(e.at)
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "At the end of trading days.", unit="locale"),
        time_series("Drawdown", f"""
            SELECT $__timeGroup(e.at, $__interval) AS time, 'run ' || b.run_id AS metric, min(e.drawdown) AS value
              FROM research.backtests AS b JOIN research.backtest_equity AS e USING (run_id)
             WHERE {CHOSEN} AND $__timeFilter(e.at)
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "How far the equity is below its highest value so far.", unit="percentunit"),
    ]),
    ("Trades", [
        bars("Profit by symbol", f"""
            SELECT 'run ' || b.run_id || ' ' || i.symbol AS symbol, sum(t.net_pnl)::float8 AS profit
              FROM research.backtests AS b
              JOIN research.backtest_trades AS t USING (run_id)
              JOIN market.listings AS i USING (instrument_id)
             WHERE {CHOSEN} AND $__timeFilter(t.opened_at)
             GROUP BY 1 ORDER BY profit DESC LIMIT 40""",
             "After fees, of trades that began in the span.", unit="locale", thresholds=SIGNED),
        bars("Why positions were left", f"""
            SELECT coalesce(t.exit_reason, CASE WHEN t.closed_at IS NULL THEN '(still held)' ELSE '(ended)' END) AS reason,
                   count(*) AS trades
              FROM research.backtests AS b JOIN research.backtest_trades AS t USING (run_id)
             WHERE {CHOSEN} AND $__timeFilter(t.opened_at)
             GROUP BY 1 ORDER BY 2 DESC""",
             "By rule, stop, target, time and so on."),
        table("Latest trades", f"""
            SELECT t.opened_at AS time, b.run_id AS run, i.symbol, t.side, t.quantity::float8, t.closed_at AS closed,
                   t.entry_price::float8 AS entry, t.exit_price::float8 AS exit, t.net_pnl::float8 AS profit, t.return,
                   t.bars, t.mae::float8 AS worst, t.mfe::float8 AS best, t.exit_reason AS reason
              FROM research.backtests AS b
              JOIN research.backtest_trades AS t USING (run_id)
              JOIN market.listings AS i USING (instrument_id)
             WHERE {CHOSEN} AND $__timeFilter(t.opened_at)
             ORDER BY t.opened_at DESC, b.run_id LIMIT 200""",
              "worst, best: what all of it would have made on the way.", width=24,
              units={name: "locale" for name in ("quantity", "profit", "worst", "best")} | {"return": "percentunit"},
              overrides=[coloured("profit", SIGNED)]),
        table("Orders that were refused", f"""
            SELECT o.reason_code AS code, count(*) AS orders, min(o.submitted_at) AS first, min(o.reason) AS example
              FROM research.backtests AS b JOIN research.backtest_orders AS o USING (run_id)
             WHERE {CHOSEN} AND o.status = 'rejected' AND $__timeFilter(o.submitted_at)
             GROUP BY 1 ORDER BY 2 DESC""",
              "By code; docs/errors.md says what each means.", width=24, height=6, no_value="none was refused"),
    ]),
    ("Optimizations", [
        table("Searches for values", """
            SELECT p.optimization_id AS number, p.strategy, array_to_string(p.symbols, ', ') AS symbols,
                   p.method::text AS method, p.objective, p.windows, p.trials, p.share AS done, p.failed, p.pruned,
                   p.best, p.created_at AS begun, p.finished_at AS finished
              FROM research.progress AS p ORDER BY p.optimization_id DESC LIMIT 50""",
              "research.verdict(number) says of each whether it is luck, and bourse report optimization draws it.",
              width=24, units={"done": "percentunit"}, no_value="no optimizations"),
        table("What was tried", """
            SELECT c.strategy, array_to_string(c.symbols, ', ') AS symbols, c.trials, c.best,
                   c.expected_best AS "without skill", c.first_tried_at AS first, c.last_tried_at AS last
              FROM research.trial_counts AS c ORDER BY c.trials DESC LIMIT 50""",
              "Different backtests and trials, deleted ones included: their best Sharpe ratio, and what the best of as many "
              "without skill would have.", width=24, no_value="nothing was tried"),
    ]),
])
