"""The cross of two averages with vectorbt, for 25 times 40 pairs: reads the bars of the server of PGHOST, ..., runs, computes statistics.

Prints the seconds of its first run, in which it compiles itself, and of the second one."""

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
    slow = vectorbt.MA.run(bars.close, list(range(60, 260, 5)), ewm=True).ma
    best = None
    # All at once are 1,000 columns, which do not fit into memory.
    for window in range(5, 55, 2):
        fast = vectorbt.MA.run(bars.close, [window] * 40, ewm=True, hide_default=False).ma.to_numpy()
        above = pandas.DataFrame(fast > slow.to_numpy(), columns=slow.columns)
        # What is seen at a close is done at the next open.
        portfolio = vectorbt.Portfolio.from_signals(
            bars.close, above.shift(1, fill_value=False), (~above).shift(1, fill_value=False), price=bars.open, size=100,
            fees=0.0001, init_cash=1_000_000, freq="1min")
        figures = (portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown(), portfolio.trades.win_rate())
        best = max(best, figures[0].max()) if best is not None else figures[0].max()
    return best


for number in range(2):
    begin = time.perf_counter()
    run()
    print(time.perf_counter() - begin, flush=True)
