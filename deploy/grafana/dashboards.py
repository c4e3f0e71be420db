#!/usr/bin/env python3
"""Writes dashboards/*.json and provisioning/alerting/rules.json; --check compares them instead."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
from boards import alerts, backtests, execution, home, portfolio, strategies, system, trading  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent
FILES = {f"dashboards/{name}.json": content for name, content in {
    "home": home.BOARD, "trading": trading.BOARD, "portfolio": portfolio.BOARD, "strategies": strategies.BOARD,
    "execution": execution.BOARD, "system": system.BOARD, "backtests": backtests.BOARD}.items()
} | {"provisioning/alerting/rules.json": alerts.RULES}


def main():
    stale = []
    for name, content in FILES.items():
        path, text = FOLDER / name, json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    known = {FOLDER / name for name in FILES}
    unknown = [str(path.relative_to(FOLDER)) for path in (FOLDER / "dashboards").glob("*.json") if path not in known]
    if "--check" in sys.argv and stale + unknown:
        sys.exit("not what deploy/grafana/dashboards.py writes (make dashboards): " + ", ".join(stale + unknown))


if __name__ == "__main__":
    main()
