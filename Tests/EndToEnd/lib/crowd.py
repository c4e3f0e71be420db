#!/usr/bin/env python3
"""Eight people at two portfolios, all at once: submit, fill, cancel, replace, halt, leave in a panic; the same call by two of them.

crowd.py SECONDS [CLIENTS], or until it is told to end by SIGTERM; the database by PGHOST, PGPORT, PGUSER and PGDATABASE. A server that goes away is waited for, and what was asked
meanwhile is asked again with the same keys, as a client in trouble does. At the end every answer that anybody has seen must be in the
tables, nothing else may be there, and the books must be sound. SEED chooses what they do.
"""
import collections
import os
import random
import signal
import subprocess
import sys
import threading
import time

SECONDS = float(sys.argv[1])
CLIENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 8
SEED = int(os.environ.get("SEED", "1"))
PORTFOLIOS = ["cash", "margin"]
T = "'2024-01-08 15:00Z'"
STOPPED = threading.Event()


class Gone(Exception):
    """The connection broke: nobody knows whether the statement was committed."""


class Client:
    def __init__(self):
        self.process = None

    def connect(self, patience=60):
        deadline = time.monotonic() + patience
        while True:
            self.process = subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                if self.ask("SELECT 1") == (None, "1"):
                    return
            except Gone:
                pass
            if time.monotonic() > deadline:
                raise SystemExit("the server did not come back")
            time.sleep(0.05)

    def ask(self, statement):
        """SQLSTATE or None, and what came."""
        try:
            self.process.stdin.write(statement + ";\n\\echo == :ERROR :SQLSTATE\n")
            self.process.stdin.flush()
            lines = []
            for line in self.process.stdout:
                if line.startswith("== "):
                    _, failed, code = line.split()
                    # Class 57: the server is going down, or coming up.
                    if failed == "true" and (code.startswith(("57", "08")) or code == "00000"):
                        raise Gone
                    return (code if failed == "true" else None), "".join(lines).strip()
                lines.append(line)
        except BrokenPipeError:
            pass
        raise Gone


class Crowd:
    def __init__(self):
        self.lock = threading.Lock()
        self.seen = {}                          # key of an answer → the answer
        self.orders = collections.deque(maxlen=60)  # (portfolio, client_order_id, quantity) to meddle with
        self.outcomes = collections.Counter()
        self.broken = []

    def remember(self, key, answer):
        with self.lock:
            first = self.seen.setdefault(key, answer)
            if first != answer:
                self.broken.append(f"{key} was answered {first} and then {answer}")

    def fail(self, text):
        with self.lock:
            self.broken.append(text)


