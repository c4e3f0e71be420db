"""The cross of two averages with vectorbt: reads the bars of the server of PGHOST, ..., runs, computes equity and statistics.

Prints the seconds of three runs behind a first one, in which it compiles itself."""

import io
import time

import pandas
import psycopg2
import vectorbt

connection = psycopg2.connect("")


def run():
    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY (SELECT open, high, low, close, volume FROM market.bars WHERE resolution = '1 minute' ORDER BY ts) TO STDOUT CSV",
            text)
    text.seek(0)
    # Without times: with an index of times vectorbt takes minutes, to see that they are a minute apart.
    bars = pandas.read_csv(text, names=["open", "high", "low", "close", "volume"])
    fast = vectorbt.MA.run(bars.close, 20, ewm=True).ma
    slow = vectorbt.MA.run(bars.close, 50, ewm=True).ma
    # What is seen at a close is done at the next open.
    portfolio = vectorbt.Portfolio.from_signals(
        bars.close, (fast > slow).shift(1, fill_value=False), (fast < slow).shift(1, fill_value=False),
        price=bars.open, size=100, fees=0.001, init_cash=1_000_000, freq="1min")
    return portfolio.value(), portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown(), portfolio.trades.records


for number in range(4):
    begin = time.perf_counter()
    run()
    if number > 0:
        print(time.perf_counter() - begin)
