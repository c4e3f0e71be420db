"""Grafana's own alert rules. The database finds what is wrong (docs/alerts.md); Grafana says so, too, and notices when
the database cannot be asked."""

from panels import SOURCE

MINUTE = 60


def rule(name, title, sql, summary, *, severity=None, lasts="1m", when_failing="Error"):
    """sql returns a row for each thing that is wrong: texts are labels, and value is above zero. Grafana replaces $NAME
    in these files: $$ stands for a dollar."""
    query = {"refId": "A", "datasourceUid": SOURCE["uid"], "relativeTimeRange": {"from": 10 * MINUTE, "to": 0},
             "model": {"refId": "A", "datasource": SOURCE, "format": "table", "rawQuery": True, "editorMode": "code",
                       "rawSql": " ".join(sql.split())}}
    above = {"refId": "B", "datasourceUid": "__expr__", "relativeTimeRange": {"from": 10 * MINUTE, "to": 0},
             "model": {"refId": "B", "type": "threshold", "expression": "A",
                       "datasource": {"type": "__expr__", "uid": "__expr__"},
                       "conditions": [{"evaluator": {"type": "gt", "params": [0]}}]}}
    return {"uid": f"bourse-{name}", "title": title, "condition": "B", "data": [query, above], "for": lasts,
            "noDataState": "OK", "execErrState": when_failing, "isPaused": False, "labels": {"severity": severity} if severity else {},
            "annotations": {"summary": summary}, "notification_settings": {"receiver": "Bourse"}}


RULES = {"apiVersion": 1, "groups": [{"orgId": 1, "name": "bourse", "folder": "Bourse", "interval": "1m", "rules": [
    rule("open", "Bourse says that something is wrong", """
         SELECT a.rule, a.subject, a.severity::text AS severity, count(*) AS value
           FROM ops.alerts AS a
          WHERE a.state = 'open'
          GROUP BY a.rule, a.subject, a.severity""",
         "{{ $$labels.rule }}: {{ $$labels.subject }} (SELECT * FROM ops.alerts)", lasts="0s"),
    rule("database", "The database cannot be asked", "SELECT 0 AS value",
         "Grafana gets no answer from the database: nothing trades, and nothing else here can tell.",
         severity="critical", when_failing="Alerting"),
]}]}
