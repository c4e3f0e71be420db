"""Runs every query of deploy/grafana as a login of bourse_dashboard on a database with the demo's data.

  queries.py <database>: of the server that PG… name, as its owner. Makes a role and a portfolio in it.
"""

import json
import re
import subprocess
import sys

import grafana

LOGIN, HOSTILE = "grafana_panels", "O'Brien; --"
SINCE, UNTIL = "2000-01-01T00:00:00Z", "2013-03-03T00:00:00Z"
# What the demo has nothing of, so that its panels say so.
EMPTY = {
    "execution: Fills that contradict their order", "execution: Latest rejects", "execution: Rejects by code",
    "home: Latest errors", "portfolio: Breaches", "portfolio: In force", "portfolio: Latest breaches",
    "strategies: Strategies that wait for a check", "system: Contracts that wait for a price", "system: Copies",
    "system: Errors", "system: Journal of errors", "system: Portfolios that somebody keeps locked", "system: Ticks",
    "system: Ticks that were not accepted", "system: Who waits for whom", "trading: Ticks",
    "backtests: Orders that were refused", "backtests: Searches for values",
}
NUMBERS = {"double precision", "numeric", "bigint", "integer", "real", "smallint"}
# Tables that grow without end: a panel reaches them by an index, on what the variables or the span of time name.
LARGE = {"ticks", "orders", "order_events", "fills", "portfolio_snapshots", "signals", "events", "breaches",
         "settlements", "lot_closures", "backtest_equity", "backtest_trades", "backtest_orders"}


def psql(script):
    run = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", sys.argv[1]], input=script, text=True,
                         capture_output=True)
    if run.returncode:
        sys.exit("psql: " + run.stderr.strip()[:2000])
    return run.stdout


class Session:
    """Statements of one psql, each with an answer: its lines."""

    def __init__(self):
        self.script, self.names = [f"SET SESSION AUTHORIZATION {LOGIN};\nSET statement_timeout = '60s';"], []

    def ask(self, name, statement):
        self.script.append(f"\\echo @@{len(self.names)}\n{statement}")
        self.names.append(name)

    def answers(self):
        run = subprocess.run(["psql", "-XAtq", "-d", sys.argv[1]], input="\n".join(self.script), text=True,
                             capture_output=True)
        if run.stderr.strip():
            sys.exit(f"psql: {run.stderr.strip()[:3000]}")
        parts = re.split(r"^@@(\d+)\n", run.stdout, flags=re.M)[1:]
        return {self.names[int(number)]: lines.splitlines() for number, lines in zip(parts[::2], parts[1::2])}


def values_of(board):
    """What the variables are when the dashboard is opened: the first value, or all of them."""
    values = {}
    for variable in board["templating"]["list"]:
        if variable["type"] == "custom":
            values[variable["name"]] = [variable["current"]["value"]]
            continue
        session = Session()
        session.ask("values", expanded(variable["query"], values) + ";")
        rows = session.answers()["values"]
        values[variable["name"]] = rows if variable["multi"] else rows[:1]
    return values


def expanded(sql, values):
    return grafana.expand(sql, values, SINCE, UNTIL, grafana.interval_of(SINCE, UNTIL))


def faults_of(panel, columns, rows):
    """What is wrong with the columns (pairs of name and type) and with how many rows there are."""
    names, types = [name for name, _ in columns], [kind for _, kind in columns]
    shape, kind = panel["targets"][0]["format"], panel["type"]
    if len(set(names)) < len(names):
        yield "two columns have the same name"
    if kind == "timeseries":
        if names[0] != "time" or types[0] not in NUMBERS | {"timestamp with time zone"} or shape != "time_series":
            yield "a time series begins with time"
        texts = [name for name, type_ in columns[1:] if type_ not in NUMBERS]
        if texts not in ([], ["metric"]):
            yield f"besides metric all are numbers: {columns}"
    if kind == "candlestick":
        if names[:6] != ["time", "open", "high", "low", "close", "volume"]:
            yield "candles have time, open, high, low, close and volume"
        if types[0] != "timestamp with time zone" or not set(types[1:]) <= NUMBERS:
            yield f"candles are numbers: {columns}"
    if kind == "stat" and not (set(types) <= NUMBERS and rows <= 1):
        yield f"a stat is one row of numbers: {rows} rows, {columns}"
    if kind == "bargauge" and not (len(types) == 2 and types[0] == "text" and types[1] in NUMBERS):
        yield f"bars have a name and a number: {columns}"
    if kind == "table" and "time" in names and types[names.index("time")] != "timestamp with time zone":
        yield "time of a table is a timestamptz"
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] not in names:
            yield f"there is no column {override['matcher']['options']}"
    for field in re.findall(r"\$\{__data\.fields\.(\w+)\}", json.dumps(panel)):
        if field not in names:
            yield f"a link wants the column {field}"


def scans(plan):
    """Of a plan the tables that are read, with whether an index condition finds the rows."""
    nodes = [plan]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Relation Name" in node:
            below = [node] + node.get("Plans", [])
            while any(child["Node Type"] in ("BitmapAnd", "BitmapOr") for child in below):
                below = [n for c in below for n in (c.get("Plans", []) if c["Node Type"].startswith("Bitmap") else [c])]
            yield node["Relation Name"], any("Index Cond" in child for child in below)


