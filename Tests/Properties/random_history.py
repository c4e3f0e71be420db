#!/usr/bin/env python3
"""Random histories against the plain model in model.py: after every step money by currency, net deposits, the index of the return and its peak, margin, reservations, orders, positions, lots,
profit and fees are equal to the last digit, and ops.check_invariants() is empty (after each risky step, every tenth and the last). In the
end ops.verify_audit() is empty, before and after everything is sealed.

Needs psql and a migrated database, named by PGHOST, PGPORT, PGUSER and PGDATABASE. BOURSE_PROPERTY_SEED is the first seed (1),
BOURSE_PROPERTY_SEEDS how many (10), BOURSE_PROPERTY_STEPS the steps of each (120); a database of its own for each hundred keeps long runs quick. A
failure prints the seed and the history: the same seed and steps fail again.
"""
import copy
import json
import os
import random
import subprocess
import sys
import time
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from books import check_statement, check_tampering
from model import Fees, FeeLine, Instrument, Order, Plan, Portfolio, Refused, STEP, WITH_LIMIT, WITH_STOP, ZERO, last_closed, last_trading, rounded, session_close

NEW_YORK = ZoneInfo("America/New_York")
SPLITS = [(2, 1), (3, 2), (1, 10), (7, 3), (1, 3)]
D = Decimal
SCHEDULES = [
    Fees("free"),
    Fees("property_shares", (FeeLine("brokerage", per_share=D("0.005"), minimum=D(1)),)),
    Fees("property_percent", (FeeLine("brokerage", percent=D("0.035"), per_order=D("0.25"), maximum=D("12.34")),)),
    Fees("property_maker", (FeeLine("brokerage", percent=D("0.1"), maker_percent=D("0.02")),)),
    Fees("property_states", (
        FeeLine("brokerage", per_share=D("0.005"), minimum=D(1), maximum_percent=D(1)),
        FeeLine("sec_fee", "sell", percent=D("0.0008")), FeeLine("taf", "sell", per_share=D("0.000166"), maximum=D("8.3")))),
    Fees("property_india", (
        FeeLine("brokerage", product="intraday", percent=D("0.03"), maximum=D(20), decimals=2),
        FeeLine("stt", "buy", "delivery", percent=D("0.1"), decimals=0), FeeLine("stt", "sell", "delivery", percent=D("0.1"), decimals=0),
        FeeLine("stt", "sell", "intraday", percent=D("0.025"), decimals=0), FeeLine("exchange", percent=D("0.00297"), decimals=2),
        FeeLine("sebi", percent=D("0.0001"), decimals=2), FeeLine("gst", percent=D(18), decimals=2, percent_of=("brokerage", "exchange", "sebi")),
        FeeLine("stamp_duty", "buy", "delivery", percent=D("0.015"), decimals=2), FeeLine("stamp_duty", "buy", "intraday", percent=D("0.003"), decimals=2))),
    # Rates that change while orders are open: dearer, cheaper, and made of other parts.
    Fees("property_dated", (
        FeeLine("brokerage", percent=D("0.03"), maximum=D(20), decimals=2), FeeLine("stt", "sell", percent=D("0.0125"), decimals=0)), (
        (date(2024, 3, 8), (FeeLine("brokerage", percent=D("0.05"), minimum=D(2), maximum=D(20), decimals=2), FeeLine("stt", "sell", percent=D("0.02"), decimals=0),
                            FeeLine("gst", percent=D(18), decimals=2, percent_of=("brokerage",)))),
        (date(2024, 3, 13), (FeeLine("brokerage", per_share=D("0.01"), maker_percent=D("0.01"), percent=D("0.02"), decimals=2), FeeLine("stt", percent=D("0.05"), decimals=0))))),
    Fees("property_contracts", (FeeLine("brokerage", per_share=D("0.65"), minimum=D(1)), FeeLine("taf", "sell", per_share=D("0.00244"))), (
        (date(2024, 3, 7), (FeeLine("brokerage", per_share=D("0.55")), FeeLine("taf", "sell", per_share=D("0.00279")))),
        (date(2024, 3, 11), (FeeLine("brokerage", per_order=D(5)), FeeLine("other", percent=D("0.001")))))),
]
BY_NAME = {fees.name: fees for fees in SCHEDULES}
PLANS = [*(Plan(fees.name, ((None, fees),)) for fees in SCHEDULES)] + [
    Plan("property_all", (("equity", BY_NAME["property_dated"]), ("future", BY_NAME["property_percent"]), ("option", BY_NAME["property_contracts"]))),
    Plan("property_rest", (("equity", BY_NAME["property_states"]), (None, BY_NAME["property_contracts"]))),
    Plan("property_some", (("equity", BY_NAME["property_dated"]), ("future", BY_NAME["property_dated"])))]  # options cannot be traded


