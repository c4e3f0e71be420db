"""What there is, at a glance."""

from panels import (MINE, OWNER, PORTFOLIOS, WITHIN, board, coloured, link, stat, steps, table, time_series)

FROM_PORTFOLIO = "var-owner=${__data.fields.owner}&var-portfolio=${__data.fields.portfolio}"
BOARD = board("home", "Home", "Portfolios, what is open and what is wrong.", [OWNER, PORTFOLIOS], [
    ("Now", [
        stat("Open orders", f"""
            SELECT count(*) AS "open orders" FROM trading.open_orders WHERE {MINE}""",
             "Orders that may still fill.", width=4),
        stat("Highest use of a limit", f"""
            SELECT max(share) AS "highest use" FROM reporting.limit_use WHERE {MINE}""",
             "Of all limits the one that is used most: 100 % is the bound.", unit="percentunit", decimals=0,
             thresholds=steps("green", (0.8, "orange"), (1, "red")), no_value="no limits"),
        stat("Rejected orders", f"""
            SELECT count(*) AS rejected FROM reporting.rejects_by_code WHERE {MINE} AND {WITHIN}""",
             "Orders of the span that were refused.", thresholds=steps("green", (1, "orange"))),
        stat("Errors", f"""
            SELECT count(*) AS errors FROM reporting.error_journal WHERE {WITHIN}""",
             "Events of the span that say that something went wrong.", thresholds=steps("green", (1, "orange"))),
        stat("Runners", """
            SELECT count(*) FILTER (WHERE state = 'running') AS running FROM reporting.runners""",
             "Runners that run.", thresholds=steps("red", (1, "green"))),
        stat("Stale prices", """
            SELECT count(*) FILTER (WHERE is_stale) AS stale FROM reporting.candle_freshness""",
             "Instruments whose latest price is too old to trade on.", thresholds=steps("green", (1, "orange"))),
    ]),
    ("Portfolios", [
        table("Alerts", """
            SELECT opened_at AS time, severity, rule, subject, value, detail, state
              FROM ops.alerts
             WHERE state <> 'resolved'
             ORDER BY severity DESC, opened_at DESC LIMIT 50""",
              "What rules have found and nobody has resolved, whenever it was (docs/alerts.md).", width=24, height=6,
              no_value="nothing is wrong"),
        table("Portfolios", f"""
            SELECT portfolio, currency, equity::float8, cash::float8, positions_value::float8 AS positions,
                   realised_pnl::float8 AS realised, unrealised_pnl::float8 AS unrealised, fees::float8,
                   positions AS held, open_orders AS "open orders", owner
              FROM trading.portfolio_summary
             WHERE {MINE}
             ORDER BY portfolio""",
              "Each in its own currency, at the latest prices.", width=24, height=6,
              units={name: "locale" for name in ("equity", "cash", "positions", "realised", "unrealised", "fees")},
              overrides=[link("portfolio", "Portfolio and risk", "bourse-portfolio", FROM_PORTFOLIO),
                         link("open orders", "Trading", "bourse-trading", FROM_PORTFOLIO),
                         coloured("unrealised", steps("red", (0, "green")))],
              no_value="no portfolio is shown to this login (identity.share_portfolio)"),
        time_series("Return", f"""
            SELECT $__timeGroup(time, $__interval) AS time, portfolio AS metric,
                   (array_agg(return_index ORDER BY time DESC))[1] AS value
              FROM reporting.portfolio_value
             WHERE {MINE} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "Index of the time-weighted return, 1 when the portfolio was opened: no deposit moves it.",
                    decimals=3),
        time_series("Drawdown", f"""
            SELECT $__timeGroup(time, $__interval) AS time, portfolio AS metric, min(drawdown) AS value
              FROM reporting.portfolio_value
             WHERE {MINE} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "How far the return is below its highest value so far.", unit="percentunit"),
    ]),
    ("Latest", [
        table("Latest fills", f"""
            SELECT time, portfolio, symbol, side, quantity, price, fee, strategy
              FROM reporting.fill_quality
             WHERE {MINE} AND {WITHIN}
             ORDER BY time DESC, fill DESC LIMIT 20""",
              "Executions of the span, the latest first.",
              overrides=[link("symbol", "Trading", "bourse-trading",
                              "var-symbol=${__data.fields.symbol}&var-portfolio=${__data.fields.portfolio}")]),
        table("Latest errors", f"""
            SELECT time, kind, code, portfolio, symbol, detail
              FROM reporting.error_journal
             WHERE {WITHIN}
             ORDER BY time DESC LIMIT 20""",
              "What went wrong, or was stopped, in the span; docs/errors.md says what codes mean."),
    ]),
])
