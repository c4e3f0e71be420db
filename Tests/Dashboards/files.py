"""Whether deploy/grafana is what its generator writes, what its schema allows, and what Grafana's own model knows.

The schema needs jsonschema (Debian: python3-jsonschema). The model needs a Python with the SDK:
  python3 -m venv sdk && sdk/bin/pip install 'grafana-foundation-sdk==1769699379!11.6.0'
  BOURSE_GRAFANA_PYTHON=$PWD/sdk/bin/python Tests/Dashboards/files.py
"""

import json
import os
import re
import subprocess
import sys

import grafana

# Reads a dashboard, and writes what the SDK's model keeps of it.
ROUND_TRIP = """
import json, sys
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
register_default_plugins()
print(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(json.load(sys.stdin))))
"""


def lost(ours, theirs, path=""):
    """What of ours is not in theirs, with the same value."""
    if isinstance(ours, dict):
        for key, value in ours.items():
            if not isinstance(theirs, dict) or key not in theirs:
                yield f"{path}/{key} is lost"
            else:
                yield from lost(value, theirs[key], f"{path}/{key}")
    elif isinstance(ours, list):
        if not isinstance(theirs, list) or len(ours) != len(theirs):
            yield f"{path} is another list"
        else:
            for place, value in enumerate(ours):
                yield from lost(value, theirs[place], f"{path}/{place}")
    elif ours != theirs:
        yield f"{path}: {ours!r} became {theirs!r}"


def links_of(board, uids):
    """Links to dashboards or variables that are not there."""
    for target, query in re.findall(r"/d/([\w-]+)\?([^\"]*)", json.dumps(board)):
        if target not in uids:
            yield f"links to {target}, which is not there"
        else:
            known = {variable["name"] for variable in uids[target]["templating"]["list"]}
            yield from (f"sets {name} of {target}" for name in re.findall(r"var-(\w+)=", query) if name not in known)


def variables_of(board):
    """Variables that are used and not there, or the other way round, or before what they depend on."""
    seen = set()
    for variable in board["templating"]["list"]:
        used = set(re.findall(r"\$\{(\w+):sqlstring\}", variable["query"]))
        if used - seen:
            yield f"the variable {variable['name']} comes before {', '.join(used - seen)}"
        seen.add(variable["name"])
    used = set(re.findall(r"\$\{(\w+)[:}]", json.dumps([p["targets"] for p in grafana.panels(board)])))
    yield from (f"the variable {name} is not there" for name in used - seen)
    yield from (f"no query uses the variable {name}" for name in seen - used)
    for panel in grafana.panels(board):
        if re.search(r"\$\{\w+(?!\w*:sqlstring\})[:}]|\$[a-z]", panel["targets"][0]["rawSql"]):
            yield f"{panel['title']}: a variable without sqlstring"


def overlaps(board):
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in taken:
                    yield f"{panel['title']} lies on {taken[x, y]}"
                    return
                taken[x, y] = panel["title"]


def provisioned():
    """What the files that Grafana reads at its start get wrong."""
    try:
        import yaml
    except ImportError:
        print("skipped: the YAML of provisioning, since Python has no yaml (python3-yaml)")
        return
    files = {path.relative_to(grafana.FOLDER / "provisioning").as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
             for path in (grafana.FOLDER / "provisioning").rglob("*.*")}
    (source,) = files["datasources/bourse.yaml"]["datasources"]
    if {"type": source["type"], "uid": source["uid"]} != grafana.panels(grafana.boards()["home"])[0]["datasource"]:
        yield "the data source of the dashboards is not the one that is provisioned"
    receivers = {point["name"] for point in files["alerting/contact-points.yaml"]["contactPoints"]}
    rules = [rule for group in files["alerting/rules.json"]["groups"] for rule in group["rules"]]
    yield from (f"{rule['title']} tells nobody who is there" for rule in rules
                if rule["notification_settings"]["receiver"] not in receivers)
    if len({rule["uid"] for rule in rules}) < len(rules) or not rules:
        yield "rules of alerts without identifiers of their own"
    yield from (f"{name} is no file of Grafana's" for name, content in files.items() if content.get("apiVersion") != 1)


def main():
    if subprocess.run([sys.executable, grafana.FOLDER / "dashboards.py", "--check"]).returncode:
        sys.exit(1)
    boards, faults = grafana.boards(), []
    uids = {board["uid"]: board for board in boards.values()}
    queries = sum(len(grafana.panels(board)) for board in boards.values())
    if len(uids) < len(boards) or queries < 40:
        faults.append(f"{len(uids)} identifiers of {len(boards)} dashboards, {queries} queries")
    for name, board in boards.items():
        titles = [panel["title"] for panel in grafana.panels(board)]
        faults += [f"{name}: two panels are called {title}" for title in set(titles) if titles.count(title) > 1]
        faults += [f"{name}: {fault}" for check in (variables_of(board), links_of(board, uids), overlaps(board))
                   for fault in check]

    faults += provisioned()
    try:
        import jsonschema
        schema = json.loads((grafana.FOLDER / "dashboard.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        faults += [f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
                   for name, board in boards.items() for error in validator.iter_errors(board)]
    except ImportError:
        print("skipped: the schema of dashboards, since Python has no jsonschema (python3-jsonschema)")

    python = os.environ.get("BOURSE_GRAFANA_PYTHON")
    if python:
        for name, board in boards.items():
            run = subprocess.run([python, "-c", ROUND_TRIP], input=json.dumps(board), text=True, capture_output=True)
            if run.returncode:
                faults.append(f"{name}: {run.stderr.strip()[-1000:]}")
            else:
                faults += [f"{name}: {fault} in Grafana's model" for fault in lost(board, json.loads(run.stdout))]
    else:
        print("skipped: Grafana's own model of dashboards, since BOURSE_GRAFANA_PYTHON names no Python with its SDK")
    if faults:
        sys.exit("\n".join(faults))
    print(f"counted: {len(boards)} dashboards, {queries} queries")


if __name__ == "__main__":
    main()
