"""What agents want, what comes of it, and how they do."""

from panels import (MINE, OF_STRATEGIES, OWNER, PORTFOLIOS, STRATEGIES, WITHIN, bars, board, coloured, link, steps,
                    table, time_series)

SIGNED = steps("red", (0, "green"))

BOARD = board("strategies", "Strategies and agents", "Profit, signals, trades.", [OWNER, PORTFOLIOS, STRATEGIES], [
    ("Agents", [
        table("Agents", f"""
            SELECT portfolio, strategy, agent, status, error, trades, active_positions AS holds,
                   win_rate::float8 AS won, profit_today::float8 AS today, realised_profit::float8 AS realised,
                   unrealised_profit::float8 AS unrealised, profit_total::float8 AS total, sharpe::float8,
                   max_drawdown::float8 AS drawdown
              FROM strategy.agent_performance
             WHERE {MINE} AND {OF_STRATEGIES}
             ORDER BY portfolio, strategy, agent LIMIT 500""",
              "By their own fills, in the portfolio's currency.", width=24, height=10,
              units={"won": "percentunit", "drawdown": "percentunit"} | {
                  name: "locale" for name in ("today", "realised", "unrealised", "total")},
              overrides=[coloured("total", SIGNED)], no_value="no agents"),
        table("What agents hold", f"""
            SELECT portfolio, agent, symbol, direction, quantity::float8, average_price::float8 AS "average price",
                   last_price::float8 AS "last price", unrealised_pnl::float8 AS unrealised, opened_at AS opened
              FROM strategy.agent_positions
             WHERE {MINE}
             ORDER BY portfolio, agent, symbol LIMIT 500""",
              "What they own of the positions of their portfolios.", units={"quantity": "locale", "unrealised": "locale"},
              overrides=[link("symbol", "Trading", "bourse-trading",
                              "var-symbol=${__data.fields.symbol}&var-portfolio=${__data.fields.portfolio}")],
              no_value="agents hold nothing"),
        table("Strategies that wait for a check", """
            SELECT strategy, type, version, timeframe FROM strategy.unchecked_versions ORDER BY strategy, version""",
              "Their agents cannot start before a runner, or bourse strategy check, has parsed the rules.",
              no_value="all are checked"),
    ]),
    ("Profit", [
        time_series("Profit by strategy", f"""
            SELECT d.time, d.strategy AS metric, sum(d.profit) OVER (PARTITION BY d.strategy ORDER BY d.time) AS value
              FROM (SELECT $__timeGroup(time, $__interval) AS time, strategy, sum(profit) AS profit
                      FROM reporting.profit_by_strategy
                     WHERE {MINE} AND {OF_STRATEGIES} AND {WITHIN}
                     GROUP BY 1, 2) AS d
             ORDER BY 1, 2""",
                    "Realised profit after fees since the beginning of the span.", unit="locale"),
        bars("Profit by agent", f"""
            SELECT portfolio || ' ' || agent AS agent, sum(profit) AS profit
              FROM reporting.profit_by_agent
             WHERE {MINE} AND {OF_STRATEGIES} AND {WITHIN}
             GROUP BY 1 ORDER BY profit DESC LIMIT 40""",
             "Realised profit after fees of the span.", unit="locale", thresholds=SIGNED),
        table("Latest trades", f"""
            SELECT closed_at AS time, portfolio, agent, symbol, direction, quantity::float8, opened_at AS opened,
                   net_pnl::float8 AS profit
              FROM strategy.agent_trades
             WHERE {MINE} AND $__timeFilter(closed_at)
             ORDER BY closed_at DESC LIMIT 100""",
              "From flat to flat, after fees, in the portfolio's currency.", width=24,
              units={"quantity": "locale", "profit": "locale"}, overrides=[coloured("profit", SIGNED)]),
    ]),
    ("Signals", [
        time_series("Signals", f"""
            SELECT $__timeGroup(time, $__interval) AS time, strategy AS metric, sum(signals) AS value
              FROM reporting.signals
             WHERE {MINE} AND {OF_STRATEGIES} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "What agents wanted, by strategy.", bars=True, stack=True),
        bars("What became of signals", f"""
            SELECT coalesce(order_status, code, 'no order') AS outcome, sum(signals) AS signals
              FROM reporting.signals
             WHERE {MINE} AND {OF_STRATEGIES} AND {WITHIN}
             GROUP BY 1 ORDER BY 2 DESC""",
             "Where the order stands that came of each, or the code that kept one from coming.", width=6),
        bars("Why positions were left", f"""
            SELECT reason, sum(signals) AS signals
              FROM reporting.signals
             WHERE {MINE} AND {OF_STRATEGIES} AND {WITHIN} AND reason IS NOT NULL
             GROUP BY reason ORDER BY 2 DESC""",
             "By rule, stop, target, time and so on.", width=6),
        table("Latest signals", f"""
            SELECT time, portfolio, strategy, agent, symbol, action, reason, price, order_status AS "order is", code,
                   order_id AS "order"
              FROM reporting.signals
             WHERE {MINE} AND {OF_STRATEGIES} AND {WITHIN}
             ORDER BY time DESC LIMIT 100""",
              "strategy.why(portfolio, order) tells what the rules compared.", width=24),
    ]),
])
