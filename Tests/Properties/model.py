"""A plain model of one portfolio: what the books must say after each step, written as obviously as possible.

Amounts are exact decimals with eight places, rounded half away from zero, as in the database. The model knows no
transfers, accounts or triggers; it says what they must add up to.
"""
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, ROUND_DOWN, ROUND_HALF_UP, getcontext
from fractions import Fraction
from math import ceil, floor
from typing import Optional

getcontext().prec = 60
ZERO = Decimal(0)
STEP = Decimal("0.00000001")


def rounded(amount):
    return amount.quantize(STEP, ROUND_HALF_UP)


def exact(fraction, mode=ROUND_HALF_UP):
    """A fraction to eight places."""
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).quantize(STEP, mode)


class Refused(Exception):
    """The step is an error with this SQLSTATE, and nothing changes."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Fees:
    name: str
    per_share: Decimal = ZERO
    per_order: Decimal = ZERO
    percent: Decimal = ZERO
    minimum: Decimal = ZERO
    maximum: Optional[Decimal] = None

    def of(self, quantity, value):
        if quantity == 0:
            return ZERO
        fee = max(self.per_order + rounded(self.per_share * quantity) + rounded(value * self.percent / 100), self.minimum)
        return fee if self.maximum is None else min(fee, self.maximum)


@dataclass
class Instrument:
    symbol: str
    tick: Decimal
    lot: Decimal
    multiplier: Decimal
    last: float

    @property
    def price(self):
        return Decimal(format(self.last, ".15g"))


@dataclass
class Position:
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO


@dataclass
class Order:
    key: str
    instrument: Instrument
    side: str
    type: str
    quantity: Decimal
    limit: Optional[Decimal]
    stop: Optional[Decimal]
    tif: str
    expires: Optional[datetime]
    reserve_price: Optional[Decimal] = None
    status: str = "new"
    code: Optional[str] = None
    filled: Decimal = ZERO
    value: Decimal = ZERO
    fees: Decimal = ZERO
    held: Decimal = ZERO
    terms: tuple = ()  # as first submitted

    @property
    def is_open(self):
        return self.status in ("accepted", "working", "partially_filled")

    @property
    def open_quantity(self):
        return self.quantity - self.filled if self.is_open else ZERO


@dataclass
class Portfolio:
    fees: Fees
    buffer: Decimal = Decimal("0.05")
    cash: Decimal = ZERO
    deposits: Decimal = ZERO
    orders: dict = field(default_factory=dict)
    positions: dict = field(default_factory=dict)
    executions: dict = field(default_factory=dict)
    references: dict = field(default_factory=dict)

    # What follows from the rest.
    @property
    def reserved(self):
        return sum((o.held for o in self.orders.values()), ZERO)

    @property
    def available(self):
        return self.cash - self.reserved

    def position(self, instrument):
        return self.positions.setdefault(instrument.symbol, Position())

    def open_orders(self, instrument=None, side=None):
        return [o for o in self.orders.values() if o.is_open and instrument in (None, o.instrument) and side in (None, o.side)]

    def need(self, order):
        """The most that the open part of a buy may cost."""
        value = rounded((order.quantity - order.filled) * order.reserve_price * order.instrument.multiplier)
        return value + max(self.fees.of(order.quantity, order.value + value) - order.fees, ZERO)

    # Steps.
    def move(self, kind, amount, reference):
        if reference in self.references:
            if self.references[reference] != (kind, amount):
                raise Refused("TR406")
            return
        signed = amount if kind == "deposit" else -amount
        if kind == "withdraw" and amount > self.available:
            raise Refused("TR401")
        self.cash += signed
        self.deposits += signed
        if reference is not None:
            self.references[reference] = (kind, amount)

    def submit(self, order, replaced_quantity=None):
        terms = (order.instrument.symbol, order.side, order.type, order.quantity, order.limit, order.stop, order.tif,
                 order.expires if order.tif == "gtd" else None)
        if order.key in self.orders:
            if self.orders[order.key].terms != terms:
                raise Refused("TR204")
            return self.orders[order.key]
        held = self.position(order.instrument).quantity if order.instrument.symbol in self.positions else ZERO
        if order.quantity % order.instrument.lot != 0 and not (order.side == "sell" and order.quantity == held or order.quantity == replaced_quantity):
            raise Refused("TR201")
        if (order.limit is not None) != ("limit" in order.type):
            raise Refused("TR202")
        order.terms = terms
        reference = order.limit or order.stop or order.instrument.price
        if order.side == "buy":
            order.reserve_price = rounded(order.limit or reference * (1 + self.buffer))
            if self.need(order) > self.available:
                order.code = "TR401"
        elif order.quantity > held - sum((o.open_quantity for o in self.open_orders(order.instrument, "sell")), ZERO):
            order.code = "TR402"
        order.status = "rejected" if order.code else "accepted"
        if not order.code:
            self.position(order.instrument)
            if order.side == "buy":
                order.held = self.need(order)
        self.orders[order.key] = order
        return order

    def fill(self, key, quantity, price, execution, fee=None):
        """Returns the code of the refusal, or None when it is booked (or was before)."""
        order = self.orders[key]
        if execution in self.executions:
            known = self.executions[execution]
            if known[:3] != (key, quantity, price) or fee is not None and fee != known[3]:
                raise Refused("TR209")
            return None
        if not order.is_open:
            return "TR210"
        if quantity > order.quantity - order.filled:
            return "TR208"
        value = rounded(quantity * price * order.instrument.multiplier)
        if fee is None:
            fee = max(self.fees.of(order.filled + quantity, order.value + value) - order.fees, ZERO)
        after = replace(order, filled=order.filled + quantity, value=order.value + value, fees=order.fees + fee)
        if order.side == "buy":
            # What is left must pay the fill, every other reservation, and the rest of this order.
            rest = self.need(after)
            if self.cash - value - fee - (self.reserved - order.held) - rest < 0:
                return "TR401"
            after.held = min(order.held, rest)
        elif self.available + value - fee < 0:
            return "TR401"
        after.status = "filled" if after.filled == after.quantity else "partially_filled"
        if not after.is_open:
            after.held = ZERO
        self.orders[key] = after
        self.cash -= fee + (value if order.side == "buy" else -value)
        self.executions[execution] = (key, quantity, price, fee)

        position = self.position(order.instrument)
        position.fees += fee
        if order.side == "buy":
            position.quantity += quantity
            position.cost += value
        else:
            sold = position.cost if quantity == position.quantity else rounded(position.cost * quantity / position.quantity)
            position.quantity -= quantity
            position.cost -= sold
            position.realised += value - sold
        return None

    def end(self, order, status, code):
        order.status, order.code, order.held = status, code, ZERO

    def cancel(self, key):
        order = self.orders[key]
        if order.status == "cancelled":
            return
        if not order.is_open:
            raise Refused("TR210")
        self.end(order, "cancelled", "TR216")

    def expire(self, now):
        for order in self.open_orders():
            if order.expires is not None and order.expires <= now:
                self.end(order, "expired", "TR217")

    def replace(self, key, new_key, quantity, limit, expires):
        old = self.orders[key]
        if not old.is_open:
            raise Refused("TR210")
        if quantity is not None and quantity <= old.filled:
            raise Refused("TR201")
        if new_key in self.orders:
            raise Refused("TR204")
        before = replace(old)
        self.end(old, "replaced", None)
        try:
            new = self.submit(Order(new_key, old.instrument, old.side, old.type, (quantity or old.quantity) - old.filled, limit or old.limit, old.stop, old.tif, expires), before.quantity - before.filled)
            if new.code:
                del self.orders[new_key]
                raise Refused(new.code)
        except Refused:
            self.orders[key] = before
            raise

    def close(self, instrument, key):
        quantity = self.position(instrument).quantity if instrument.symbol in self.positions else ZERO
        if quantity == 0:
            raise Refused("TR215")
        for order in self.open_orders(instrument):
            self.end(order, "cancelled", "TR216")
        self.submit(Order(key, instrument, "sell", "market", quantity, None, None, "gtc", None))

    def split(self, instrument, new, old):
        ratio = Fraction(new, old)
        if instrument.symbol not in self.positions:
            return
        position = self.positions[instrument.symbol]
        position.quantity = exact(Fraction(position.quantity) * ratio)
        for order in self.open_orders(instrument):
            open_quantity = exact(Fraction(order.quantity - order.filled) * ratio, ROUND_DOWN)
            order.filled = exact(Fraction(order.filled) * ratio)
            order.quantity = order.filled + open_quantity
            grid = floor if order.side == "buy" else ceil
            on_grid = lambda price: price and max(instrument.tick, instrument.tick * grid(Fraction(price) / ratio / Fraction(instrument.tick)))
            order.limit, order.stop = on_grid(order.limit), on_grid(order.stop)
            if order.side == "buy":
                order.reserve_price = order.limit or exact(Fraction(order.reserve_price) / ratio)
                order.held = min(order.held, self.need(order))


def session_close(now, zone):
    """The New York close that ends a day order: 16:00 local, Monday to Friday."""
    local = now.astimezone(zone)
    day = local.date()
    while True:
        close = datetime(day.year, day.month, day.day, 16, tzinfo=zone)
        if day.isoweekday() <= 5 and close > now:
            return close
        day += timedelta(days=1)
