"""The parts of a dashboard as Grafana 11 wants them in JSON. Five kinds of panels are used, so that other programs can
draw the same files: time series, candlestick, table, stat and bar gauge."""

import textwrap

SOURCE = {"type": "grafana-postgresql-datasource", "uid": "bourse"}
# Conditions of nearly every query. An array takes no value as well as many, and reaches the same indexes as IN.
MINE = "portfolio = ANY (ARRAY[${portfolio:sqlstring}]::text[]) AND owner = ${owner:sqlstring}"
WITHIN = "$__timeFilter(time)"
# Orders of people have no strategy.
OF_STRATEGIES = "coalesce(strategy, '(people)') = ANY (ARRAY[${strategy:sqlstring}]::text[])"


def _query(sql, shape):
    return {"refId": "A", "datasource": SOURCE, "format": shape, "rawQuery": True, "editorMode": "code",
            "rawSql": textwrap.dedent(sql).strip()}


def _panel(kind, title, sql, shape, description, width, height, options, defaults, overrides, no_value):
    return {"type": kind, "title": title, "description": description, "datasource": SOURCE,
            "gridPos": {"h": height, "w": width, "x": 0, "y": 0}, "targets": [_query(sql, shape)], "options": options,
            "fieldConfig": {"defaults": {"noValue": no_value} | defaults, "overrides": overrides or []}}


def steps(*pairs):
    """Thresholds: a colour, then (bound, colour) from which on another one holds."""
    base, *rest = pairs
    return {"mode": "absolute",
            "steps": [{"color": base, "value": None}] + [{"color": colour, "value": bound} for bound, colour in rest]}


def column(name, **properties):
    """What is different about a column: unit=…, custom={…}, links=[…]."""
    flat = []
    for key, value in properties.items():
        if key == "custom":
            flat += [{"id": f"custom.{part}", "value": setting} for part, setting in value.items()]
        else:
            flat.append({"id": key, "value": value})
    return {"matcher": {"id": "byName", "options": name}, "properties": flat}


def coloured(name, thresholds, **more):
    """A column whose text has the colour of its threshold."""
    return column(name, thresholds=thresholds, custom={"cellOptions": {"type": "color-text"}}, **more)


def link(name, title, board, query):
    """A column that leads to another dashboard, with the same span of time."""
    return column(name, links=[{"title": title, "url": f"/d/{board}?{query}&${{__url_time_range}}"}])


LEGEND = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
TOOLTIP = {"mode": "multi", "sort": "desc"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def time_series(title, sql, description, *, unit="short", bars=False, stack=False, points=False, logarithmic=False,
                decimals=None, width=12, height=8, no_value="nothing in this span"):
    """sql returns time, metric and value, in the order of time; or time and a column for each series."""
    custom = {"drawStyle": "bars" if bars else "points" if points else "line", "lineWidth": 1,
              "fillOpacity": 60 if bars else 8, "pointSize": 5, "showPoints": "always" if points else "never",
              "spanNulls": False, "stacking": {"mode": "normal" if stack else "none", "group": "A"},
              "scaleDistribution": {"type": "log", "log": 10} if logarithmic else {"type": "linear"}}
    defaults = {"unit": unit, "custom": custom, "color": {"mode": "palette-classic"}}
    if decimals is not None:
        defaults["decimals"] = decimals
    return _panel("timeseries", title, sql, "time_series", description, width, height,
                  {"legend": LEGEND, "tooltip": TOOLTIP}, defaults, None, no_value)


def candles(title, sql, description, *, marks, width=24, height=14, no_value="no candles in this span"):
    """sql returns time, open, high, low, close, volume and a column for each of marks: a colour by its name."""
    points = [column(name, color={"mode": "fixed", "fixedColor": colour},
                     custom={"drawStyle": "points", "pointSize": 9, "showPoints": "always"})
              for name, colour in marks.items()]
    options = {"mode": "candles+volume", "candleStyle": "candles", "colorStrategy": "open-close",
               "fields": {name: name for name in ("open", "high", "low", "close", "volume")},
               "colors": {"up": "green", "down": "red", "flat": "gray"}, "includeAllFields": True,
               "legend": LEGEND, "tooltip": TOOLTIP}
    return _panel("candlestick", title, sql, "table", description, width, height, options,
                  {"unit": "short", "custom": {"lineWidth": 1, "fillOpacity": 60}},
                  [column("volume", unit="short")] + points, no_value)


def table(title, sql, description, *, units=None, overrides=None, width=12, height=8, no_value="none"):
    """units: of columns, by name."""
    by_unit = [column(name, unit=unit) for name, unit in (units or {}).items()]
    return _panel("table", title, sql, "table", description, width, height,
                  {"showHeader": True, "cellHeight": "sm", "frameIndex": 0},
                  {"custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}},
                  by_unit + (overrides or []), no_value)


def stat(title, sql, description, *, unit="short", thresholds=None, decimals=None, width=4, height=4, no_value="none"):
    """sql returns one row: a figure for each column."""
    defaults = {"unit": unit, "thresholds": thresholds or steps("blue"), "color": {"mode": "thresholds"}}
    if decimals is not None:
        defaults["decimals"] = decimals
    return _panel("stat", title, sql, "table", description, width, height,
                  {"graphMode": "none", "colorMode": "value", "justifyMode": "auto", "textMode": "auto",
                   "orientation": "auto", "wideLayout": True, "showPercentChange": False, "reduceOptions": LAST},
                  defaults, None, no_value)


def bars(title, sql, description, *, unit="short", thresholds=None, width=12, height=8,
         no_value="nothing in this span"):
    """sql returns a name and a value: a bar for each row."""
    defaults = {"unit": unit, "thresholds": thresholds or steps("blue"), "color": {"mode": "thresholds"}}
    return _panel("bargauge", title, sql, "table", description, width, height,
                  {"displayMode": "basic", "orientation": "horizontal", "valueMode": "color", "showUnfilled": True,
                   "namePlacement": "auto", "sizing": "auto", "minVizHeight": 16, "minVizWidth": 8,
                   "maxVizHeight": 300, "reduceOptions": {"calcs": [], "fields": "", "values": True}},
                  defaults, None, no_value)


def chosen(name, label, sql, *, many=False, description=""):
    """A variable whose values a query finds. many: several, and at first all of them."""
    return {"type": "query", "name": name, "label": label, "description": description, "datasource": SOURCE,
            "query": textwrap.dedent(sql).strip(), "refresh": 2, "sort": 0, "regex": "", "multi": many,
            "includeAll": many, "hide": 0, "options": [],
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]} if many else {}}