class Psql:
    """One psql process: statements go in, rows or a SQLSTATE come out."""

    def __init__(self):
        self.process = subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, statement):
        self.process.stdin.write(statement + "\n;\n\\echo\n\\echo == :ERROR :SQLSTATE\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith("== "):
                _, failed, code = line.split()
                return (code if failed == "true" else None), "".join(lines).strip()
            lines.append(line)
        raise SystemExit("psql ended: is the database there?")

    def must(self, statement):
        code, text = self.run(statement)
        if code:
            raise AssertionError(f"{code}: {statement}")
        return text


def sql(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"timestamptz '{value.astimezone(timezone.utc).isoformat()}'"
    return f"'{value}'" if isinstance(value, str) else str(value)


class History:
    def __init__(self, psql, seed):
        self.psql, self.random, self.seed = psql, random.Random(seed), seed
        self.now = datetime(2024, 3, 6, 14, 30, tzinfo=timezone.utc)  # the clocks change on the way
        self.count, self.was_taken = 0, None
        self.log = []
        fees = self.random.choice(PLANS)
        self.name = f"p{seed}-{os.getpid()}"
        self.foreign = f"F{seed % 10000}P{os.getpid() % 1000}"  # a currency of its own: exchange rates are everybody's
        kind = self.random.random()
        broker = "paper" if kind < 0.5 else f"{'paper' if kind < 0.6 else 'desk'}-{self.name}"
        self.broker = broker
        self.model = Portfolio(fees, NEW_YORK, is_margin=self.random.random() < 0.7, accepted="accepted" if broker.startswith("paper") else "pending_submit")
        self.model.rates = {"USD": D(1), self.foreign: D("1.0837")}
        self.instruments = [
            Instrument(f"A{self.name}", D("0.01"), D(1), D(1), 100.0),
            Instrument(f"B{self.name}", D("0.05"), D("0.001"), D(1), 40.0, initial=D("1.5"), shortable=self.random.random() < 0.7),
            Instrument(f"F{self.name}", D("0.25"), D(1), D(50), 10.0, kind="future", initial=D("0.12345678")),
            Instrument(f"O{self.name}", D("0.05"), D(1), D(100), 3.0, kind="option", initial=D("0.2"), strike=D(100)),
            Instrument(f"X{self.name}", D("0.01"), D("0.1"), D(1), 25.0, currency=self.foreign)]
        # Some contracts end on the way, a few of them on a day without a session; what they are on then decides.
        for i in self.instruments[2:4]:
            i.underlying = self.instruments[0]
            i.expires = date(2024, 3, self.random.randint(8, 17)) if self.random.random() < 0.6 else date(2030, 1, 18)
        for i in self.instruments:
            terms = f", strike => {i.strike}, option_right => 'call'" if i.kind == "option" else ""
            terms += f", underlying => '{i.underlying.symbol}', expires_on => '{i.expires}'" if i.underlying else ""
            i.number = int(psql.must(f"SELECT instrument_id FROM market.add_instrument(symbol => '{i.symbol}', tick_size => {i.tick}, lot_size => {i.lot}, multiplier => {i.multiplier}, "
                                     f"kind => '{i.kind}', currency => '{i.currency}', initial_margin => {i.initial}, maintenance_margin => 0.1, is_shortable => {sql(i.shortable)}{terms})"))
            self.quote(i, i.last)
        psql.must(f"SELECT ledger.set_exchange_rate('{self.foreign}', 'USD', {self.model.rates[self.foreign]}, {sql(self.now)})")
        psql.must(f"SELECT trading.create_portfolio(name => '{self.name}', fee_schedule => '{fees.name}', broker => '{broker}', "
                  f"account_type => '{'margin' if self.model.is_margin else 'cash'}', at => {sql(self.now)})")
        self.model.cash["USD"] = ZERO

    def key(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def quote(self, instrument, last):
        self.psql.must(f"SELECT market.upsert_quotes(ARRAY[market.instrument_id('{instrument.symbol}')], ARRAY[{sql(self.now)}], ARRAY[{last!r}::float8], ARRAY[NULL::float8])")
        instrument.last, instrument.quoted = last, self.now

    @property
    def tradable(self):
        """What has not ended, in the order of the instruments."""
        return [i for i in self.instruments if i.expires is None or last_trading(i.expires) > last_closed(self.now, NEW_YORK)]

    # Each step gives a statement and the same for the model; the model may raise Refused.
    def move(self):
        kind, currency = self.random.choice(["deposit", "deposit", "deposit", "withdraw"]), self.random.choice(["USD", "USD", self.foreign])
        amount = rounded(D(self.random.choice([self.random.randint(1, 40000), self.random.randint(1, 40000), self.random.uniform(0.00000001, 5000)])) + STEP)
        if kind == "withdraw" and self.random.random() < 0.3 and self.model.available(currency) > 0:
            amount = self.model.available(currency) + self.random.choice([ZERO, STEP])  # the last digit decides
        reference = self.random.choice([None, self.key("ref"), self.random.choice([*self.model.references, None])])
        return (f"SELECT ledger.{kind}('{self.name}', {amount}, currency => '{currency}', at => {sql(self.now)}, reference => {sql(reference)})",
                lambda: self.model.move(kind, amount, currency, reference))

    def snapshot(self):
        return f"SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('{self.name}')], {sql(self.now)})", lambda: self.model.snapshot()

    def turn(self):
        """The rate moves, and the portfolio is valued at it."""
        rate = rounded(self.model.rates[self.foreign] * D(self.random.uniform(0.8, 1.25)))
        return (f"DO $$ BEGIN PERFORM ledger.set_exchange_rate('{self.foreign}', 'USD', {rate}, {sql(self.now)}); PERFORM trading.update_portfolio_value('{self.name}', {sql(self.now)}); END $$",
                lambda: self.model.rates.update({self.foreign: rate}))

    def fund(self):
        currency, amount = ["USD", self.foreign][len(self.log)], D(self.random.choice([500, 20000, 20000, 300000]))
        return f"SELECT ledger.deposit('{self.name}', {amount}, currency => '{currency}', at => {sql(self.now)})", lambda: self.model.move("deposit", amount, currency, None)

    def convert(self):
        source, target = self.random.choice([("USD", self.foreign), (self.foreign, "USD")])
        amount = rounded(D(self.random.uniform(0.01, 1.1)) * max(self.model.available(source), D(1))) + STEP
        rate = self.random.choice([D("1.0837"), D("0.92276460"), D("0.00012345678901234567"), D("83.1")])
        return (f"SELECT ledger.convert('{self.name}', {amount}, '{source}', '{target}', {rate}, {sql(self.now)})",
                lambda: self.model.convert(amount, source, target, rate))

    def near(self, i, spread=0.2):
        return max(i.tick, i.tick * round(D(i.last * self.random.uniform(1 - spread, 1 + spread)) / i.tick))

    def some_quantity(self, i, most=60):
        return i.lot * self.random.randint(1, int(most / (i.lot * (20 if i.kind != "equity" else 1))) or 1)

    def new_order(self, prefix="o"):
        i, side = self.random.choice(self.tradable), self.random.choice(["buy", "buy", "sell"])
        held = self.model.position(i).quantity
        type_ = self.random.choice(["market", "limit", "limit", "stop", "stop_limit", "limit_if_touched", "trailing_stop"])
        limit, stop = (self.near(i) if type_ in WITH_LIMIT else None), (self.near(i) if type_ in WITH_STOP else None)
        quantity = self.some_quantity(i)
        if held and self.random.random() < 0.5:
            side = "sell" if held > 0 else "buy"
            quantity = self.random.choice([abs(held), abs(held) - abs(held) % i.lot, abs(held) - abs(held) % i.lot + i.lot]) or quantity
        tif = self.random.choice(["gtc", "gtc", "gtc", "day", "gtd"])
        order = Order("", i, side, type_, quantity, limit, stop, tif, product=self.random.choice(["delivery", "delivery", "intraday"]))
        order.expires = self.now + timedelta(minutes=self.random.randint(1, 4000)) if tif == "gtd" else session_close(self.now, NEW_YORK) if tif == "day" else None
        if type_ == "trailing_stop":
            if self.random.random() < 0.5:
                order.trail_amount = i.tick * self.random.randint(1, 40)
            else:
                order.trail_percent = D(self.random.randint(1, 900)) / 100
            order.stop = self.random.choice([None, self.near(i)])
        order.reduce_only = self.random.random() < (0.4 if held else 0.05)
        order.key = self.key(prefix) if self.random.random() < 0.95 or not self.model.orders else self.random.choice(list(self.model.orders))
        return order

    def submission(self, o):
        links = ""
        if o.parent is not None:
            links += f", parent_order_id => {self.model.orders[o.parent].number}"
        if o.group is not None:
            links += f", oco_group_id => {0 if o.group == o.key else self.model.orders[o.group].number}, oco_leg => {o.leg}"
        return (f"SELECT trading.submit_order('{self.name}', '{o.instrument.symbol}', '{o.side}', {o.quantity}, '{o.type}', {sql(o.limit)}, {sql(o.stop)}, '{o.tif}', "
                f"{sql(o.expires if o.tif == 'gtd' else None)}, '{o.product}', client_order_id => '{o.key}', at => {sql(self.now)}, trail_amount => {sql(o.trail_amount)}, "
                f"trail_percent => {sql(o.trail_percent)}, reduce_only => {sql(o.reduce_only)}{links})")

    def submit(self):
        order = self.new_order()
        parents = [o for o in self.model.open_orders() if o.parent is None]
        if order.key not in self.model.orders and parents and self.random.random() < 0.15:
            order.parent = self.random.choice(parents).key
        return self.submission(order), lambda: self.model.submit(order)

    def submits(self):
        """A batch: each order is judged after the one before it."""
        orders = [o for o in (self.new_order() for _ in range(self.random.randint(1, 4))) if o.type != "trailing_stop" and o.key not in self.model.orders and not o.quantity % o.instrument.lot]
        if not orders:
            return self.submit()
        for o in orders:
            o.reduce_only, o.product = False, "delivery"
        array = lambda values, kind: f"ARRAY[{', '.join(sql(v) for v in values)}]::{kind}[]"
        return (f"SELECT trading.submit_orders(array_fill(trading.portfolio_id('{self.name}'), ARRAY[{len(orders)}]), {array([o.key for o in orders], 'text')}, "
                f"{array([o.instrument.number for o in orders], 'int')}, {array([None] * len(orders), 'int')}, {array([o.side for o in orders], 'text')}, "
                f"{array([o.type for o in orders], 'text')}, {array([o.tif for o in orders], 'text')}, {array([o.quantity for o in orders], 'numeric')}, "
                f"{array([o.limit for o in orders], 'numeric')}, {array([o.stop for o in orders], 'numeric')}, "
                f"{array([o.expires if o.tif == 'gtd' else None for o in orders], 'timestamptz')}, {array([self.now] * len(orders), 'timestamptz')})",
                lambda: [self.model.submit(o) for o in orders])

    def again(self):
        """A known order on the terms of its submission, whatever became of it."""
        if not self.model.orders:
            return self.submit()
        o = self.random.choice(list(self.model.orders.values()))
        _, side, type_, quantity, limit, stop, tif, expires, product, reduce_only = o.terms
        same = Order(o.key, o.instrument, side, type_, quantity, limit, stop, tif, expires, product, o.trail_amount, o.trail_percent, reduce_only)
        return self.submission(same), lambda: None

    def bracket(self):
        i, side, key = self.random.choice(self.tradable), self.random.choice(["buy", "buy", "sell"]), self.key("b")
        quantity = self.some_quantity(i)
        entry = Order(key, i, side, *self.random.choice([("market", quantity), ("limit", quantity, self.near(i))]), product=self.random.choice(["delivery", "intraday"]))
        first = i.lot * self.random.randint(0, int(quantity / i.lot))
        shares = [q for q in (first, quantity - first) if q > 0] if self.random.random() < 0.7 else []
        targets = [(self.near(i), q) for q in shares]
        stop = None
        if not targets or self.random.random() < 0.8:
            stop = Order(f"{key}/stop", i, "sell" if side == "buy" else "buy", "stop", quantity, None, self.near(i), product=entry.product)
            if self.random.random() < 0.3:
                stop.type, stop.stop, stop.trail_amount = "trailing_stop", None, i.tick * self.random.randint(1, 40)
            elif self.random.random() < 0.3:
                stop.type, stop.limit = "stop_limit", self.near(i)
        array = lambda values: f"ARRAY[{', '.join(str(v) for v in values)}]::numeric[]" if values else "NULL"
        return (f"SELECT trading.submit_bracket('{self.name}', '{i.symbol}', '{side}', {quantity}, '{entry.type}', {sql(entry.limit)}, take_profits => {array([p for p, _ in targets])}, "
                f"take_profit_quantities => {array([q for _, q in targets])}, stop_loss => {sql(stop and stop.stop)}, stop_loss_limit => {sql(stop and stop.limit)}, "
                f"trail_amount => {sql(stop and stop.trail_amount)}, time_in_force => 'gtc', product => '{entry.product}', client_order_id => '{key}', at => {sql(self.now)})",
                lambda: self.model.bracket(entry, targets, stop))

    def pair(self):
        order, key = self.new_order(), self.key("p")
        i = order.instrument
        limit = Order(key, i, order.side, "limit", order.quantity, self.near(i), product=order.product, reduce_only=order.reduce_only)
        stop = Order(f"{key}/stop", i, order.side, "stop", order.quantity, None, self.near(i), product=order.product, reduce_only=order.reduce_only)
        return (f"SELECT trading.submit_oco('{self.name}', '{i.symbol}', '{order.side}', {order.quantity}, {limit.limit}, {stop.stop}, product => '{order.product}', "
                f"reduce_only => {sql(order.reduce_only)}, client_order_id => '{key}', at => {sql(self.now)})", lambda: self.model.pair(limit, stop))

    def target(self):
        i, key = self.random.choice(self.tradable), self.key("t")
        quantity = self.some_quantity(i) * self.random.choice([-1, 0, 1, 1])
        return (f"SELECT trading.order_target('{self.name}', '{i.symbol}', {quantity}, time_in_force => 'gtc', client_order_id => '{key}', at => {sql(self.now)})",
                lambda: self.model.target(i, quantity, key))

    def some_order(self, often_open=0.9):
        candidates = self.model.open_orders() if self.random.random() < often_open else list(self.model.orders.values())
        return self.random.choice(candidates) if candidates else None

    def execution(self, order):
        open_quantity = order.open_quantity or D(1)
        quantity = self.random.choice([open_quantity, open_quantity, rounded(open_quantity * D(self.random.random())), open_quantity - STEP, open_quantity + STEP])
        worse = 3 if self.random.random() < 0.05 else 1
        price = max(STEP, rounded(D(order.instrument.last * self.random.uniform(0.7, 1.4) * worse)))
        return max(quantity, STEP), self.random.choice([price, order.limit or price]), f"{self.key('x')}-{self.name}"

    def fill(self):
        order = self.some_order()
        if order is None:
            return self.submit()
        quantity, price, execution = self.execution(order)
        fee = self.random.choice([None, None, None, rounded(D(self.random.uniform(0, 3)))])
        liquidity = self.random.choice(["taker", "maker"])
        force = self.random.random() < 0.6
        reported = [f for f in self.model.executions.values() if not f.is_bust]
        if reported and self.random.random() < 0.1:  # reported again, sometimes with other figures
            known = self.random.choice(reported)
            order, quantity, price, execution = self.model.orders[known.order], known.quantity + self.random.choice([ZERO, ZERO, STEP]), known.price, known.execution
        elif reported and self.random.random() < 0.05:  # the other side of a match
            execution = self.random.choice(reported).execution

        def model():
            code = self.model.fill(order.key, quantity, price, execution, self.now, fee, liquidity, force)
            if code:
                raise Refused(code)
        return (f"SELECT trading.record_fill('{self.name}', {quantity}, {price}, '{execution}', client_order_id => '{order.key}', fee => {sql(fee)}, at => {sql(self.now)}, "
                f"liquidity => '{liquidity}', force => {sql(force)})", model)

    def fills(self):
        """A batch: what an order cannot take is dropped, the rest is booked."""
        orders = [o for o in (self.some_order() for _ in range(self.random.randint(1, 4))) if o is not None]
        batch = [(o.key, *self.execution(o), self.random.choice(["taker", "maker"])) for o in orders]
        batch += [b for b in batch if self.random.random() < 0.2]
        if not batch:
            return self.submit()
        rows = ", ".join(f"({self.model.orders[k].number}, {q}, {p}, '{x}', '{l}', {n})" for n, (k, q, p, x, l) in enumerate(batch))

        def model():
            for key, quantity, price, execution, liquidity in batch:
                order = self.model.orders[key]
                if self.model.fill(key, quantity, price, execution, self.now, None, liquidity) == "TR401" and order.is_open:
                    self.model.end(order, "cancelled", "TR401")
        return (f"SELECT f.* FROM (SELECT array_agg(trading.portfolio_id('{self.name}') ORDER BY n) AS p, array_agg(o::bigint ORDER BY n) AS o, array_agg(q::numeric ORDER BY n) AS q, "
                f"array_agg(r::numeric ORDER BY n) AS r, array_agg(x ORDER BY n) AS x, array_agg(l ORDER BY n) AS l, array_agg({sql(self.now)} ORDER BY n) AS t "
                f"FROM (VALUES {rows}) AS v (o, q, r, x, l, n)) AS a, LATERAL trading.record_fills(a.p, a.o, a.q, a.r, '{self.broker}', a.x, a.t, a.l) AS f", model)

    def bust(self):
        if not self.model.executions:
            return self.fill()
        known = self.random.choice(list(self.model.executions.values()))
        order = self.random.choice([None, known.order, known.order])
        return (f"SELECT trading.bust_fill('{self.name}', execution_id => '{known.execution}', client_order_id => {sql(order)}, at => {sql(self.now)})",
                lambda: self.model.amend(order, known.execution, at=self.now))

    def correct(self):
        if not self.model.executions:
            return self.fill()
        known, new = self.random.choice(list(self.model.executions.values())), f"{self.key('n')}-{self.name}"
        quantity = max(STEP, self.random.choice([known.quantity, rounded(known.quantity * D(self.random.random()))]))
        price = max(STEP, rounded(known.price * D(self.random.uniform(0.8, 1.2))))
        fee = self.random.choice([None, None, rounded(D(self.random.uniform(0, 3)))])
        order = self.random.choice([None, known.order, known.order])
        return (f"SELECT trading.correct_fill('{self.name}', {quantity}, {price}, '{new}', execution_id => '{known.execution}', fee => {sql(fee)}, at => {sql(self.now)}, "
                f"client_order_id => {sql(order)})", lambda: self.model.amend(order, known.execution, quantity, price, fee, new, self.now))

    def cancel(self):
        order = self.some_order(0.8)
        if order is None:
            return self.move()
        return f"SELECT trading.cancel_order('{self.name}', client_order_id => '{order.key}', at => {sql(self.now)})", lambda: self.model.cancel(order.key)

    def report(self):
        order = self.some_order(0.95)
        if order is None or self.model.accepted == "accepted":
            return self.cancel()
        status = self.random.choice(["cancelled", "cancelled", "expired", "rejected", "working"])
        return (f"SELECT trading.report_order('{self.name}', '{status}', client_order_id => '{order.key}', at => {sql(self.now)})",
                lambda: self.model.report(order.key, status))

    def replace(self):
        order = self.some_order()
        if order is None:
            return self.submit()
        i = order.instrument
        quantity = self.random.choice([None, order.filled + i.lot * self.random.randint(0, 50), i.lot * self.random.randint(1, 50)])
        limit = self.random.choice([None, i.tick * self.random.randint(1, int(D(i.last) * 2 / i.tick) + 1)])
        key = self.random.choice([self.key("r"), self.key("r"), self.random.choice(list(self.model.orders))])
        expires = session_close(self.now, NEW_YORK) if order.tif == "day" else order.expires
        if order.tif == "gtd" and order.expires <= self.now:
            return self.expire()
        return (f"SELECT trading.replace_order('{self.name}', client_order_id => '{order.key}', new_client_order_id => '{key}', quantity => {sql(quantity)}, "
                f"limit_price => {sql(limit)}, at => {sql(self.now)})", lambda: self.model.replace(order.key, key, quantity, limit, expires))

    def trail(self):
        orders = [o for o in self.model.open_orders() if o.stop is not None]
        if not orders:
            return self.submit()
        order = self.random.choice(orders)
        ids = f"ARRAY[trading.portfolio_id('{self.name}')], ARRAY[{order.number}]::bigint[]"
        if self.random.random() < 0.3:
            return f"SELECT trading.trigger_orders({ids}, ARRAY[{sql(self.now)}])", lambda: self.model.trigger(order.key)
        stop = self.near(order.instrument)
        return f"SELECT trading.trail_orders({ids}, ARRAY[{stop}]::numeric[], ARRAY[{sql(self.now)}])", lambda: self.model.trail(order.key, stop)

    def expire(self):
        return f"SELECT trading.expire_orders('{self.name}', {sql(self.now)})", lambda: self.model.expire(self.now)

    def close(self):
        i, key = self.random.choice(self.tradable), self.key("c")
        return f"SELECT trading.close_position('{self.name}', '{i.symbol}', '{key}', at => {sql(self.now)})", lambda: self.model.close(i, key)

    def next_day(self):
        self.now = (self.now.astimezone(NEW_YORK) + timedelta(days=1)).replace(hour=4, minute=0)
        return self.now.date()

    def split(self):
        i, (new, old) = self.random.choice([i for i in self.instruments if i.kind == "equity"]), self.random.choice(SPLITS)
        if i.last * old / new > 5000 or i.last * old / new < 1:
            return self.move()
        day = self.next_day()

        def model():
            i.quoted = None  # it is of before the split
            i.last = i.last * (float(old) / float(new))
            self.model.split(i, new, old, rounded(i.price))
        return (f"SELECT trading.apply_split(ARRAY[trading.portfolio_id('{self.name}')], (SELECT a.action_id FROM market.add_split('{i.symbol}', '{day}', {new}, {old}) AS a), {sql(self.now)})", model)

    def dividend(self):
        i, day = self.random.choice([i for i in self.instruments if i.kind == "equity"]), self.next_day()
        amount = rounded(D(self.random.choice([self.random.uniform(0.01, 1), self.random.uniform(1, 60)]))) + STEP
        return (f"SELECT trading.apply_dividend(ARRAY[trading.portfolio_id('{self.name}')], (SELECT a.action_id FROM market.add_dividend('{i.symbol}', {amount}, '{day}') AS a), {sql(self.now)})",
                lambda: self.model.dividend(i, amount))

    def tick(self):
        """A trade that is stored in time or late; it moves no quote."""
        i, at = self.random.choice([self.instruments[0], self.instruments[2]]), self.now - timedelta(minutes=self.random.choice([0, self.random.randint(0, 5000)]))
        self.count += 1
        number, price = self.count, round(i.last * self.random.uniform(0.9, 1.1), 2)
        return (f"INSERT INTO market.ticks (instrument_id, ts, price, size, seq) VALUES ({i.number}, {sql(at)}, {price!r}, 1, {number})", lambda: i.ticks.append((at, number, price)))

    def settle(self, kind="future"):
        today = self.now.astimezone(NEW_YORK).date()
        day = self.random.choice([None, None, today + timedelta(days=self.random.randint(-3, 1))])
        if any(o.instrument not in self.tradable for o in self.model.open_orders()):
            day = None
        prices = {i.symbol: rounded(D(i.last * self.random.choice([self.random.uniform(0.6, 1.5), self.random.uniform(0.2, 4)])))
                  for i in [self.instruments[0], *(i for i in self.instruments if i.kind == kind)] if self.random.random() < 0.4}
        function = "settle_futures" if kind == "future" else "expire_options"
        return (f"SELECT trading.{function}('{self.name}', {sql(day and str(day))}, ARRAY[{', '.join(sql(s) for s in prices)}]::text[], ARRAY[{', '.join(str(p) for p in prices.values())}]::numeric[], {sql(self.now)})",
                lambda: self.model.settle(kind, prices, day, self.now, NEW_YORK))

    def expire_options(self):
        return self.settle("option")

    def step(self):
        self.now += timedelta(minutes=self.random.randint(0, 200))
        kinds = {self.tick: 3, self.expire_options: 0.7, self.move: 2, self.snapshot: 1, self.turn: 0.5, self.convert: 1, self.submit: 9, self.submits: 3, self.bracket: 2, self.pair: 1.5, self.target: 1, self.fill: 16, self.fills: 4, self.bust: 1, self.correct: 0.7,
                 self.cancel: 1, self.report: 1, self.again: 1, self.replace: 2, self.trail: 1, self.expire: 1, self.close: 0.5, self.split: 0.4, self.dividend: 0.5, self.settle: 2}
        if self.random.random() < 0.1:
            i = self.random.choice(self.instruments)
            self.quote(i, round(max(1.0, i.last * self.random.uniform(0.8, 1.25)), 2))
        kind = self.fund if len(self.log) < 2 else self.random.choices(list(kinds), kinds.values())[0]
        for i in self.instruments[2:4]:
            if i not in self.tradable and any(o.is_open for o in self.model.open_orders(i)):
                kind = self.settle if i.kind == "future" else self.expire_options
        statement, model = kind()
        self.was_taken = None
        self.log.append(statement)
        is_undone = self.random.random() < 0.05  # the whole transaction is rolled back: nothing may remain
        self.model.now = self.now
        before, wanted = copy.deepcopy((self.model, self.instruments)), None
        try:
            model()
        except Refused as refused:
            wanted = refused.code
        if is_undone:
            self.psql.must("BEGIN")
        code, _ = self.psql.run(statement)
        if is_undone:
            self.psql.must("ROLLBACK")
        if is_undone or wanted:
            self.model, self.instruments = before
        self.was_taken = (kind == self.snapshot and not is_undone and not wanted) or None
        if code != wanted:
            raise AssertionError(f"the database says {code or 'done'}, the model {wanted or 'done'}")
        self.compare(kind in (self.bust, self.correct, self.split, self.dividend, self.settle, self.expire_options, self.close) or len(self.log) % 10 == 0)

    def compare(self, with_invariants):
        # A later step of the same moment is not what the snapshot shows.
        statement = STATE.replace("NAME", self.name).replace("MOMENT", sql(self.now) if self.was_taken else "NULL::timestamptz")
        if with_invariants:
            statement += f"; SELECT json_agg(v) FROM ops.check_invariants('{self.name}') AS v"
        first, _, violations = self.psql.must(statement).partition("\n")
        got = json.loads(first, parse_float=Decimal, parse_int=Decimal)
        m = self.model
        currencies = [c for c in ("USD", self.foreign) if c in m.cash]
        of = lambda c: [p for p in m.positions.values() if p.instrument.currency == c]
        money = {c: {
            "cash": m.cash[c], "reserved": m.reserved(c), "capital": -m.capital.get(c, ZERO), "conversion": -m.converted.get(c, ZERO), "income": -m.income.get(c, ZERO),
            "margin": sum((p.margin for p in of(c)), ZERO), "fees": sum((p.fees for p in of(c)), ZERO),
            "securities": sum(((ZERO if p.instrument.kind == "future" else p.cost) - p.realised for p in of(c)), ZERO)} for c in currencies}
        want = {
            "money": {f"{c} {name}": amount for c in money for name, amount in money[c].items()}, "equity": m.equity, "net deposits": m.net_deposits,
            "index": m.base_index, "peak": m.peak,
            "orders": {o.key: [o.number, o.status, o.code, o.quantity, o.filled, o.busted, o.value, o.maker_value, o.limit, o.stop, o.held, o.planned, o.taken, o.opening, o.fee,
                               {c: f for c, f in sorted(o.fees.items()) if f} or None,
                               o.expires.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M") if o.expires else None] for o in m.orders.values()} or None,
            "positions": {s: [p.quantity, p.cost, p.realised, p.fifo, p.fees, p.margin, p.intraday, m.promised(p.instrument, "buy"), m.promised(p.instrument, "sell"),
                              [[lot.fill, lot.quantity, lot.cost, lot.settled] for lot in p.lots] or None] for s, p in m.positions.items()} or None,
            "unpriced": {s: [str(d) for d in days] for s, days in m.unpriced.items() if m.positions[s].quantity} or None,
            "snapshot": self.was_taken and [m.index(m.equity), rounded(m.index(m.equity) / m.peak - 1)],
            "fills": D(m.fills), "contradictions": m.contradictions or None}
        for part in want:
            if isinstance(want[part], dict) and isinstance(got[part], dict):
                for name in {**want[part], **got[part]}:
                    if want[part].get(name) != got[part].get(name):
                        raise AssertionError(f"{part} {name}:\n  database {plain(got[part].get(name))}\n  model    {plain(want[part].get(name))}")
            elif want[part] != got[part]:
                raise AssertionError(f"{part}: the database has {got[part]}, the model {want[part]}")
        if violations.strip():
            raise AssertionError(f"violations: {violations}")
        if with_invariants:
            check_statement(self.psql, self.name)


def plain(value):
    return [plain(v) for v in value] if isinstance(value, list) else f"{value:f}" if isinstance(value, Decimal) else value


STATE = """
SELECT json_build_object(
  'money', (SELECT json_object_agg(n.name, n.amount) FROM (
      SELECT a.currency || ' ' || a.kind, CASE WHEN a.kind IN ('capital', 'conversion', 'income', 'cash', 'margin', 'fees', 'securities') THEN b.credits_posted - b.debits_posted END
        FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id) WHERE a.portfolio_id = p.portfolio_id
      UNION ALL
      SELECT a.currency || ' reserved', b.debits_pending
        FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id) WHERE a.portfolio_id = p.portfolio_id AND a.kind = 'cash') AS n (name, amount)),
  'equity', s.equity, 'net deposits', s.net_deposits, 'index', v.base_index, 'peak', v.peak,
  'snapshot', (SELECT json_build_array(n.index, n.drawdown) FROM trading.portfolio_snapshots AS n WHERE n.portfolio_id = p.portfolio_id AND n.at = MOMENT),
  'orders', (SELECT json_object_agg(o.client_order_id, json_build_array(o.order_id, o.status, o.reason_code, o.quantity, o.filled_quantity, o.busted_quantity, o.filled_value, o.maker_value,
               o.limit_price, o.stop_price, o.reserved, o.planned_quantity, o.oco_taken, o.opening_quantity, o.fees,
               (SELECT json_object_agg(w.word, f.amount ORDER BY w.word::text) FROM unnest(o.fee_lines) WITH ORDINALITY AS f (amount, n)
                  JOIN unnest(enum_range(NULL::trading.fee_component)) WITH ORDINALITY AS w (word, n) USING (n) WHERE f.amount <> 0),
               to_char(o.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')))
               FROM trading.orders AS o WHERE o.portfolio_id = p.portfolio_id),
  'positions', (SELECT json_object_agg(i.symbol, json_build_array(n.quantity, n.cost, n.realised_pnl, n.fifo_pnl, n.fees, n.margin, n.intraday_quantity, n.open_buy_quantity, n.open_sell_quantity,
                  (SELECT json_agg(json_build_array(l.fill_id, l.quantity, l.cost, l.settled_pnl) ORDER BY l.fill_id) FROM trading.lots AS l
                    WHERE l.portfolio_id = n.portfolio_id AND l.instrument_id = n.instrument_id)))
                  FROM trading.positions AS n JOIN market.instruments AS i USING (instrument_id) WHERE n.portfolio_id = p.portfolio_id),
  'contradictions', (SELECT json_agg(json_build_array(c.fill_id, c.code) ORDER BY c.fill_id, c.code) FROM trading.contradictions AS c WHERE c.portfolio_id = p.portfolio_id),
  'unpriced', (SELECT json_object_agg(split_part(u.symbol, ':', 2), json_build_array(u.first_day, u.day)) FROM trading.unsettled AS u WHERE u.portfolio_id = p.portfolio_id),
  'fills', (SELECT count(*) FROM trading.fills AS f WHERE f.portfolio_id = p.portfolio_id))
  FROM trading.portfolios AS p JOIN trading.portfolio_summary AS s ON s.portfolio = p.name JOIN trading.portfolio_values AS v ON v.portfolio_id = p.portfolio_id WHERE p.name = 'NAME'
"""


def add_schedule(psql, fees):
    """The schedule's rows, and their lines as components."""
    for day, lines in (("-infinity", fees.lines), *fees.later):
        psql.must(f"INSERT INTO trading.fee_schedules (name, valid_from) VALUES ('{fees.name}', '{day}') ON CONFLICT DO NOTHING")
        for line in lines:
            of = None if line.percent_of is None else "{" + ",".join(line.percent_of) + "}"
            psql.must(f"INSERT INTO trading.fee_components (name, valid_from, component, side, product, per_share, per_order, percent, maker_percent, minimum, maximum, maximum_percent, decimals, percent_of) "
                      f"VALUES ('{fees.name}', '{day}', '{line.component}', {sql(line.side)}, {sql(line.product)}, {line.per_share}, {line.per_order}, {line.percent}, {sql(line.maker_percent)}, {line.minimum}, "
                      f"{sql(line.maximum)}, {sql(line.maximum_percent)}, {line.decimals}, {sql(of)}) ON CONFLICT DO NOTHING")


def add_plan(psql, plan):
    for kind, fees in plan.kinds:
        if fees.name != plan.name:
            psql.must(f"INSERT INTO trading.fee_plans (name, kind, fee_schedule) VALUES ('{plan.name}', {sql(kind)}, '{fees.name}') ON CONFLICT DO NOTHING")


def main():
    first, seeds, steps = (int(os.environ.get(f"BOURSE_PROPERTY_{n}", d)) for n, d in (("SEED", 1), ("SEEDS", 10), ("STEPS", 120)))
    psql, started, orders, fills = Psql(), time.monotonic(), 0, 0
    for fees in SCHEDULES:
        add_schedule(psql, fees)
    for plan in PLANS:
        add_plan(psql, plan)
    for seed in range(first, first + seeds):
        history = History(psql, seed)
        try:
            for _ in range(steps):
                history.step()
            check_tampering(psql, history.random, history.name)
        except AssertionError as error:
            print("\n".join(history.log[-40:]))
            print(f"FAILED: seed {seed}, step {len(history.log)}: {error}")
            return 1
        orders += len(history.model.orders)
        fills += len(history.model.executions)
    # Whatever happened, what is sealed is as it was written, and so is what came after.
    for sealed in (False, True):
        if sealed:
            psql.must("SELECT ops.seal_journal(500)")
        faults = psql.must("SELECT json_agg(v) FROM ops.verify_audit() AS v")
        if faults.strip():
            print(f"FAILED: the audit finds, sealed {sealed}: {faults[:2000]}")
            return 1
    print(f"counted: {seeds} histories of {steps} steps, {orders} orders, {fills} fills, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
