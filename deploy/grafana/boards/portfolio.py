"""What portfolios are worth, who made it, and how near they are to what they must not do."""

from panels import (MINE, OWNER, PORTFOLIOS, WITHIN, bars, board, coloured, link, steps, table, time_series)

SIGNED = steps("red", (0, "green"))
SHARE = steps("green", (0.8, "orange"), (1, "red"))


def of_value(measure):
    return f"""
        SELECT $__timeGroup(time, $__interval) AS time, portfolio AS metric,
               (array_agg({measure} ORDER BY time DESC))[1] AS value
          FROM reporting.portfolio_value
         WHERE {MINE} AND {WITHIN}
         GROUP BY 1, 2 ORDER BY 1, 2"""


BOARD = board("portfolio", "Portfolio and risk", "Value, profit, exposure, limits.", [OWNER, PORTFOLIOS], [
    ("Value", [
        time_series("Equity", of_value("equity"),
                    "Cash, margin and positions, each portfolio in its own currency.", unit="locale"),
        time_series("Return", of_value("return_index"),
                    "Index of the time-weighted return, 1 when the portfolio was opened.", decimals=3),
        time_series("Positions beside equity", of_value("positions_value / nullif(equity, 0)"),
                    "Market value of positions, short ones negative, as a share of the equity; the rest is cash.",
                    unit="percentunit"),
        time_series("Drawdown", f"""
            SELECT $__timeGroup(time, $__interval) AS time, portfolio AS metric, min(drawdown) AS value
              FROM reporting.portfolio_value
             WHERE {MINE} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "How far the return is below its highest value so far.", unit="percentunit"),
    ]),
    ("Profit", [
        time_series("Profit by day", f"""
            SELECT $__timeGroup(time, $__interval) AS time, portfolio AS metric, sum(profit) AS value
              FROM reporting.profit_by_day
             WHERE {MINE} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "Realised or not, deposits and withdrawals taken out; over long spans several days together.",
                    unit="locale", bars=True),
        table("Worst days", f"""
            SELECT day, portfolio, profit, return, equity
              FROM reporting.profit_by_day
             WHERE {MINE} AND {WITHIN} AND profit < 0
             ORDER BY return LIMIT 15""",
              "Days of the span with the deepest loss of return.",
              units={"profit": "locale", "return": "percentunit", "equity": "locale"}),
        bars("Profit by symbol", f"""
            SELECT symbol, sum(profit) AS profit
              FROM reporting.profit_by_symbol
             WHERE {MINE} AND {WITHIN}
             GROUP BY symbol ORDER BY profit DESC LIMIT 30""",
             "What was realised in the span, after fees: fills, settlements, splits and dividends.", unit="locale",
             thresholds=SIGNED),
        table("Profit by cause", f"""
            SELECT portfolio, symbol, cause, count(*) AS bookings, sum(fees) AS fees, sum(profit) AS profit
              FROM reporting.profit_by_symbol
             WHERE {MINE} AND {WITHIN}
             GROUP BY portfolio, symbol, cause ORDER BY profit DESC LIMIT 200""",
              "The same by portfolio and by what was booked.", units={"fees": "locale", "profit": "locale"},
              overrides=[coloured("profit", SIGNED)]),
    ]),
    ("Exposure", [
        table("Exposure by instrument", f"""
            SELECT portfolio, symbol, sector, exposure, share, unrealised_profit AS unrealised
              FROM reporting.exposure
             WHERE {MINE}
             ORDER BY abs(exposure) DESC LIMIT 200""",
              "What is held at the latest prices, of a future its whole value; share: of the equity.",
              units={"exposure": "locale", "share": "percentunit", "unrealised": "locale"},
              overrides=[link("symbol", "Trading", "bourse-trading",
                              "var-symbol=${__data.fields.symbol}&var-portfolio=${__data.fields.portfolio}")], width=10),
        bars("Exposure by sector", f"""
            SELECT portfolio || ' ' || coalesce(sector, '(no sector)') AS sector, sum(share) AS share
              FROM reporting.exposure
             WHERE {MINE}
             GROUP BY 1 ORDER BY 1""",
             "Share of the equity, short less long; instruments without a sector together.", unit="percentunit",
             width=7, no_value="nothing is held"),
        table("Correlation", f"""
            SELECT portfolio, symbol, other, correlation
              FROM reporting.correlation
             WHERE {MINE} AND symbol < other
             ORDER BY correlation DESC LIMIT 200""",
              "How alike the instruments move that are held: of daily returns, at most 60 days.",
              overrides=[coloured("correlation", steps("green", (0.5, "orange"), (0.8, "red")), decimals=2)],
              width=7, no_value="fewer than two instruments with enough days are held"),
    ]),
    ("Limits", [
        table("Limits", f"""
            SELECT portfolio, "limit", used, bound, share
              FROM reporting.limit_use
             WHERE {MINE}
             ORDER BY share DESC NULLS FIRST LIMIT 200""",
              "Limits that measure the portfolio, those that are used most first.",
              units={"used": "locale", "bound": "locale"}, overrides=[coloured("share", SHARE, unit="percentunit")],
              no_value="no limits"),
        table("In force", """
            SELECT since AS time, what, scope, name, until, reason FROM risk.in_force ORDER BY since DESC""",
              "Trading states and locks that nobody has ended.", no_value="nothing is halted or locked"),
        time_series("Breaches", f"""
            SELECT $__timeGroup(time, $__interval) AS time, code AS metric, count(*) AS value
              FROM reporting.breaches
             WHERE {MINE} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "Rules that orders broke, by code.", bars=True, stack=True, no_value="no rule was broken"),
        table("Latest breaches", f"""
            SELECT time, portfolio, symbol, code, metric, figure, bound, action, reason
              FROM reporting.breaches
             WHERE {MINE} AND {WITHIN}
             ORDER BY time DESC LIMIT 100""",
              "What the orders would have come to, and the bound then.", no_value="no rule was broken"),
    ]),
])
