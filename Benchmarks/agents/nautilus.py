"""The peer of replay_agents: NautilusTrader's backtest of ticks in memory, one agent per symbol on one-minute bars.

Usage: nautilus.py TICKS FAST SLOW QUANTITY
TICKS is a file of rows symbol,microseconds,price,size in order of time. An agent buys QUANTITY when the exponential average of
FAST closes crosses that of SLOW from below, and sells it when it crosses back. Prints a line of the seconds that the engine ran,
its processor time, and the numbers of ticks, orders and fills; what comes before, reading and making ticks, is not in it.
Needs nautilus_trader (tried with 1.221.0).
"""

import sys
import time
from decimal import Decimal

from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.data.config import DataEngineConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarType, TradeTick
from nautilus_trader.model.enums import AccountType, AggressorSide, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TradeId, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

PRICE_PRECISION = 4


class Average:
    """An exponential average that begins with the mean of its first values, as TA-Lib's does."""

    def __init__(self, period):
        self.period = period
        self.count = 0
        self.sum = 0.0
        self.value = None

    def update(self, close):
        if self.value is None:
            self.count += 1
            self.sum += close
            if self.count == self.period:
                self.value = self.sum / self.period
        else:
            self.value += (close - self.value) * 2 / (self.period + 1)


class CrossConfig(StrategyConfig, frozen=True):
    instrument_id: InstrumentId
    fast: int
    slow: int
    quantity: int


class Cross(Strategy):
    def __init__(self, config):
        super().__init__(config)
        self.fast = Average(config.fast)
        self.slow = Average(config.slow)
        self.difference = None
        self.is_in = False
        self.fills = 0

    def on_start(self):
        self.subscribe_bars(BarType.from_str(f"{self.config.instrument_id}-1-MINUTE-LAST-INTERNAL"))

    def on_bar(self, bar):
        close = bar.close.as_double()
        self.fast.update(close)
        self.slow.update(close)
        if self.slow.value is None:
            return
        before, self.difference = self.difference, self.fast.value - self.slow.value
        if before is None:
            return
        if not self.is_in and before <= 0 < self.difference:
            self.order(OrderSide.BUY)
        elif self.is_in and before >= 0 > self.difference:
            self.order(OrderSide.SELL)

    def order(self, side):
        self.is_in = side == OrderSide.BUY
        self.submit_order(
            self.order_factory.market(self.config.instrument_id, side, Quantity.from_int(self.config.quantity))
        )

    def on_order_filled(self, event):
        self.fills += 1


def read(path, venue):
    instruments = {}
    ticks = []
    scale = 10**PRICE_PRECISION
    with open(path) as file:
        for number, line in enumerate(file):
            symbol, microseconds, price, size = line.split(",")
            instrument = instruments.get(symbol)
            if instrument is None:
                instrument = instruments[symbol] = Equity(
                    instrument_id=InstrumentId(Symbol(symbol), venue),
                    raw_symbol=Symbol(symbol),
                    currency=USD,
                    price_precision=PRICE_PRECISION,
                    price_increment=Price(Decimal(1) / scale, PRICE_PRECISION),
                    lot_size=Quantity.from_int(1),
                    ts_event=0,
                    ts_init=0,
                )
            at = int(microseconds) * 1000
            ticks.append(
                TradeTick(
                    instrument.id,
                    Price(float(price), PRICE_PRECISION),
                    Quantity(float(size), 0),
                    AggressorSide.NO_AGGRESSOR,
                    TradeId(str(number)),
                    at,
                    at,
                )
            )
    return list(instruments.values()), ticks


def main(path, fast, slow, quantity):
    venue = Venue("SIM")
    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            # A minute without a trade has no candle, and a trade at the full minute belongs to the one that begins.
            data_engine=DataEngineConfig(
                time_bars_build_with_no_updates=False, time_bars_interval_type="right-open"
            ),
            run_analysis=False,
        )
    )
    engine.add_venue(
        venue,
        OmsType.NETTING,
        AccountType.MARGIN,
        [Money(1_000_000, USD)],
        base_currency=USD,
        bar_execution=False,
        trade_execution=True,
    )
    instruments, ticks = read(path, venue)
    for instrument in instruments:
        engine.add_instrument(instrument)
    engine.add_data(ticks)
    agents = [
        Cross(
            CrossConfig(
                strategy_id=f"Cross-{place:03}",
                order_id_tag=f"{place:03}",
                instrument_id=instrument.id,
                fast=fast,
                slow=slow,
                quantity=quantity,
            )
        )
        for place, instrument in enumerate(instruments)
    ]
    engine.add_strategies(agents)
    start = (time.perf_counter(), time.process_time())
    engine.run()
    end = (time.perf_counter(), time.process_time())
    orders = len(engine.cache.orders())
    print(f"{end[0] - start[0]:.6f} {end[1] - start[1]:.6f} {len(ticks)} {orders} {sum(a.fills for a in agents)}")
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