def act(crowd, client, me, number, rng):
    """One statement, to be asked until it is answered; returns what to do with the answer."""
    portfolio = rng.choice(PORTFOLIOS)
    kind = rng.choices(["submit", "bracket", "fill", "cancel", "replace", "deposit", "halt", "resume", "close", "panic", "snapshot"],
                       [30, 6, 45, 8, 6, 3, 1, 8, 2, 0.5, 3])[0]
    if kind in ("fill", "cancel", "replace") and not crowd.orders:
        kind = "submit"
    if kind == "submit":
        # One key in ten is somebody else's: two people ask for the same order.
        key = f"o{number // 3}" if rng.random() < 0.1 else f"o{me}-{number}"
        terms = random.Random(key)
        side, quantity, price = terms.choice(["buy", "sell"]), terms.randint(1, 9), terms.choice([None, 90, 99, 100, 101, 110])
        portfolio = terms.choice(PORTFOLIOS)
        crowd.orders.append((portfolio, key, quantity))
        return ("order", portfolio, key), (f"SELECT order_id FROM trading.submit_order('{portfolio}', 'IBM', '{side}', {quantity}"
            + (f", 'limit', {price}" if price else "") + f", time_in_force => 'gtc', client_order_id => '{key}', at => {T})")
    if kind == "bracket":
        key = f"b{me}-{number}"
        for part in ("", "/target-1", "/stop"):
            crowd.orders.append((portfolio, key + part, 4))
        return ("order", portfolio, key), (f"SELECT order_id FROM trading.submit_bracket('{portfolio}', 'IBM', 'buy', 4, 'limit', 100, take_profits => '{{110}}', stop_loss => 90, "
            f"time_in_force => 'gtc', client_order_id => '{key}', at => {T}) LIMIT 1")
    if kind == "deposit":
        return ("deposit", portfolio, f"d{me}-{number}"), f"SELECT transfer_id FROM ledger.deposit('{portfolio}', 50, reference => 'd{me}-{number}', at => {T})"
    if kind == "halt":
        return None, f"SELECT 1 FROM risk.halt('portfolio', '{portfolio}', at => {T})"
    if kind == "resume":
        return None, f"SELECT 1 FROM risk.resume('portfolio', '{portfolio}', at => {T})"
    if kind == "close":
        return None, f"SELECT 1 FROM trading.close_position('{portfolio}', 'IBM', at => {T})"
    if kind == "panic":
        return None, f"SELECT count(*) FROM risk.emergency_exit('portfolio', '{portfolio}', at => {T})"
    if kind == "snapshot":
        return None, f"SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('cash'), trading.portfolio_id('margin')], {T})"
    portfolio, order, quantity = rng.choice(list(crowd.orders))
    if kind == "cancel":
        return ("cancel", portfolio, order), f"SELECT status FROM trading.cancel_order('{portfolio}', client_order_id => '{order}', at => {T})"
    if kind == "replace":
        key = f"r{me}-{number}"
        crowd.orders.append((portfolio, key, quantity))
        return ("order", portfolio, key), (f"SELECT order_id FROM trading.replace_order('{portfolio}', client_order_id => '{order}', new_client_order_id => '{key}', "
            f"quantity => {rng.randint(1, 9)}, at => {T})")
    # The same few executions of an order, whoever reports them.
    part = rng.randint(1, 3)
    filled = random.Random(f"{order}/{part}").randint(1, max(1, quantity // 2))
    return ("fill", portfolio, f"x/{portfolio}/{order}/{part}"), (f"SELECT fill_id FROM trading.record_fill('{portfolio}', {filled}, {random.Random(order).choice([98, 100, 102])}, "
        f"'x/{portfolio}/{order}/{part}', client_order_id => '{order}', at => {T})")


def live(crowd, me, deadline):
    rng, client, number = random.Random(f"{SEED}-{me}"), Client(), 0
    client.connect()
    while time.monotonic() < deadline and not STOPPED.is_set():
        number += 1
        key, statement = act(crowd, client, me, number, rng)
        while True:
            try:
                code, answer = client.ask(statement)
                break
            except Gone:
                client.connect()
        crowd.outcomes[code or "answered"] += 1
        if code and not code.startswith("TR"):
            crowd.fail(f"{code} for {statement}")
        elif key and not code:
            crowd.remember(key, answer)
    client.process.kill()


def check(crowd):
    client = Client()
    client.connect()

    def rows(statement):
        code, text = client.ask(statement)
        if code:
            raise SystemExit(f"{code}: {statement}")
        return [line.split("|") for line in text.splitlines()]

    orders = {(p, c): (o, s) for p, c, o, s in rows("SELECT p.name, o.client_order_id, o.order_id, o.status FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id)")}
    fills = {(p, x): f for p, x, f in rows("SELECT p.name, f.execution_id, f.fill_id FROM trading.fills AS f JOIN trading.portfolios AS p USING (portfolio_id)")}
    deposits = {(p, r): t for p, r, t in rows("SELECT p.name, t.reference, t.transfer_id FROM ledger.transfers AS t JOIN trading.portfolios AS p USING (portfolio_id) WHERE t.reference ~ '^d'")}
    for (kind, portfolio, key), answer in crowd.seen.items():
        have = {"order": orders.get((portfolio, key), (None,))[0], "cancel": orders.get((portfolio, key), (None, None))[1],
                "fill": fills.get((portfolio, key)), "deposit": deposits.get((portfolio, key))}[kind]
        if have != answer:
            crowd.fail(f"{kind} {key} of {portfolio} was answered {answer}; the table says {have}")
    for violation in rows("SELECT * FROM ops.check_invariants()"):
        crowd.fail(" ".join(violation))
    print(f"{sum(crowd.outcomes.values())} calls, {len(crowd.seen)} different answers kept, {len(orders)} orders, {len(fills)} fills; "
          + ", ".join(f"{n} × {c}" for c, n in crowd.outcomes.most_common()))
    for line in crowd.broken[:20]:
        print(f"broken: {line}")
    client.process.kill()
    return 1 if crowd.broken else 0


def main():
    setup = Client()
    setup.connect()
    for statement in (
            "SELECT 1 FROM market.add_instrument(symbol => 'IBM')",
            f"SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[timestamptz {T}], ARRAY[100::float8], ARRAY[NULL::float8])",
            "SELECT 1 FROM trading.create_portfolio('cash', capital => 2000, fee_schedule => 'us_equity', broker => 'paper-a', at => '2024-01-02')",
            "SELECT 1 FROM trading.create_portfolio('margin', capital => 2000, broker => 'paper-b', at => '2024-01-02', account_type => 'margin')",
            "SELECT 1 FROM risk.set_limit('position_quantity', 60)", "SELECT 1 FROM risk.set_limit('order_value', 5000)"):
        code, _ = setup.ask(statement)
        if code:
            raise SystemExit(f"{code}: {statement}")
    setup.process.kill()
    signal.signal(signal.SIGTERM, lambda *_: STOPPED.set())
    crowd, deadline = Crowd(), time.monotonic() + SECONDS
    threads = [threading.Thread(target=live, args=(crowd, me, deadline)) for me in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(check(crowd))


main()
