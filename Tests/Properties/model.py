"""A plain model of one portfolio: what the books must say after each step, written as obviously as possible.

Amounts are exact decimals with eight places, rounded half away from zero, as in the database. The model knows no transfers, accounts
or triggers. Positions are computed anew from all that happened to them whenever a fill is taken back; what orders are promised is
summed up whenever somebody asks.
"""
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, ROUND_DOWN, ROUND_HALF_UP, getcontext
from fractions import Fraction
from math import ceil, floor
from typing import Optional

getcontext().prec = 60
ZERO = Decimal(0)
STEP = Decimal("0.00000001")
CLOSED = ("filled", "rejected", "cancelled", "expired", "replaced")
WITH_LIMIT = ("limit", "stop_limit", "limit_if_touched")
WITH_STOP = ("stop", "stop_limit", "limit_if_touched")


def rounded(amount, decimals=8):
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def exact(fraction, mode=ROUND_HALF_UP):
    """A fraction to eight places."""
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).quantize(STEP, mode)


def part_of(amount, part, whole):
    return amount if part == whole else exact(Fraction(amount) * Fraction(part) / Fraction(whole))


class Refused(Exception):
    """The step is an error with this SQLSTATE, and nothing changes."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class FeeLine:
    component: str
    side: Optional[str] = None
    product: Optional[str] = None
    per_share: Decimal = ZERO
    per_order: Decimal = ZERO
    percent: Decimal = ZERO
    maker_percent: Optional[Decimal] = None
    minimum: Decimal = ZERO
    maximum: Optional[Decimal] = None
    maximum_percent: Optional[Decimal] = None
    decimals: int = 8
    percent_of: Optional[tuple] = None


def fees_of(lines, order, quantity, value):
    """What an order that has filled this much pays by these lines, by component."""
    paid = {}
    for line in lines if quantity > 0 else ():
        if line.side not in (None, order.side) or line.product not in (None, order.product):
            continue
        base = value if line.percent_of is None else sum((paid.get(c, ZERO) for c in line.percent_of), ZERO)
        if line.maker_percent is None:
            fee = rounded(base * line.percent / 100)
        else:
            fee = rounded((base - order.maker_value) * line.percent / 100) + rounded(order.maker_value * line.maker_percent / 100)
        fee = max(fee + line.per_order + rounded(line.per_share * quantity), line.minimum)
        if line.maximum is not None:
            fee = min(fee, line.maximum)
        if line.maximum_percent is not None:
            fee = min(fee, rounded(value * line.maximum_percent / 100))
        paid[line.component] = paid.get(line.component, ZERO) + rounded(fee, line.decimals)
    return paid


@dataclass(frozen=True)
class Fees:
    """A schedule: lines, and what they come to be on later days."""
    name: str
    lines: tuple = ()
    later: tuple = ()  # (day, lines), in order

    def known(self, first, last):
        """The terms of all these days."""
        known = [self.lines]
        for day, lines in self.later:
            if day <= first:
                known = [lines]
            elif day <= last:
                known.append(lines)
        return known


@dataclass(frozen=True)
class Plan:
    """Which schedule counts for which kind of instrument; one for all has no kinds."""
    name: str
    kinds: tuple = ()  # (kind or None, schedule)

    def schedule(self, instrument):
        return dict(self.kinds).get(instrument.kind, dict(self.kinds).get(None))


@dataclass
class Instrument:
    symbol: str
    tick: Decimal
    lot: Decimal
    multiplier: Decimal
    last: float
    kind: str = "equity"
    currency: str = "USD"
    initial: Decimal = Decimal("0.5")
    strike: Decimal = ZERO
    shortable: bool = True
    number: int = 0
    expires: Optional[date] = None
    underlying: Optional["Instrument"] = None
    ticks: list = field(default_factory=list)  # time, number and price
    quoted: Optional[datetime] = None  # when last was; None since a split has restated it

    @property
    def price(self):
        return Decimal(format(self.last, ".15g"))

    def value(self, quantity, price):
        return rounded(quantity * price * self.multiplier)

    def collateral(self, side, quantity, value):
        """Cash that opening takes."""
        if self.kind == "future":
            return rounded(value * self.initial)
        if side == "buy":
            return value
        return rounded((quantity * self.strike * self.multiplier if self.kind == "option" else value) * self.initial)


    def price_of_day(self, day, zone):
        """The last price of a New York day by its close; None when there is none."""
        begin, close = datetime(day.year, day.month, day.day, tzinfo=zone), datetime(day.year, day.month, day.day, 16, tzinfo=zone)
        known = [(at, 1, number, price) for at, number, price in self.ticks] + ([(self.quoted, 0, 0, self.last)] if self.quoted else [])
        known = [k for k in known if begin <= k[0] <= close]
        return rounded(Decimal(format(max(known)[3], ".15g"))) if known else None

    def settlement_source(self, kind):
        return self if kind == "daily" else self.underlying


@dataclass
class Lot:
    fill: int
    opened: datetime
    quantity: Decimal
    cost: Decimal
    settled: Decimal = ZERO  # profit that settlements have paid since it was opened


@dataclass(frozen=True)
class Settlement:
    price: Decimal
    margin: Decimal  # what went into the margin
    value: Optional[Decimal] = None  # what all that is held brings or costs when it ends; None: it goes on


@dataclass
class Position:
    """Quantity and cost are negative when short."""
    instrument: Instrument
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    fifo: Decimal = ZERO
    fees: Decimal = ZERO
    margin: Decimal = ZERO
    intraday: Decimal = ZERO
    lots: list = field(default_factory=list)
    story: list = field(default_factory=list)  # fills, splits and settlements in their order
    split_after: int = -1  # the last fill before its last split

    def money(self):
        """What it took out of cash so far, before fees."""
        return self.margin - self.realised + (ZERO if self.instrument.kind == "future" else self.cost)

    def trade(self, fill):
        sign = 1 if fill.side == "buy" else -1
        closed, held = ZERO, abs(self.quantity)
        closed_value = ZERO
        if self.quantity * sign < 0:
            closed = min(held, fill.quantity)
            closed_value = part_of(fill.value, closed, fill.quantity)
            cost, margin = part_of(abs(self.cost), closed, held), part_of(self.margin, closed, held)
            self.realised -= sign * (closed_value - cost)
            self.cost += sign * cost
            self.margin -= margin
            self.fifo += self.close_lots(closed, closed_value)
        opened, opened_value = fill.quantity - closed, fill.value - closed_value
        if opened > 0:
            self.cost += sign * opened_value
            self.lots.append(Lot(fill.place, fill.at, sign * opened, sign * opened_value))
            if self.instrument.kind == "future":
                self.margin += self.instrument.collateral(fill.side, opened, opened_value)
            elif sign < 0:  # the proceeds stay there, with the collateral
                self.margin += opened_value + self.instrument.collateral("sell", opened, opened_value)
        self.quantity += sign * fill.quantity
        if fill.product == "intraday":
            self.intraday += sign * fill.quantity
        self.bound_intraday()

    def bound_intraday(self):
        low, high = min(self.quantity, ZERO), max(self.quantity, ZERO)
        self.intraday = min(max(self.intraday, low), high)

    def close_lots(self, quantity, value):
        profit = ZERO
        while quantity > 0:
            lot = self.lots[0]
            sign = 1 if lot.quantity > 0 else -1
            part = min(abs(lot.quantity), quantity)
            got, cost = part_of(value, part, quantity), part_of(abs(lot.cost), part, abs(lot.quantity))
            profit += sign * (got - cost)
            quantity, value = quantity - part, value - got
            lot.settled -= part_of(lot.settled, part, abs(lot.quantity))
            lot.quantity, lot.cost = lot.quantity - sign * part, lot.cost - sign * cost
            if lot.quantity == 0:
                self.lots.pop(0)
        return profit

    def split(self, ratio):
        """At least one unit stays. Of the lots the sums so far are rounded; one that comes to nothing leaves its cost to the next, or to the last that is one."""
        if self.quantity == 0:
            return
        sums, total, sign = [ZERO], ZERO, 1 if self.quantity > 0 else -1
        for lot in self.lots:
            total += lot.quantity
            sums.append(exact(Fraction(total) * ratio))
        sums[-1] = sums[-1] or sign * STEP
        for lot, before, after in zip(self.lots, sums, sums[1:]):
            lot.quantity = after - before
        kept = [lot for lot in self.lots if lot.quantity]
        for n, lot in enumerate(self.lots):
            if not lot.quantity:
                heir = next((other for other in self.lots[n:] if other.quantity), kept[-1])
                heir.cost, heir.settled = heir.cost + lot.cost, heir.settled + lot.settled
        self.lots, self.quantity = kept, sums[-1]
        self.intraday = exact(Fraction(self.intraday) * ratio)

    def mark(self, price):
        """The exchange settles: the gain since the last time is paid, and what is held costs its price from now on."""
        i = self.instrument
        value = i.value(self.quantity, price)
        gain, fifo = value - self.cost, value - sum(lot.cost for lot in self.lots)
        costs = {lot.fill: i.value(lot.quantity, price) for lot in self.lots}
        largest = max(self.lots, key=lambda lot: (abs(lot.quantity), -lot.fill))
        costs[largest.fill] += value - sum(costs.values())
        for lot in self.lots:
            lot.settled, lot.cost = lot.settled + costs[lot.fill] - lot.cost, costs[lot.fill]
        self.realised, self.fifo, self.cost = self.realised + gain, self.fifo + fifo, value
        return gain

    def end(self, value):
        """What is held ends and is worth this much."""
        self.realised += (value if self.quantity > 0 else -value) - self.cost
        self.fifo += self.close_lots(abs(self.quantity), value)
        self.quantity = self.cost = self.margin = self.intraday = ZERO

    def pay_fraction(self, price):
        """What is less than a share, or than a lot that is smaller, goes at the price."""
        fraction, sign = abs(self.quantity) % min(self.instrument.lot, Decimal(1)), 1 if self.quantity > 0 else -1
        if fraction == 0:
            return
        value, held = rounded(fraction * price * self.instrument.multiplier), abs(self.quantity)
        cost, margin = part_of(abs(self.cost), fraction, held), part_of(self.margin, fraction, held)
        self.realised += sign * (value - cost)
        self.fifo += self.close_lots(fraction, value)
        self.cost, self.quantity, self.margin = self.cost - sign * cost, self.quantity - sign * fraction, self.margin - margin
        self.bound_intraday()

    def again(self):
        """The same position from its story alone."""
        fresh = Position(self.instrument, fees=self.fees, story=self.story, split_after=self.split_after)
        for event in self.story:
            if isinstance(event, Fill):
                fresh.trade(event)
            elif isinstance(event, Settlement):
                if event.value is not None:
                    fresh.end(event.value)
                else:
                    fresh.mark(event.price)
                    fresh.margin += event.margin
            else:
                fresh.split(event[0])
                fresh.pay_fraction(event[1])
        return fresh


@dataclass
class Fill:
    number: int
    place: int  # number of the fill that it stands in for, else its own
    order: str
    side: str
    product: str
    quantity: Decimal
    price: Decimal
    value: Decimal
    fees: dict
    liquidity: str
    execution: str
    at: datetime
    is_bust: bool = False
    corrects: Optional[int] = None

    @property
    def fee(self):
        return sum(self.fees.values(), ZERO)


@dataclass
class Order:
    key: str
    instrument: Instrument
    side: str
    type: str
    quantity: Decimal
    limit: Optional[Decimal] = None
    stop: Optional[Decimal] = None
    tif: str = "gtc"
    expires: Optional[datetime] = None
    product: str = "delivery"
    trail_amount: Optional[Decimal] = None
    trail_percent: Optional[Decimal] = None
    reduce_only: bool = False
    parent: Optional[str] = None
    group: Optional[str] = None  # key of the first order of the group
    leg: Optional[int] = None
    replaces: Optional[str] = None
    number: int = 0
    status: str = "new"
    code: Optional[str] = None
    reserve_price: Optional[Decimal] = None
    opening: Decimal = ZERO
    planned: Optional[Decimal] = None
    taken: Decimal = ZERO
    filled: Decimal = ZERO
    busted: Decimal = ZERO
    value: Decimal = ZERO
    maker_value: Decimal = ZERO
    fees: dict = field(default_factory=dict)
    held: Decimal = ZERO
    triggered: bool = False
    terms: tuple = ()  # as first submitted
    submitted: Optional[datetime] = None

    @property
    def is_open(self):
        return self.status not in CLOSED

    @property
    def is_resting(self):
        return self.is_open and self.status != "held"

    @property
    def open_quantity(self):
        return self.quantity - self.filled if self.is_resting else ZERO

    @property
    def fee(self):
        return sum(self.fees.values(), ZERO)


@dataclass
class Portfolio:
    fees: Plan
    zone: object  # of the exchange
    now: Optional[datetime] = None
    is_margin: bool = False
    buffer: Decimal = Decimal("0.05")
    accepted: str = "accepted"
    cash: dict = field(default_factory=dict)
    capital: dict = field(default_factory=dict)
    converted: dict = field(default_factory=dict)
    income: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)
    positions: dict = field(default_factory=dict)
    executions: dict = field(default_factory=dict)  # by order and execution
    contradictions: list = field(default_factory=list)  # number of the fill, and what contradicts it
    fills: int = 0
    references: dict = field(default_factory=dict)
    rates: dict = field(default_factory=dict)  # what a unit of each currency costs now
    net_deposits: Decimal = ZERO  # each flow at the rate of its own time
    base_index: Decimal = Decimal(1)  # of the time-weighted return at the last flow
    base_equity: Decimal = ZERO  # right after it
    peak: Decimal = Decimal(1)
    settled: dict = field(default_factory=dict)  # symbol: day and last fill of its settlements
    dealt: dict = field(default_factory=dict)  # symbol: time of the latest fill or bust since
    unpriced: dict = field(default_factory=dict)  # symbol: first and latest day that could not be settled

    # What follows from the rest.
    def reserved(self, currency):
        return sum((o.held for o in self.orders.values() if o.instrument.currency == currency), ZERO)

    def available(self, currency="USD"):
        return self.cash.get(currency, ZERO) - self.reserved(currency)

    @property
    def equity(self):
        worth = sum((rounded(amount * self.rates[c]) for c, amount in self.cash.items()), ZERO)
        for c in self.cash:
            worth += rounded(sum((p.margin for p in self.positions.values() if p.instrument.currency == c), ZERO) * self.rates[c])
        for p in self.positions.values():
            value = p.instrument.value(p.quantity, p.instrument.price) - (p.cost if p.instrument.kind == "future" else ZERO)
            worth += rounded(value * self.rates[p.instrument.currency])
        return worth

    def index(self, equity):
        return rounded(self.base_index * max(equity, ZERO) / self.base_equity, 28) if self.base_equity > 0 else self.base_index

    def flow(self, amount, currency):
        """Capital has come or gone: the return goes on from what there is now."""
        worth = rounded(amount * self.rates[currency])
        self.net_deposits += worth
        if self.base_equity > 0:
            self.base_index = max(self.index(self.equity - worth), Decimal("1e-12"))
        self.base_equity = max(self.equity, ZERO)
        self.peak = max(self.peak, self.base_index)

    def snapshot(self):
        self.peak = max(self.peak, self.index(self.equity))

    def position(self, instrument):
        return self.positions.get(instrument.symbol) or Position(instrument)

    def open_orders(self, instrument=None):
        return [o for o in self.orders.values() if o.is_open and instrument in (None, o.instrument)]

    def legs(self, group, without=None):
        """What is open in each leg of a group."""
        legs = {}
        for o in self.orders.values():
            if o.group == group and o.key != without:
                legs[o.leg] = legs.get(o.leg, ZERO) + o.open_quantity
        return legs

    def promised(self, instrument, side, without=None, without_group=None):
        """What resting orders of this side may still trade; of those that exclude each other the larger leg."""
        total, groups = ZERO, set()
        for o in self.orders.values():
            if o.instrument is instrument and o.side == side and o.key != without and o.is_resting:
                if o.group is None:
                    total += o.open_quantity
                elif o.group != without_group:
                    groups.add(o.group)
        return total + sum((max(self.legs(g).values()) for g in groups), ZERO)

    def closable(self, order):
        """Quantity that an order of its side would only close."""
        held = self.position(order.instrument).quantity * (1 if order.side == "sell" else -1)
        free = held - self.promised(order.instrument, order.side, order.key, order.group)
        if order.group is not None:
            free -= self.legs(order.group, order.key).get(order.leg, ZERO)
        return max(free, ZERO)

    def need(self, order):
        """The most that the open part of an order may take out of the cash: what opens, and the fees that are still to come."""
        rest = order.quantity - order.filled
        opening = min(order.opening, rest)
        if opening == 0:
            return ZERO
        i, whole = order.instrument, order.value + order.instrument.value(rest, order.reserve_price)
        lines = self.fees.schedule(i).known(*self.life(order))
        at_first = sum(fees_of(lines[0], order, order.quantity - order.busted, whole).values(), ZERO) - order.fee
        dearest = {}  # by component, when the terms are to change
        for terms in lines if len(lines) > 1 else ():
            before = fees_of(terms, order, order.filled - order.busted, order.value)
            for component, fee in fees_of(terms, order, order.quantity - order.busted, whole).items():
                dearest[component] = max(dearest.get(component, ZERO), fee - before.get(component, ZERO))
        return i.collateral(order.side, opening, i.value(opening, order.reserve_price)) + max(at_first, sum(dearest.values(), ZERO), ZERO)

    def day(self, at):
        return at.astimezone(self.zone).date()

    def life(self, order):
        """The first and the last trading day on which it may fill, within a year."""
        last = order.submitted.replace(year=order.submitted.year + 1)
        return self.day(order.submitted), self.day(min(order.expires or last, last))

    def due(self, order):
        """What an order owes for all that has filled of it, each day by its terms."""
        busted = {f.corrects for f in self.executions.values() if f.is_bust}
        days, due = {}, {}
        for f in self.executions.values():
            if f.order == order.key and not f.is_bust and f.number not in busted:
                days.setdefault(self.day(max(f.at, order.submitted)), []).append(f)
        so_far = replace(order, filled=ZERO, value=ZERO, maker_value=ZERO)
        for day in sorted(days):
            terms = self.fees.schedule(order.instrument).known(day, day)[0]
            before = fees_of(terms, so_far, so_far.filled, so_far.value)
            for f in days[day]:
                so_far.filled, so_far.value = so_far.filled + f.quantity, so_far.value + f.value
                so_far.maker_value += f.value if f.liquidity == "maker" else ZERO
            for component, fee in fees_of(terms, so_far, so_far.filled, so_far.value).items():
                due[component] = due.get(component, ZERO) + fee - before.get(component, ZERO)
        return due

    # Money.
    def add(self, account, currency, amount):
        account[currency] = account.get(currency, ZERO) + amount

    def move(self, kind, amount, currency, reference):
        if reference in self.references:
            if self.references[reference] != (kind, amount, currency):
                raise Refused("TR406")
            return
        signed = amount if kind == "deposit" else -amount
        if kind == "withdraw":
            if currency not in self.cash:
                raise Refused("TR404")
            if amount > self.available(currency):
                raise Refused("TR401")
        self.add(self.cash, currency, signed)
        self.add(self.capital, currency, signed)
        self.flow(signed, currency)
        if reference is not None:
            self.references[reference] = (kind, amount, currency)

    def convert(self, amount, source, target, rate):
        if source not in self.cash:
            raise Refused("TR404")
        if amount > self.available(source):
            raise Refused("TR401")
        received = rounded(amount * rate)
        if received == 0:
            raise Refused("TR403")
        for currency, signed in ((source, -amount), (target, received)):
            self.add(self.cash, currency, signed)
            self.add(self.converted, currency, signed)

    def raise_cash(self, currency, amount, position=None, but=None):
        """Somebody must be paid: by free cash, then the position's margin, then what open orders hold, then the broker."""
        missing = amount - self.available(currency)
        if missing <= 0:
            return
        if position is not None:
            taken = min(position.margin, missing)
            position.margin -= taken
            self.add(self.cash, currency, taken)
        for order in sorted(self.open_orders(), key=lambda o: -o.number):
            if self.available(currency) >= amount:
                return
            if order.held > 0 and order.instrument.currency == currency and order is not but:
                self.end(order, "cancelled", "TR234")
        missing = amount - self.available(currency)
        if missing > 0:
            self.add(self.cash, currency, missing)
            self.add(self.capital, currency, missing)
            self.flow(missing, currency)

    # Orders.
    def submit(self, order, at_least=None):
        i = order.instrument
        terms = (i.symbol, order.side, order.type, order.quantity, order.limit, order.stop, order.tif, order.expires if order.tif == "gtd" else None,
                 order.product, order.reduce_only)
        if order.type == "trailing_stop":
            terms = (*terms[:5], None, *terms[6:])
        if order.key in self.orders:
            if self.orders[order.key].terms != terms:
                raise Refused("TR204")
            return self.orders[order.key]
        held = self.position(i).quantity * (1 if order.side == "sell" else -1)
        if order.quantity <= 0 or order.quantity % i.lot != 0 and order.quantity not in (held, at_least):
            raise Refused("TR201")
        if (order.limit is not None) != (order.type in WITH_LIMIT):
            raise Refused("TR202")
        order.terms, order.number, order.submitted = terms, len(self.orders) + 1, self.now
        if order.parent is not None:
            order.planned = order.quantity
            grown = self.child_quantity(order)
            if grown == 0:
                order.status = "held"
                self.orders[order.key] = order
                return order
            order.quantity = grown
        self.judge(order)
        self.orders[order.key] = order
        return order

    def judge(self, order):
        """Accepts an order and sets its money aside, or rejects it."""
        i = order.instrument
        reference = order.limit or order.stop or i.price
        if order.type == "trailing_stop" and order.stop is None:
            order.stop = reference = trail(order, i.price)
        order.opening = max(order.quantity - order.filled - self.closable(order), ZERO)
        order.reserve_price, order.code, order.held = None, None, ZERO
        if self.fees.schedule(i) is None:
            order.code = "TR240"
        elif order.opening > 0:
            is_exact = order.limit is not None or order.side == "sell"
            order.reserve_price = rounded(reference if is_exact else reference * (1 + self.buffer))
            future = i.kind == "future"
            if order.reduce_only:
                order.code = "TR220"
            elif not self.is_margin and (order.side == "sell" or future):
                order.code = "TR225" if future else "TR402"
            elif order.side == "sell" and not i.shortable and not future:
                order.code = "TR226"
            elif self.need(order) > self.available(i.currency):
                order.code = "TR401"
        if order.code:
            order.status = "rejected"
            return
        if not order.filled:
            order.status = self.accepted
        order.held = self.need(order)
        self.positions.setdefault(i.symbol, Position(i))

    def end(self, order, status, code):
        order.status, order.code, order.held = status, code, ZERO
        if status != "replaced" and order.filled == order.busted:
            self.end_children(order)

    def end_children(self, order):
        for child in self.open_orders():
            if child.is_open and child.parent == order.key:
                self.end(child, "cancelled", "TR223")

    def child_quantity(self, child):
        """In whole lots, in proportion to what the parent has filled, less what the other legs took."""
        parent = self.orders[child.parent]
        filled, lot = parent.filled - parent.busted, child.instrument.lot
        if not parent.is_open and filled == 0:
            raise Refused("TR212")
        if filled >= parent.quantity:
            return max(child.planned - child.taken, ZERO)
        return max(lot * floor(Fraction(child.planned) * Fraction(filled) / (Fraction(parent.quantity) * Fraction(lot))) - child.taken, ZERO)

    def resize(self, order, rest, taken, code):
        if rest <= 0:
            self.end(order, "cancelled", code)
            return
        order.quantity, order.taken, order.code = order.filled + rest, order.taken + taken, code
        order.opening = min(order.opening, rest)
        order.held = min(order.held, self.need(order))

    def link(self, order, filled):
        """What a fill means for other orders."""
        is_done = order.status == "filled"  # one that came late takes its part alone
        if order.group is not None and filled > 0:
            mine = [o for o in self.open_orders() if o.group == order.group and o.leg == order.leg]
            left = sum(((o.quantity if o.planned is None else o.planned - o.taken) - o.filled for o in mine), ZERO)
            for leg in sorted({o.leg for o in self.open_orders() if o.group == order.group and o.leg != order.leg}):
                take = filled
                for other in sorted((o for o in self.open_orders() if o.group == order.group and o.leg == leg), key=lambda o: -o.number):
                    rest = other.quantity - other.filled
                    if is_done and left == 0 or take > 0:
                        self.resize(other, ZERO if is_done and left == 0 else rest - take, min(take, rest), "TR222")
                        take = max(take - rest, ZERO)
        # An exit that is done ends what is left of its entry.
        if filled > 0 and order.parent is not None and is_done and (order.group is None or left == 0):
            entry = self.orders[order.parent]
            if entry.is_open and entry.instrument is order.instrument and entry.side != order.side:
                self.end(entry, "cancelled", "TR222")
        self.bound_reducing(order.instrument)
        for child in self.open_orders():
            if child.parent == order.key and child.is_open:
                quantity = self.child_quantity(child)
                if child.status == "held" and quantity > 0:
                    child.quantity = quantity
                    self.judge(child)
                    if child.code:
                        self.end_children(child)
                elif child.status != "held" and quantity > child.quantity:
                    # Anew, with what it holds now; when that is refused it stays as it was.
                    grown, held, child.held = replace(child, quantity=quantity), child.held, ZERO
                    self.judge(grown)
                    if grown.code:
                        child.held = held
                    else:
                        child.__dict__.update(grown.__dict__, status=child.status)

    def bound_reducing(self, instrument):
        held = self.position(instrument).quantity
        for o in self.open_orders(instrument):
            most = max(held if o.side == "sell" else -held, ZERO)
            if o.reduce_only and o.is_resting and o.open_quantity > most:
                self.resize(o, most, ZERO, "TR220")

    def bound_sells(self, instrument):
        """A cash account sells only what it holds: what a bust took is not sold, latest orders first."""
        for o in sorted(self.open_orders(instrument), key=lambda o: -o.number):
            excess = self.promised(instrument, "sell") - max(self.position(instrument).quantity, ZERO)
            if excess > 0 and o.side == "sell" and o.is_resting:
                self.resize(o, o.open_quantity - excess, ZERO, "TR402")

    # Fills.
    def charge(self, before, order, fee, at):
        """By component: what the order owes with this fill less what it has paid."""
        if fee is not None:
            return {"brokerage": fee}
        schedule, day = self.fees.schedule(order.instrument), self.day(max(at, order.submitted))
        terms = schedule.known(day, day)[0]
        whole = fees_of(terms, order, order.filled - order.busted, order.value)
        if terms is not schedule.known(self.day(order.submitted), self.day(order.submitted))[0] and before.filled > before.busted:
            due, earlier = self.due(before), fees_of(terms, before, before.filled - before.busted, before.value)
            whole = {c: whole.get(c, ZERO) - earlier.get(c, ZERO) + due.get(c, ZERO) for c in {*whole, *due}}
        return {c: max(amount - order.fees.get(c, ZERO), ZERO) for c, amount in whole.items()}

    def objections(self, order, quantity, price):
        """What contradicts an execution of the order."""
        codes, left = [], order.quantity - order.filled
        if not order.is_resting:
            codes.append("TR210")
            left = max(left + order.busted, ZERO)
        if quantity > left:
            codes.append("TR208")
        held = self.position(order.instrument).quantity
        if order.reduce_only and quantity > max(held if order.side == "sell" else -held, ZERO):
            codes.append("TR220")
        if order.limit is not None and (price > order.limit if order.side == "buy" else price < order.limit):
            codes.append("TR247")
        lot = order.instrument.lot
        if quantity % lot and not order.quantity % lot and quantity != left:
            codes.append("TR248")
        return codes

    def fill(self, key, quantity, price, execution, at, fee=None, liquidity="taker", is_fact=None, is_funded=False):
        """Returns the code of the refusal, or None when it is booked (or was before). What a program says of a broker is a fact; a person says so."""
        order = self.orders[key]
        if (key, execution) in self.executions:
            known = self.executions[key, execution]
            if (known.quantity, known.price) != (quantity, price) or fee is not None and fee != known.fee:
                raise Refused("TR209")
            return None
        i, is_paper = order.instrument, self.accepted == "accepted"
        if is_fact is None:
            is_fact = not is_paper
        is_unsent = order.status == "held" or i.symbol not in self.positions or order.status == "rejected" and order.code != "TR230"
        contradictions = self.objections(order, quantity, price)
        for code in contradictions:
            if is_unsent or not is_fact and (is_paper or code not in ("TR210", "TR220")):
                return code
        before = self.position(i)
        value = i.value(quantity, price)
        after = replace(order, filled=order.filled + quantity, value=order.value + value, fees=dict(order.fees),
                        maker_value=order.maker_value + (value if liquidity == "maker" else ZERO))
        fees = self.charge(order, after, fee, at)
        for component, amount in fees.items():
            after.fees[component] = after.fees.get(component, ZERO) + amount
        fill = Fill(self.fills + 1, self.fills + 1, key, order.side, order.product, quantity, price, value, fees, liquidity, execution, at)
        position = clone(before)
        position.trade(fill)
        paid = position.money() - before.money() + fill.fee
        # What is left must pay the fill, every other reservation, and the rest of this order.
        after.held = ZERO if after.filled >= after.quantity else min(order.held, self.need(after))
        freed = order.held - after.held
        if self.available(i.currency) + freed < paid:
            if is_paper and not is_fact:
                return "TR401"
            self.raise_cash(i.currency, paid - freed, but=order)
            return self.fill(key, quantity, price, execution, at, fee, liquidity, is_fact, True)
        if order.is_open:
            after.status = "filled" if after.filled >= after.quantity else "pending_cancel" if order.status == "pending_cancel" else "partially_filled"
        order.__dict__.update(after.__dict__)
        position.fees += fill.fee
        position.story = [*before.story, fill]
        self.positions[i.symbol] = position
        self.add(self.cash, i.currency, -paid)
        self.fills += 1
        self.executions[key, execution] = fill
        contradictions += ["TR401"] if is_funded else []
        self.contradictions += [[fill.number, code] for code in sorted(contradictions)]
        self.dealt[i.symbol] = max(at, self.dealt.get(i.symbol, at))
        self.link(order, quantity)
        if contradictions and order.side == "sell" and not self.is_margin:
            self.bound_sells(i)
        return None

    def amend(self, key, execution, quantity=ZERO, price=None, fee=None, new_execution=None, at=None):
        """Takes a fill back; with a quantity, something else stands in its place. Without its order (None) an execution may be that of several."""
        named = [k for k in self.executions if k[1] == execution and key in (None, k[0])]
        if len(named) > 1:
            raise Refused("TR250")
        key = named[0][0]
        old = self.executions[key, execution]
        if not quantity and any(f.is_bust and f.corrects == old.number for f in self.executions.values()):
            return
        if quantity and quantity > old.quantity:
            raise Refused("TR219")
        if (key, new_execution) in self.executions:
            known = self.executions[key, new_execution]
            if known.is_bust or (known.corrects, known.quantity, known.price) != (old.number, quantity, price) or fee is not None and fee != known.fee:
                raise Refused("TR209")
            return
        order = self.orders[old.order]
        i = order.instrument
        if any(f.is_bust and f.corrects == old.number for f in self.executions.values()) or old.is_bust \
           or max(self.settled.get(i.symbol, (None, -1))[1], self.positions[i.symbol].split_after) >= old.number:
            raise Refused("TR235")
        fees = {} if not quantity else old.fees if fee is None else {"brokerage": fee}
        new = replace(old, number=self.fills + 2, quantity=quantity, price=price or old.price, value=i.value(quantity, price or old.price), fees=fees,
                      execution=new_execution, corrects=old.number)
        before = self.positions[i.symbol]
        story = [new if event is old else event for event in before.story if quantity or event is not old]
        after = replace(before, story=story).again()
        after.fees += new.fee - old.fee
        paid = after.money() - before.money() + new.fee - old.fee
        if self.available(i.currency) < paid:
            raise Refused("TR401")
        self.add(self.cash, i.currency, -paid)
        self.positions[i.symbol] = after
        self.fills += 1
        self.executions[key, "bust/" + execution] = replace(old, number=self.fills, is_bust=True, corrects=old.number, execution="bust/" + execution)
        if quantity:
            self.fills += 1
            self.executions[key, new_execution] = new
        self.dealt[i.symbol] = max(at, self.dealt.get(i.symbol, at))
        order.busted += old.quantity - quantity
        order.value += new.value - old.value
        if old.liquidity == "maker":
            order.maker_value += new.value - old.value
        for component in {*old.fees, *fees}:
            order.fees[component] = order.fees.get(component, ZERO) + fees.get(component, ZERO) - old.fees.get(component, ZERO)
        order.held = min(order.held, self.need(order)) if order.is_open else ZERO
        if not order.is_open and order.filled == order.busted:
            self.end_children(order)
        self.link(order, ZERO)
        if not self.is_margin:
            self.bound_sells(i)

    # What people and time do.
    def cancel(self, key):
        order = self.orders[key]
        if order.status in ("cancelled", "pending_cancel"):
            return
        if not order.is_open:
            raise Refused("TR210")
        if self.accepted == "accepted" or order.status == "held":
            self.end(order, "cancelled", "TR216")
        else:
            order.status, order.code = "pending_cancel", "TR216"

    def report(self, key, status):
        """What a broker says of an order."""
        order = self.orders[key]
        if order.status == status or status == "working" and (not order.is_open or order.status == "partially_filled"):
            return
        if not order.is_open or order.status == "held" and status == "working" or order.status == "partially_filled" and status == "rejected":
            raise Refused("TR206")
        if status == "working":
            order.status, order.code = "partially_filled" if order.filled else "working", None
        else:
            was_asked = order.status == "pending_cancel" and status == "cancelled"
            self.end(order, status, order.code if was_asked else {"rejected": "TR230", "cancelled": "TR216", "expired": "TR217"}[status])

    def expire(self, now):
        for order in self.open_orders():
            if order.is_open and order.expires is not None and order.expires <= now:
                self.end(order, "expired", "TR217")

    def replace(self, key, new_key, quantity, limit, expires):
        old = self.orders[key]
        if new_key in self.orders and self.orders[new_key].replaces == key:
            return
        if not old.is_open:
            raise Refused("TR210")
        if quantity is not None and quantity <= old.filled:
            raise Refused("TR201")
        if old.parent is not None and old.status != "held" and self.orders[old.parent].is_open:
            raise Refused("TR212")
        if any(o.parent == key and o.status != "held" for o in self.open_orders()):
            raise Refused("TR212")
        if old.status == "pending_submit":
            raise Refused("TR206")
        if new_key in self.orders:
            raise Refused("TR204")
        is_held = old.status == "held"
        rest = (quantity or (old.planned if is_held else old.quantity)) - old.filled
        new = replace(old, key=new_key, quantity=rest, limit=limit or old.limit, expires=expires, parent=old.parent if is_held else None, replaces=key, number=0,
                      status="new", code=None, reserve_price=None, opening=ZERO, planned=None, taken=ZERO, filled=ZERO, busted=ZERO, value=ZERO, maker_value=ZERO,
                      fees={}, held=ZERO, triggered=False, terms=())
        unfilled = old.quantity - old.filled
        self.end(old, "replaced", None)
        self.submit(new, unfilled)
        if new.code:
            raise Refused(new.code)
        for child in self.open_orders():
            if child.parent == key and child.status == "held":
                child.parent, child.planned, child.quantity = new_key, min(child.planned, new.quantity), min(child.quantity, new.quantity)

    def close(self, instrument, key):
        quantity = self.position(instrument).quantity
        if quantity == 0:
            raise Refused("TR215")
        for order in self.open_orders(instrument):
            if order.is_open:
                self.end(order, "cancelled", "TR216")
        self.submit(Order(key, instrument, "sell" if quantity > 0 else "buy", "market", abs(quantity)))

    def target(self, instrument, quantity, key):
        expected = self.position(instrument).quantity
        for o in self.open_orders(instrument):
            if not o.reduce_only and o.parent is None and (o.stop is None or o.triggered):
                expected += (o.quantity - o.filled) * (1 if o.side == "buy" else -1)
        if quantity != expected:
            self.submit(Order(key, instrument, "buy" if quantity > expected else "sell", "market", abs(quantity - expected)))

    def bracket(self, entry, targets, stop):
        """Targets are pairs of price and quantity; stop is an order without its links."""
        self.submit(entry)
        if entry.code:
            return
        group, side = None, "sell" if entry.side == "buy" else "buy"
        for n, (price, quantity) in enumerate(targets, 1):
            key = f"{entry.key}/target-{n}"
            group = group or key
            self.submit(Order(key, entry.instrument, side, "limit", quantity, price, product=entry.product, reduce_only=True, parent=entry.key, group=group, leg=1))
        if stop is not None:
            stop.parent, stop.group, stop.leg, stop.reduce_only = entry.key, group or stop.key, 2, True
            self.submit(stop)

    def pair(self, limit, stop):
        """Two orders that exclude each other; half a pair is none."""
        limit.group, limit.leg, stop.group, stop.leg = limit.key, 1, limit.key, 2
        self.submit(limit)
        if limit.is_open:
            self.submit(stop)
            if stop.code:
                self.end(limit, "cancelled", stop.code)

    def trail(self, key, stop):
        order = self.orders[key]
        if order.type == "trailing_stop" and order.is_open and not order.triggered and order.stop is not None and (stop > order.stop if order.side == "sell" else stop < order.stop):
            order.stop = stop

    def trigger(self, key):
        self.orders[key].triggered = True

    def split(self, instrument, new, old, price):
        ratio = Fraction(new, old)
        if instrument.symbol not in self.positions:
            return
        position = self.positions[instrument.symbol]
        position.split(ratio)
        position.story, position.split_after = [*position.story, (ratio, price)], self.fills
        after = clone(position)
        after.pay_fraction(price)
        paid = after.money() - position.money()
        if paid > 0:
            self.raise_cash(instrument.currency, paid)
        position.pay_fraction(price)
        self.add(self.cash, instrument.currency, -paid)
        for order in self.open_orders(instrument):
            scaled = lambda quantity, mode=ROUND_DOWN: exact(Fraction(quantity) * ratio, mode)
            rest = scaled(order.quantity - order.filled)
            if rest != position.quantity * (1 if order.side == "sell" else -1):
                rest -= rest % instrument.lot
            if rest == 0:
                self.end(order, "cancelled", "TR201")
            if not order.is_open:
                continue
            order.filled = max(scaled(order.filled, ROUND_HALF_UP), STEP) if order.filled else ZERO
            order.quantity = order.filled + rest
            if order.planned is not None:
                planned = scaled(order.planned)
                order.planned = max(planned - planned % instrument.lot, order.quantity)
            order.opening, order.taken = min(scaled(order.opening), rest), scaled(order.taken)
            order.busted = min(scaled(order.busted, ROUND_HALF_UP), order.filled)
            grid = floor if order.side == "buy" else ceil
            on_grid = lambda price, grid=grid: price and max(instrument.tick, instrument.tick * grid(Fraction(price) / ratio / Fraction(instrument.tick)))
            order.limit, order.stop, order.trail_amount = on_grid(order.limit), on_grid(order.stop), on_grid(order.trail_amount, ceil)
            if order.reserve_price is not None:
                order.reserve_price = order.limit or exact(Fraction(order.reserve_price) / ratio)
            order.held = min(order.held, self.need(order))

    def dividend(self, instrument, amount):
        position = self.position(instrument)
        due = rounded(position.quantity * amount)
        if due == 0:
            return
        if due < 0:
            self.raise_cash(instrument.currency, -due, position)
        self.add(self.cash, instrument.currency, due)
        self.add(self.income, instrument.currency, due)

    def days_to_settle(self, i, day, now, zone):
        """The days that are over and still to be settled, each with its kind."""
        closed = last_closed(now, zone)
        last = i.expires and last_trading(i.expires)
        wanted = day and min(last_trading(day), last or date.max)
        settled = self.settled.get(i.symbol, (None, -1))[0]
        if i.kind == "option" or last and settled and settled >= last:
            only = max(last, settled + timedelta(days=1) if settled else last)
            return [(only, last, "expiry" if i.kind == "option" else "final")] if only <= closed and wanted in (None, last) else []
        dealt = self.dealt.get(i.symbol)
        first = wanted or min(max(d for d in (settled and settled + timedelta(days=1), dealt and dealt.astimezone(zone).date()) if d), last or date.max)
        days = []
        while first <= min(closed, wanted or closed, last or closed):
            close = datetime(first.year, first.month, first.day, 16, tzinfo=zone)
            if first == last:
                days.append((first, first, "final"))
            elif trades(first) and (settled is None or first > settled) and (dealt is None or close >= dealt):
                days.append((first, first, "daily"))
            first += timedelta(days=1)
        return days

    def settle(self, kind, prices, day, now, zone):
        """Each position of the kind for the days that are over, at the price of the day, or the one that is given for the latest of them."""
        held = [p for p in sorted(self.positions.values(), key=lambda p: p.instrument.number) if p.instrument.kind == kind]
        if day is not None and any(p.quantity for p in held) and last_trading(day) > last_closed(now, zone):
            raise Refused("TR245")
        while True:
            over = [o for o in self.open_orders() if o.instrument.kind == kind and o.instrument.expires and last_trading(o.instrument.expires) <= min(last_closed(now, zone), day or date.max)]
            if not over:
                break
            self.end(min(over, key=lambda o: o.number), "expired", "TR233")
        for position in held:
            i, unpriced = position.instrument, []
            days = self.days_to_settle(i, day, now, zone) if position.quantity else []
            for row_day, price_day, what in days:
                source = i.settlement_source(what)
                price = None
                if row_day == days[-1][0]:
                    price = prices.get(source.symbol)
                    if price is None and kind == "future":
                        price = prices.get(i.symbol)
                if price is None:
                    price = source.price_of_day(price_day, zone)
                if price is None:
                    unpriced.append(row_day)
                    continue
                unpriced = []
                if what == "daily":
                    self.settle_daily(position, price)
                elif what == "final":
                    self.settle_final(position, price)
                else:
                    self.expire_option(position, price)
                self.settled[i.symbol] = (row_day, self.fills)
                self.dealt.pop(i.symbol, None)
            if days:
                self.unpriced.pop(i.symbol, None)
            if unpriced:
                self.unpriced[i.symbol] = (unpriced[0], unpriced[-1])

    def settle_daily(self, position, price):
        i = position.instrument
        value, before = i.value(position.quantity, price), position.margin
        if value < position.cost:
            self.raise_cash(i.currency, position.cost - value, position)
        self.add(self.cash, i.currency, position.mark(price))
        margin = min(rounded(abs(value) * i.initial), position.margin + self.available(i.currency))
        self.add(self.cash, i.currency, position.margin - margin)
        position.margin = margin
        position.story.append(Settlement(price, margin - before))

    def settle_final(self, position, price):
        i = position.instrument
        value = i.value(position.quantity, price)
        gain = value - position.cost
        if gain < 0:
            self.raise_cash(i.currency, -gain, position)
        self.add(self.cash, i.currency, gain + position.margin)
        position.end(abs(value))
        position.story.append(Settlement(price, ZERO, abs(value)))

    def expire_option(self, position, price):
        i = position.instrument
        value = rounded(abs(position.quantity) * max(price - i.strike, ZERO) * i.multiplier)
        sign = 1 if position.quantity > 0 else -1
        if sign < 0 and value > position.margin:
            self.raise_cash(i.currency, value - position.margin, Position(i))
        self.add(self.cash, i.currency, sign * value + position.margin)
        position.end(value)
        position.story.append(Settlement(price, ZERO, value))