def listed(name, label, values, *, description=""):
    """A variable with given values; the last is chosen at first."""
    return {"type": "custom", "name": name, "label": label, "description": description, "query": ",".join(values),
            "multi": False, "includeAll": False, "hide": 0,
            "current": {"selected": True, "text": values[-1], "value": values[-1]},
            "options": [{"selected": value == values[-1], "text": value, "value": value} for value in values]}


OWNER = chosen("owner", "Owner", "SELECT DISTINCT owner FROM trading.portfolios ORDER BY 1",
               description="Whose portfolios: names are unique for each owner.")
PORTFOLIOS = chosen("portfolio", "Portfolio",
                    "SELECT name FROM trading.portfolios WHERE owner = ${owner:sqlstring} ORDER BY 1", many=True,
                    description="Those that are shown to the login of the data source.")
STRATEGIES = chosen("strategy", "Strategy", """
    SELECT s.name
      FROM strategy.agents AS a
      JOIN strategy.strategies AS s USING (strategy_id)
      JOIN trading.portfolios AS p USING (portfolio_id)
     WHERE p.name = ANY (ARRAY[${portfolio:sqlstring}]::text[]) AND p.owner = ${owner:sqlstring}
     UNION SELECT '(people)'
     ORDER BY 1""", many=True, description="Strategies of agents; (people) stands for orders of nobody's agent.")


def board(name, title, description, variables, rows):
    """rows: pairs of a heading and its panels, which are laid out from left to right, 24 columns wide."""
    panels, top = [], 0
    for heading, content in rows:
        panels.append({"type": "row", "id": len(panels) + 1, "title": heading, "collapsed": False, "panels": [],
                       "gridPos": {"h": 1, "w": 24, "x": 0, "y": top}})
        top, left, tallest = top + 1, 0, 0
        for panel in content:
            place = panel["gridPos"]
            if left + place["w"] > 24:
                top, left, tallest = top + tallest, 0, 0
            panels.append(panel | {"id": len(panels) + 1, "gridPos": place | {"x": left, "y": top}})
            left, tallest = left + place["w"], max(tallest, place["h"])
        top += tallest
    return {
        "uid": f"bourse-{name}", "title": f"Bourse: {title}", "description": description, "tags": ["bourse"],
        "schemaVersion": 41, "version": 1, "editable": True, "graphTooltip": 1, "timezone": "browser",
        "refresh": "30s", "time": {"from": "now-30d", "to": "now"}, "liveNow": False, "weekStart": "",
        "fiscalYearStartMonth": 0, "annotations": {"list": []}, "templating": {"list": variables},
        "links": [{"title": "Bourse", "type": "dashboards", "tags": ["bourse"], "asDropdown": False, "icon": "",
                   "tooltip": "", "url": "", "targetBlank": False, "includeVars": True, "keepTime": True}],
        "panels": panels}
