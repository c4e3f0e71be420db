"""One instrument, and what is done with it."""

from panels import (MINE, OWNER, PORTFOLIOS, WITHIN, board, candles, chosen, coloured, column, link, listed, stat,
                    steps, table, time_series)

SYMBOL = chosen("symbol", "Symbol", "SELECT symbol FROM reporting.candle_freshness ORDER BY 1",
                description="Instruments that have a price.")
RESOLUTION = listed("resolution", "Candles", ["1 minute", "5 minutes", "15 minutes", "1 hour", "1 week", "1 day"],
                    description="Length of a candle.")
THIS = "symbol = ${symbol:sqlstring}"
SIGNED = steps("red", (0, "green"))

BOARD = board("trading", "Trading", "Candles with fills, positions, orders.", [OWNER, PORTFOLIOS, SYMBOL, RESOLUTION], [
    ("Market", [
        candles("Candles and fills", f"""
            WITH candles AS MATERIALIZED (
              SELECT c.*, row_number() OVER (ORDER BY c.bucket) AS place
                FROM market.listings AS i
               CROSS JOIN LATERAL market.candles(i.symbol, ${{resolution:sqlstring}}::interval, $__timeFrom(), $__timeTo())
                       AS c
               WHERE i.symbol = ${{symbol:sqlstring}}),
            fills AS (
              SELECT width_bucket(f.time, (SELECT array_agg(c.bucket ORDER BY c.bucket) FROM candles AS c)) AS place,
                     avg(f.price) FILTER (WHERE f.side = 'buy') AS bought,
                     avg(f.price) FILTER (WHERE f.side = 'sell') AS sold
                FROM reporting.fill_quality AS f
               WHERE {MINE} AND {THIS} AND {WITHIN}
               GROUP BY 1)
            SELECT c.bucket AS time, c.open, c.high, c.low, c.close, c.volume, f.bought, f.sold
              FROM candles AS c LEFT JOIN fills AS f USING (place)
             ORDER BY c.bucket""",
                "As traded, not adjusted for splits; a mark at the average price of the candle's fills.",
                marks={"bought": "blue", "sold": "orange"}),
        stat("Latest price", f"""
            SELECT last, bid, ask FROM market.latest_quotes WHERE {THIS}""",
             "Last trade, bid and offer; feeds of trades alone have no bid and offer.", width=8, no_value="none"),
        stat("Age", f"""
            SELECT age_seconds AS age FROM reporting.candle_freshness WHERE {THIS}""",
             "Time since the latest price, by the clock.", unit="s", width=4),
        time_series("Ticks", f"""
            SELECT $__timeGroup(time, $__interval) AS time, avg(value) AS "ticks per second"
              FROM reporting.tick_rate
             WHERE {THIS} AND {WITHIN}
             GROUP BY 1 ORDER BY 1""",
                    "Ticks of a second, over the minutes that had some; bars that were imported have none.", bars=True,
                    unit="suffix: /s", height=4, no_value="no ticks in this span"),
    ]),
    ("Positions and orders", [
        table("Positions", f"""
            SELECT portfolio, symbol, quantity::float8, average_price::float8 AS "average price",
                   last_price::float8 AS "last price", market_value::float8 AS value,
                   unrealised_pnl::float8 AS unrealised, realised_pnl::float8 AS realised, fees::float8, currency
              FROM trading.position_pnl
             WHERE {MINE} AND quantity <> 0
             ORDER BY portfolio, symbol""",
              "What is held in all instruments, in the currency of each.", width=24, height=7,
              units={name: "locale" for name in ("quantity", "value", "unrealised", "realised", "fees")},
              overrides=[link("symbol", "Its candles", "bourse-trading", "var-symbol=${__data.fields.symbol}"),
                         coloured("unrealised", SIGNED), coloured("realised", SIGNED)]),
        table("Open orders", f"""
            SELECT submitted_at AS time, portfolio, symbol, side, type, quantity::float8, filled_quantity::float8 AS filled,
                   limit_price::float8 AS "limit", stop_price::float8 AS stop, time_in_force AS "in force", status,
                   reserved::float8, agent, order_id AS "order"
              FROM trading.open_orders
             WHERE {MINE}
             ORDER BY submitted_at DESC, portfolio, order_id DESC LIMIT 200""",
              "Orders that may still fill, in all instruments, and the cash that each holds.", width=24, height=7,
              units={"quantity": "locale", "filled": "locale", "reserved": "locale"},
              overrides=[link("symbol", "Its candles", "bourse-trading", "var-symbol=${__data.fields.symbol}")]),
    ]),
    ("What was done with the instrument", [
        table("Fills", f"""
            SELECT time, portfolio, side, quantity, price, fee, signal_price AS "signal's price",
                   slippage_bps AS slippage, strategy, order_id AS "order"
              FROM reporting.fill_quality
             WHERE {MINE} AND {THIS} AND {WITHIN}
             ORDER BY time DESC, fill DESC LIMIT 200""",
              "Executions of the span; slippage is against the price at the signal, in hundredths of a percent.",
              units={"quantity": "locale", "slippage": "suffix: bp"}),
        table("Orders", f"""
            SELECT time, portfolio, order_id AS "order", state, strategy, agent
              FROM reporting.orders_by_state
             WHERE {MINE} AND {THIS} AND {WITHIN}
             ORDER BY time DESC, order_id DESC LIMIT 200""",
              "Orders of the span and where they stand."),
        table("Signals", f"""
            SELECT time, portfolio, strategy, agent, action, reason, price, order_status AS "order is", code
              FROM reporting.signals
             WHERE {MINE} AND {THIS} AND {WITHIN}
             ORDER BY time DESC LIMIT 200""",
              "What agents wanted, and what came of it: code says why no order did."),
        table("Round trips", f"""
            SELECT closed_at AS time, portfolio, direction, quantity::float8, opened_at AS opened,
                   entry_price::float8 AS entry, exit_price::float8 AS exit, net_pnl::float8 AS profit,
                   return::float8, agent
              FROM trading.round_trips
             WHERE {MINE} AND {THIS} AND $__timeFilter(closed_at)
             ORDER BY closed_at DESC LIMIT 200""",
              "What was closed in the span, first in first out, after fees, in the instrument's currency.",
              units={"quantity": "locale", "profit": "locale", "return": "percentunit"},
              overrides=[column("opened", unit="dateTimeAsIso"), coloured("profit", SIGNED)]),
    ]),
])
