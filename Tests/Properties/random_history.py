#!/usr/bin/env python3
"""Random histories against the plain model in model.py: after every step cash, reservations, orders, positions, profit and
fees are equal to the last digit, and ops.check_invariants() is empty.

Needs psql and a migrated database, named by PGHOST, PGPORT, PGUSER and PGDATABASE. BOURSE_PROPERTY_SEED is the first seed (1),
BOURSE_PROPERTY_SEEDS how many (6), BOURSE_PROPERTY_STEPS the steps of each (150). A failure prints the seed and the history.
"""
import copy
import json
import os
import random
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from model import Fees, Instrument, Order, Portfolio, Refused, STEP, ZERO, rounded, session_close

NEW_YORK = ZoneInfo("America/New_York")
SPLITS = [(2, 1), (3, 2), (1, 10), (7, 3), (1, 3)]
SCHEDULES = [
    Fees("free"),
    Fees("property_shares", per_share=Decimal("0.005"), minimum=Decimal(1)),
    Fees("property_percent", percent=Decimal("0.035"), per_order=Decimal("0.25"), maximum=Decimal("12.34")),
]


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
    if isinstance(value, datetime):
        return f"timestamptz '{value.astimezone(timezone.utc).isoformat()}'"
    return f"'{value}'" if isinstance(value, str) else str(value)


