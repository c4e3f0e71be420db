"""How fast orders go, what becomes of them, and what fills cost."""

from panels import (MINE, OF_STRATEGIES, OWNER, PORTFOLIOS, STRATEGIES, WITHIN, bars, board, coloured, steps, table,
                    time_series)

MIND = f"{MINE} AND {OF_STRATEGIES} AND {WITHIN}"

BOARD = board("execution", "Execution quality", "Latency, rejects, slippage, fees.", [OWNER, PORTFOLIOS, STRATEGIES], [
    ("Latency", [
        time_series("Latency by step", f"""
            SELECT $__timeGroup(time, $__interval) AS time, step AS metric,
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY milliseconds) AS value
              FROM reporting.order_latency
             WHERE {MINE} AND {WITHIN}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "95 % of the orders were as fast as this, by the clock: from tick to signal, order, acknowledgement "
                    "and fill; order is all until it is acknowledged.", unit="ms", points=True,
                    logarithmic=True),
        table("Latency beside targets", f"""
            SELECT step, count(*) AS orders, percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS median,
                   percentile_cont(0.95) WITHIN GROUP (ORDER BY milliseconds) AS "95 %", max(milliseconds) AS longest,
                   max(target_ms) AS target, count(*) FILTER (WHERE milliseconds > target_ms) AS beyond
              FROM reporting.order_latency LEFT JOIN reporting.latency_targets USING (step)
             WHERE {MINE} AND {WITHIN}
             GROUP BY step ORDER BY step""",
              "beyond: orders that took longer than their target; administrators set targets (ops.latency_targets).",
              units={name: "ms" for name in ("median", "95 %", "longest", "target")},
              overrides=[coloured("beyond", steps("green", (1, "red")))]),
        table("Slowest orders", f"""
            SELECT time, portfolio, order_id AS "order", agent, milliseconds
              FROM reporting.order_latency
             WHERE {MINE} AND {WITHIN} AND step = 'order'
             ORDER BY milliseconds DESC LIMIT 20""",
              "strategy.why(portfolio, order) tells all of one.", width=24, units={"milliseconds": "ms"}),
    ]),
    ("Orders", [
        time_series("Orders by state", f"""
            SELECT $__timeGroup(time, $__interval) AS time, state AS metric, sum(orders) AS value
              FROM reporting.orders_by_state
             WHERE {MIND}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "Orders by when they were submitted, and where they stand now.", bars=True, stack=True),
        bars("Orders by state, all", f"""
            SELECT state, sum(orders) AS orders
              FROM reporting.orders_by_state
             WHERE {MIND}
             GROUP BY state ORDER BY 2 DESC""",
             "Of the whole span."),
        time_series("Rejects by code", f"""
            SELECT $__timeGroup(time, $__interval) AS time, coalesce(code, '(none)') AS metric, sum(orders) AS value
              FROM reporting.rejects_by_code
             WHERE {MIND}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "docs/errors.md says what codes mean.", bars=True, stack=True, no_value="nothing was rejected"),
        table("Latest rejects", f"""
            SELECT time, portfolio, symbol, strategy, agent, code, reason, order_id AS "order"
              FROM reporting.rejects_by_code
             WHERE {MIND}
             ORDER BY time DESC LIMIT 100""",
              "With the figures that the decision went by.", no_value="nothing was rejected"),
    ]),
    ("Fills", [
        time_series("Slippage", f"""
            SELECT $__timeGroup(time, $__interval) AS time, coalesce(strategy, '(people)') AS metric,
                   avg(slippage_bps) AS value
              FROM reporting.fill_quality
             WHERE {MIND} AND slippage_bps IS NOT NULL
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "Mean difference from the price at the signal, in hundredths of a percent: positive is worse.",
                    unit="suffix: bp", points=True),
        bars("Slippage, how often", f"""
            SELECT b.place || ' bp' AS slippage, b.fills
              FROM (SELECT least(greatest(round(slippage_bps / 50)::int * 50, -300), 300) AS place, count(*) AS fills
                      FROM reporting.fill_quality
                     WHERE {MIND} AND slippage_bps IS NOT NULL
                     GROUP BY 1) AS b
             ORDER BY b.place""",
             "Fills by slippage, rounded to 50; the outermost bars hold what is beyond."),
        time_series("Fees", f"""
            SELECT $__timeGroup(time, $__interval) AS time, currency AS metric, sum(fee) AS value
              FROM reporting.fill_quality
             WHERE {MIND}
             GROUP BY 1, 2 ORDER BY 1, 2""",
                    "By the currency of the instruments.", bars=True, stack=True, unit="locale"),
        table("Fills by symbol", f"""
            SELECT symbol, currency, count(*) AS fills, sum(quantity * price) AS traded, sum(fee) AS fees,
                   avg(fee_bps) AS "fee in bp", avg(slippage_bps) AS "slippage in bp",
                   count(*) FILTER (WHERE liquidity = 'maker') AS maker
              FROM reporting.fill_quality
             WHERE {MIND}
             GROUP BY symbol, currency ORDER BY traded DESC LIMIT 200""",
              "maker: fills of orders that rested.", units={"traded": "locale", "fees": "locale"}),
        table("Fills that contradict their order", f"""
            SELECT at AS time, portfolio, symbol, side, quantity::float8, price::float8, code, reason,
                   order_status AS "order is", is_taken_back AS "taken back"
              FROM trading.contradictory_fills
             WHERE {MINE} AND $__timeFilter(at)
             ORDER BY at DESC LIMIT 100""",
              "Fills that a broker reported and that were booked all the same: compare them with the broker.", width=24,
              no_value="none contradicts its order"),
    ]),
])
