"""What Grafana makes of a panel's SQL before PostgreSQL sees it: variables first, then macros."""

import datetime
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "deploy/grafana"


def boards():
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((FOLDER / "dashboards").glob("*.json"))}


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def alert_rules():
    groups = json.loads((FOLDER / "provisioning/alerting/rules.json").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def sqlstring(values):
    """${name:sqlstring}: each value as a literal, separated by commas."""
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def seconds(interval):
    """Of an interval as Grafana writes it: 30s, 5m, 2h, 1d."""
    return int(interval[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[interval[-1]]


def expand(sql, variables, since, until, interval):
    """variables: a list of values for each name; since, until: as 2013-03-01T00:00:00Z."""
    sql = re.sub(r"\$\{(\w+):sqlstring\}", lambda m: sqlstring(variables[m[1]]), sql).replace("$__interval", interval)

    def macro(match):
        name, arguments = match[1], [part.strip() for part in match[2].split(",")]
        if name == "timeFilter":
            return f"{arguments[0]} BETWEEN '{since}' AND '{until}'"
        if name == "timeFrom":
            return f"'{since}'"
        if name == "timeTo":
            return f"'{until}'"
        if name == "timeGroup":
            length = seconds(arguments[1])
            return f"floor(extract(epoch from {arguments[0]})/{length})*{length}"
        raise ValueError(f"unknown macro $__{name}")

    sql = re.sub(r"\$__(\w+)\(([^)]*)\)", macro, sql)
    if re.search(r"\$\{|\$__", sql):
        raise ValueError("something is left to expand: " + sql)
    return sql


def interval_of(since, until, points=1000):
    """What $__interval is for a panel so many points wide: days, above a day."""
    begin, end = (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (since, until))
    return f"{max(1, round((end - begin).total_seconds() / points / 86400))}d"