class History:
    def __init__(self, psql, seed):
        self.psql, self.random, self.seed = psql, random.Random(seed), seed
        self.now = datetime(2024, 3, 6, 14, 30, tzinfo=timezone.utc)  # the clocks change on the way
        self.count = 0
        self.log = []
        fees = self.random.choice(SCHEDULES)
        self.model = Portfolio(fees)
        self.name = f"p{seed}-{os.getpid()}"
        self.instruments = [
            Instrument(f"A{self.name}", Decimal("0.01"), Decimal(1), Decimal(1), 100.0),
            Instrument(f"B{self.name}", Decimal("0.05"), Decimal("0.001"), Decimal(1), 40.0),
            Instrument(f"F{self.name}", Decimal("0.25"), Decimal(1), Decimal(50), 10.0)]
        for i in self.instruments:
            psql.must(f"SELECT market.add_instrument(symbol => '{i.symbol}', tick_size => {i.tick}, lot_size => {i.lot}, multiplier => {i.multiplier})")
            self.quote(i, i.last)
        psql.must(f"SELECT trading.create_portfolio(name => '{self.name}', fee_schedule => '{fees.name}', broker => '{self.name}', at => {sql(self.now)})")

    def key(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def quote(self, instrument, last):
        self.psql.must(f"SELECT market.upsert_quotes(ARRAY[market.instrument_id('{instrument.symbol}')], ARRAY[{sql(self.now)}], ARRAY[{last!r}::float8], ARRAY[NULL::float8])")
        instrument.last = last

    # Each step gives a statement and the same for the model; the model may raise Refused.
    def move(self):
        kind = self.random.choice(["deposit", "deposit", "withdraw"])
        amount = rounded(Decimal(self.random.choice([self.random.randint(1, 20000), self.random.uniform(0.00000001, 3000)])) + STEP)
        if kind == "withdraw" and self.random.random() < 0.3 and self.model.available > 0:
            amount = self.model.available + self.random.choice([ZERO, STEP])  # the last digit decides
        reference = self.random.choice([None, self.key("ref"), self.random.choice([*self.model.references, None])])
        return (f"SELECT ledger.{kind}('{self.name}', {amount}, at => {sql(self.now)}, reference => {sql(reference)})",
                lambda: self.model.move(kind, amount, reference))

    def submit(self):
        i, side = self.random.choice(self.instruments), self.random.choice(["buy", "buy", "sell"])
        type_ = self.random.choice(["market", "limit", "limit", "stop", "stop_limit"])
        near = lambda: max(i.tick, i.tick * round(Decimal(i.last * self.random.uniform(0.8, 1.2)) / i.tick))
        limit, stop = (near() if "limit" in type_ else None), (near() if "stop" in type_ else None)
        quantity = i.lot * self.random.randint(1, 60 if i.lot == 1 else 60000)
        if side == "sell" and i.symbol in self.model.positions and self.random.random() < 0.7:
            held = self.model.positions[i.symbol].quantity
            quantity = self.random.choice([held, held - held % i.lot]) or quantity
        tif = self.random.choice(["gtc", "gtc", "day", "gtd"])
        expires = self.now + timedelta(minutes=self.random.randint(1, 4000)) if tif == "gtd" else None
        key = self.key("o") if self.random.random() < 0.9 or not self.model.orders else self.random.choice(list(self.model.orders))
        order = Order(key, i, side, type_, quantity, limit, stop, tif, expires or (session_close(self.now, NEW_YORK) if tif == "day" else None))
        return (self.submission(key, i.symbol, side, type_, quantity, limit, stop, tif, expires), lambda: self.model.submit(order))

    def submission(self, key, symbol, side, type_, quantity, limit, stop, tif, expires):
        return (f"SELECT trading.submit_order('{self.name}', '{symbol}', '{side}', {quantity}, '{type_}', {sql(limit)}, {sql(stop)}, '{tif}', "
                f"{sql(expires)}, client_order_id => '{key}', at => {sql(self.now)})")

    def again(self):
        """A known order on the terms of its submission, whatever became of it."""
        if not self.model.orders:
            return self.submit()
        o = self.random.choice(list(self.model.orders.values()))
        symbol, side, type_, quantity, limit, stop, tif, expires = o.terms
        return self.submission(o.key, symbol, side, type_, quantity, limit, stop, tif, expires), lambda: None

    def some_order(self, often_open=0.9):
        candidates = self.model.open_orders() if self.random.random() < often_open else list(self.model.orders.values())
        return self.random.choice(candidates) if candidates else None

    def execution(self, order):
        open_quantity = order.open_quantity or Decimal(1)
        quantity = self.random.choice([open_quantity, rounded(open_quantity * Decimal(self.random.random())), open_quantity - STEP, open_quantity + STEP])
        worse = 3 if self.random.random() < 0.05 else 1
        price = max(STEP, rounded(Decimal(order.instrument.last * self.random.uniform(0.7, 1.4) * worse)))
        return max(quantity, STEP), self.random.choice([price, order.limit or price]), self.key("x")

    def fill(self):
        order = self.some_order()
        if order is None:
            return self.submit()
        quantity, price, execution = self.execution(order)
        fee = self.random.choice([None, None, None, rounded(Decimal(self.random.uniform(0, 3)))])
        if self.model.executions and self.random.random() < 0.15:  # reported again, sometimes with other figures
            execution = self.random.choice(list(self.model.executions))
            known = self.model.executions[execution]
            order, quantity, price = self.model.orders[known[0]], known[1] + self.random.choice([ZERO, ZERO, STEP]), known[2]

        def model():
            code = self.model.fill(order.key, quantity, price, execution, fee)
            if code:
                raise Refused(code)
        return (f"SELECT trading.record_fill('{self.name}', {quantity}, {price}, '{execution}', client_order_id => '{order.key}', fee => {sql(fee)}, at => {sql(self.now)})", model)

    def fills(self):
        """A batch: what an order cannot take is dropped, the rest is booked."""
        orders = [o for o in (self.some_order() for _ in range(self.random.randint(1, 4))) if o is not None]
        batch = [(o.key, *self.execution(o)) for o in orders]
        batch += [b for b in batch if self.random.random() < 0.2]
        if not batch:
            return self.submit()
        rows = ", ".join(f"('{k}', {q}, {p}, '{x}', {n})" for n, (k, q, p, x) in enumerate(batch))

        def model():
            for key, quantity, price, execution in batch:
                if self.model.fill(key, quantity, price, execution) == "TR401":
                    self.model.end(self.model.orders[key], "cancelled", "TR401")
        return (f"SELECT f.* FROM (SELECT array_agg(o.portfolio_id ORDER BY n) AS p, array_agg(o.order_id ORDER BY n) AS o, array_agg(q::numeric ORDER BY n) AS q, "
                f"array_agg(r::numeric ORDER BY n) AS r, array_agg(x ORDER BY n) AS x, array_agg({sql(self.now)} ORDER BY n) AS t "
                f"FROM (VALUES {rows}) AS v (k, q, r, x, n) JOIN trading.orders AS o ON o.client_order_id = v.k AND o.portfolio_id = trading.portfolio_id('{self.name}')) AS a, "
                f"LATERAL trading.record_fills(a.p, a.o, a.q, a.r, '{self.name}', a.x, a.t) AS f", model)

    def cancel(self):
        order = self.some_order(0.8)
        if order is None:
            return self.move()
        return f"SELECT trading.cancel_order('{self.name}', client_order_id => '{order.key}', at => {sql(self.now)})", lambda: self.model.cancel(order.key)

    def replace(self):
        order = self.some_order()
        if order is None:
            return self.submit()
        i = order.instrument
        quantity = self.random.choice([None, order.filled + i.lot * self.random.randint(0, 50), i.lot * self.random.randint(1, 50)])
        limit = self.random.choice([None, i.tick * self.random.randint(1, int(Decimal(i.last) * 2 / i.tick) + 1)])
        key = self.random.choice([self.key("r"), self.key("r"), self.random.choice(list(self.model.orders))])
        expires = session_close(self.now, NEW_YORK) if order.tif == "day" else order.expires
        if order.tif == "gtd" and order.expires <= self.now:
            return self.expire()

        def model():
            known = self.model.orders.get(key)
            if known is not None and getattr(known, "replaces", None) == order.key:
                return  # asked for before
            self.model.replace(order.key, key, quantity, limit, expires)
            self.model.orders[key].replaces = order.key
        return (f"SELECT trading.replace_order('{self.name}', client_order_id => '{order.key}', new_client_order_id => '{key}', quantity => {sql(quantity)}, "
                f"limit_price => {sql(limit)}, at => {sql(self.now)})", model)

    def expire(self):
        return f"SELECT trading.expire_orders('{self.name}', {sql(self.now)})", lambda: self.model.expire(self.now)

    def close(self):
        i, key = self.random.choice(self.instruments), self.key("c")
        return f"SELECT trading.close_position('{self.name}', '{i.symbol}', '{key}', at => {sql(self.now)})", lambda: self.model.close(i, key)

    def split(self):
        i, (new, old) = self.random.choice(self.instruments), self.random.choice(SPLITS)
        if any(o.open_quantity * new / old < Decimal("0.0001") for o in self.model.open_orders(i)) or i.last * old / new > 5000 or i.last * old / new < 1:
            return self.move()
        self.now = (self.now.astimezone(NEW_YORK) + timedelta(days=1)).replace(hour=4, minute=0)
        day = self.now.date()

        def model():
            self.model.split(i, new, old)
            i.last = i.last * float(old) / float(new)
        return (f"SELECT trading.apply_split(ARRAY[trading.portfolio_id('{self.name}')], (SELECT a.action_id FROM market.add_split('{i.symbol}', '{day}', {new}, {old}) AS a), {sql(self.now)})", model)

    def step(self):
        self.now += timedelta(minutes=self.random.randint(0, 200))
        kinds = [self.move, self.submit, self.submit, self.submit, self.fill, self.fill, self.fill, self.fill, self.fills, self.cancel, self.again, self.replace, self.expire, self.close, self.split]
        weights = [2, 3, 3, 3, 4, 4, 4, 4, 3, 1, 1, 2, 1, 0.5, 0.4]
        if self.random.random() < 0.1:
            i = self.random.choice(self.instruments)
            self.quote(i, round(max(1.0, i.last * self.random.uniform(0.8, 1.25)), 2))
        statement, model = (self.move if not self.log else self.random.choices(kinds, weights)[0])()
        self.log.append(statement)
        is_undone = self.random.random() < 0.05  # the whole transaction is rolled back: nothing may remain
        before = copy.deepcopy((self.model, self.instruments)) if is_undone else None
        wanted = None
        try:
            model()
        except Refused as refused:
            wanted = refused.code
        if is_undone:
            self.psql.must("BEGIN")
        code, _ = self.psql.run(statement)
        if is_undone:
            self.psql.must("ROLLBACK")
            self.model, self.instruments = before
        if code != wanted:
            raise AssertionError(f"the database says {code or 'done'}, the model {wanted or 'done'}")
        self.compare()

    def compare(self):
        got = json.loads(self.psql.must(STATE.replace("NAME", self.name)), parse_float=Decimal, parse_int=Decimal)
        m = self.model
        want = {
            "cash": m.cash, "reserved": m.reserved, "deposits": m.deposits, "violations": None,
            "equity": m.cash + sum((rounded(m.positions[i.symbol].quantity * i.price * i.multiplier) for i in self.instruments if i.symbol in m.positions), ZERO),
            "realised": sum((p.realised for p in m.positions.values()), ZERO), "fees": sum((p.fees for p in m.positions.values()), ZERO),
            "orders": {o.key: [o.status, o.code, o.quantity, o.filled, o.value, o.fees, o.limit, o.stop, o.held,
                               o.expires.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M") if o.expires else None] for o in m.orders.values()} or None,
            "positions": {s: [p.quantity, p.cost, p.realised, p.fees,
                              sum((o.open_quantity for o in m.open_orders() if o.instrument.symbol == s and o.side == "buy"), ZERO),
                              sum((o.open_quantity for o in m.open_orders() if o.instrument.symbol == s and o.side == "sell"), ZERO)]
                          for s, p in m.positions.items()} or None,
            "fills": Decimal(len(m.executions))}
        for part in want:
            if isinstance(want[part], dict) and isinstance(got[part], dict):
                for name in {**want[part], **got[part]}:
                    if want[part].get(name) != got[part].get(name):
                        raise AssertionError(f"{part} {name}: the database has {got[part].get(name)}, the model {want[part].get(name)}")
            elif want[part] != got[part]:
                raise AssertionError(f"{part}: the database has {got[part]}, the model {want[part]}")


STATE = """
SELECT json_build_object(
  'cash', s.cash, 'reserved', s.reserved, 'deposits', s.net_deposits, 'equity', s.equity, 'realised', s.realised_pnl, 'fees', s.fees,
  'orders', (SELECT json_object_agg(o.client_order_id, json_build_array(o.status, o.reason_code, o.quantity, o.filled_quantity, o.filled_value, o.fees, o.limit_price,
               o.stop_price, coalesce(r.remaining, 0), to_char(o.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')))
               FROM trading.orders AS o LEFT JOIN ledger.reservations AS r ON r.portfolio_id = o.portfolio_id AND r.transfer_id = o.reservation_id
              WHERE o.portfolio_id = p.portfolio_id),
  'positions', (SELECT json_object_agg(i.symbol, json_build_array(n.quantity, n.cost, n.realised_pnl, n.fees, n.open_buy_quantity, n.open_sell_quantity))
                  FROM trading.positions AS n JOIN market.instruments AS i USING (instrument_id) WHERE n.portfolio_id = p.portfolio_id),
  'fills', (SELECT count(*) FROM trading.fills AS f WHERE f.portfolio_id = p.portfolio_id),
  'violations', (SELECT json_agg(v) FROM ops.check_invariants('NAME') AS v))
  FROM trading.portfolios AS p JOIN trading.portfolio_summary AS s ON s.portfolio = p.name WHERE p.name = 'NAME'
"""


def main():
    first, seeds, steps = (int(os.environ.get(f"BOURSE_PROPERTY_{n}", d)) for n, d in (("SEED", 1), ("SEEDS", 6), ("STEPS", 150)))
    psql, started, orders, fills = Psql(), time.monotonic(), 0, 0
    for f in SCHEDULES:
        psql.must(f"INSERT INTO trading.fee_schedules (name, per_share, per_order, percent, minimum, maximum) "
                  f"VALUES ('{f.name}', {f.per_share}, {f.per_order}, {f.percent}, {f.minimum}, {sql(f.maximum)}) ON CONFLICT DO NOTHING")
    for seed in range(first, first + seeds):
        history = History(psql, seed)
        try:
            for _ in range(steps):
                history.step()
        except AssertionError as error:
            print("\n".join(history.log[-40:]))
            print(f"FAILED: seed {seed}, step {len(history.log)}: {error}")
            return 1
        orders += len(history.model.orders)
        fills += len(history.model.executions)
    print(f"counted: {seeds} histories of {steps} steps, {orders} orders, {fills} fills, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