def clone(position):
    return replace(position, lots=[replace(lot) for lot in position.lots])


def trail(order, price):
    """Where a trailing stop stands when the price is the best so far: on the grid, away from the market."""
    tick, distance = order.instrument.tick, order.trail_amount or price * order.trail_percent / 100
    if order.side == "sell":
        return max(tick * floor(Fraction(price - distance) / Fraction(tick)), tick)
    return tick * ceil(Fraction(price + distance) / Fraction(tick))


# Days of 2024, from March on, on which New York does not trade, or closes at 13:00.
HOLIDAYS = {(3, 29), (5, 27), (6, 19), (7, 4), (9, 2), (11, 28), (12, 25)}
SHORTENED = {(7, 3), (11, 29), (12, 24)}


def session_close(now, zone):
    """The New York close that ends a day order: 16:00 local, Monday to Friday, but for holidays."""
    local = now.astimezone(zone)
    day = local.date()
    while True:
        date = (day.month, day.day)
        close = datetime(day.year, day.month, day.day, 13 if date in SHORTENED else 16, tzinfo=zone)
        if day.isoweekday() <= 5 and date not in HOLIDAYS and close > now:
            return close
        day += timedelta(days=1)


def trades(day):
    return day.isoweekday() <= 5 and (day.month, day.day) not in HOLIDAYS


def last_trading(day):
    while not trades(day):
        day -= timedelta(days=1)
    return day


def last_closed(now, zone):
    """The latest New York day whose session is over."""
    local = now.astimezone(zone)
    return last_trading(local.date() if local.time() >= time(16) else local.date() - timedelta(days=1))