def main():
    psql(f"""
        DO $$ BEGIN
          IF to_regrole('{LOGIN}') IS NULL THEN CREATE ROLE {LOGIN} LOGIN IN ROLE bourse_dashboard; END IF;
        END $$;
        SELECT identity.share_portfolio('*', '{LOGIN}', 'read');
        GRANT pg_read_all_stats TO {LOGIN};
        INSERT INTO ops.alerts (rule_id, rule, subject, severity, value, opened_at, last_seen_at)
        SELECT r.rule_id, r.name, 'demo', r.severity, 60, now(), now() FROM ops.alert_rules AS r WHERE r.name = 'silent_runner';
        ANALYZE;""")
    boards = grafana.boards()
    queries = {f"{name}: {panel['title']}": (panel, board) for name, board in boards.items()
               for panel in grafana.panels(board)}
    values = {name: values_of(board) for name, board in boards.items()}
    psql(f"SELECT trading.create_portfolio('main', capital => 100, owner => {grafana.sqlstring([HOSTILE])}, at => '{UNTIL}');")
    session = Session()
    for key, (panel, board) in queries.items():
        sql = expanded(panel["targets"][0]["rawSql"], values[key.split(":")[0]])
        session.ask((key, "columns"), f"{sql} \\gdesc")
        ordered = "count(*) FILTER (WHERE q.time < q.before)" if panel["type"] == "timeseries" else "0"
        before = ", lag(q.time) OVER () AS before" if panel["type"] == "timeseries" else ""
        session.ask((key, "rows"), f"SELECT count(q::text), {ordered} FROM (SELECT q.*{before} FROM ({sql}) AS q) AS q;")
    for key, (panel, board) in queries.items():
        sql = panel["targets"][0]["rawSql"]
        names = [variable["name"] for variable in board["templating"]["list"]]
        session.ask((key, "nothing chosen"), "EXPLAIN " + expanded(sql, {
            variable["name"]: [] if variable["type"] == "query" and variable["multi"] else [""] if variable["type"] == "query"
            else ["1 day"] for variable in board["templating"]["list"]}) + ";")
        if "run" not in names:
            hostile = {name: ["1 day"] if name == "resolution" else [HOSTILE, "x' OR 'y"] if name in ("portfolio", "strategy")
                       else [HOSTILE] for name in names}
            session.ask((key, "hostile"), f"SELECT count(*) FROM ({expanded(sql, hostile)}) AS q;")
    summary = queries["home: Portfolios"][0]["targets"][0]["rawSql"]
    session.ask("theirs", f"SELECT q.portfolio, q.equity FROM ({expanded(summary, {'owner': [HOSTILE], 'portfolio': ['main']})}) AS q;")
    rules = {rule["title"]: rule["data"][0]["model"]["rawSql"] for rule in grafana.alert_rules()}
    for title, sql in rules.items():
        session.ask((title, "columns"), f"{sql} \\gdesc")
        session.ask((title, "rows"), f"SELECT count(q::text), coalesce(max(q.value), 0) FROM ({sql}) AS q;")
    session.ask("plans", "SET enable_seqscan = off; SET jit = off;")
    for key, (panel, _) in queries.items():
        session.ask((key, "plan"), "EXPLAIN (FORMAT JSON) "
                    + expanded(panel["targets"][0]["rawSql"], values[key.split(":")[0]]) + ";")
    answers = session.answers()

    faults, empty = [], set()
    for key, (panel, board) in queries.items():
        columns = [tuple(line.rsplit("|", 1)) for line in answers[key, "columns"]]
        rows, disordered = map(int, answers[key, "rows"][0].split("|"))
        if not rows:
            empty.add(key)
        if disordered:
            faults.append(f"{key}: not in the order of time")
        faults += [f"{key}: {fault}" for fault in faults_of(panel, columns, rows)]
        (plan,) = json.loads("\n".join(answers[key, "plan"]))
        faults += [f"{key}: reads all of {table}" for table, is_found in scans(plan["Plan"])
                   if table in LARGE and not is_found]
    faults += [f"{key}: no rows" for key in sorted(empty - EMPTY)]
    faults += [f"{key}: has rows, and is listed as empty" for key in sorted(EMPTY - empty)]
    if answers["Bourse says that something is wrong", "rows"] != ["1|1"]:
        faults.append("the alert that is open is not told of")
    for title in rules:
        kinds = dict(line.rsplit("|", 1) for line in answers[title, "columns"])
        if not (kinds.pop("value", None) in NUMBERS and set(kinds.values()) <= {"text"}):
            faults.append(f"{title}: an alert has texts and a value: {answers[title, 'columns']}")
    if answers["theirs"] != ["main|100"]:
        faults.append(f"the portfolio of {HOSTILE}: {answers['theirs']}")
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(queries)} queries of panels, {len(empty)} of them rightly empty, {len(rules)} of alerts")


if __name__ == "__main__":
    main()
