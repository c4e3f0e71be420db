import LibPQ

/// Figures of the database for a monitoring system, from views: each row is a set of labels, each figure of it a metric.
/// deploy/prometheus/queries.yml has the same for the exporter of PostgreSQL.
package struct MetricQuery: Sendable {
  package struct Figure: Sendable {
    package let name, help: String
    package var isCounter = false
  }

  /// What the names of its metrics begin with.
  package let name: String
  /// Gives labels as text and figures as float8; a figure that is NULL is left out.
  package let sql: String
  package let labels: [String]
  package let figures: [Figure]

  package static let all = [
    MetricQuery(
      name: "bourse_portfolio",
      sql: """
        SELECT s.owner::text AS owner, s.portfolio::text AS portfolio, s.currency::text AS currency,
               s.equity::float8 AS equity, s.available::float8 AS available, s.unrealised_pnl::float8 AS unrealised_profit,
               s.positions::float8 AS positions, s.open_orders::float8 AS open_orders,
               (SELECT max(o.order_id) FROM trading.orders AS o
                 WHERE o.portfolio_id = p.portfolio_id)::float8 AS orders_total,
               (SELECT max(f.fill_id) FROM trading.fills AS f
                 WHERE f.portfolio_id = p.portfolio_id)::float8 AS fills_total
          FROM trading.portfolio_summary AS s
          JOIN trading.portfolios AS p ON p.owner = s.owner AND p.name = s.portfolio
        """,
      labels: ["owner", "portfolio", "currency"],
      figures: [
        Figure(name: "equity", help: "Worth of the portfolio, in its currency."),
        Figure(name: "available", help: "Money that orders may still use, in its currency."),
        Figure(name: "unrealised_profit", help: "Profit of open positions at the latest prices, in its currency."),
        Figure(name: "positions", help: "Open positions."),
        Figure(name: "open_orders", help: "Open orders."),
        Figure(
          name: "orders_total", help: "Orders that were ever submitted, those that were rejected included.",
          isCounter: true),
        Figure(name: "fills_total", help: "Fills that were ever booked.", isCounter: true),
      ]),
    MetricQuery(
      name: "bourse_limit",
      sql: """
        SELECT u.owner::text AS owner, u.portfolio::text AS portfolio, u."limit" AS "limit", max(u.share) AS use_ratio
          FROM reporting.limit_use AS u GROUP BY 1, 2, 3
        """,
      labels: ["owner", "portfolio", "limit"],
      figures: [Figure(name: "use_ratio", help: "What is used of a limit, 1 at its bound.")]),
    MetricQuery(
      name: "bourse_cursor",
      sql: """
        SELECT l.owner::text AS owner, l.portfolio::text AS portfolio, l.lag_seconds FROM reporting.cursor_lag AS l
        """,
      labels: ["owner", "portfolio"],
      figures: [
        Figure(
          name: "lag_seconds",
          help: "How far the service is behind the latest prices of what the portfolio trades, in event time.")
      ]),
    MetricQuery(
      name: "bourse_runner",
      sql: """
        SELECT DISTINCT ON (r.name, r.host) r.name::text AS runner, r.host::text AS host,
               (r.state = 'running')::int::float8 AS up, (r.state = 'killed')::int::float8 AS killed, r.age_seconds
          FROM reporting.runners AS r ORDER BY r.name, r.host, r.runner_id DESC
        """,
      labels: ["runner", "host"],
      figures: [
        Figure(name: "up", help: "1 while the runner holds its portfolios, 0 otherwise."),
        Figure(name: "killed", help: "1 when the runner is gone and did not say that it stopped, 0 otherwise."),
        Figure(name: "age_seconds", help: "Seconds since the runner's last sign of life."),
      ]),
    MetricQuery(
      name: "bourse_live_feed",
      sql: """
        SELECT f.feed::text AS feed, f.age_seconds, f.rejected_ticks::float8 AS rejected_ticks
          FROM reporting.feed_health AS f WHERE f.portfolio IS NULL
        """,
      labels: ["feed"],
      figures: [
        Figure(name: "age_seconds", help: "Seconds since the live feed brought something."),
        Figure(name: "rejected_ticks", help: "Ticks of the live feed that were rejected during the last day."),
      ]),
    MetricQuery(
      name: "bourse_portfolios",
      sql: """
        SELECT (SELECT count(*) FROM reporting.blocked_portfolios)::float8 AS blocked,
               (SELECT count(DISTINCT (u.owner, u.portfolio)) FROM reporting.unpriced_settlements AS u)::float8 AS unsettled
        """,
      labels: [],
      figures: [
        Figure(name: "blocked", help: "Portfolios that a session keeps locked."),
        Figure(name: "unsettled", help: "Portfolios that hold what cannot be settled for want of a price."),
      ]),
    MetricQuery(
      name: "bourse_alerts",
      sql: """
        SELECT a.severity::text AS severity, count(*)::float8 AS open
          FROM ops.alerts AS a WHERE a.state <> 'resolved' GROUP BY 1
        """,
      labels: ["severity"],
      figures: [Figure(name: "open", help: "Alerts of the database's own rules that are not resolved.")]),
    MetricQuery(
      name: "bourse_database",
      sql: """
        SELECT h.metric, h.unit, h.value AS health FROM reporting.database_health AS h WHERE h.subject IS NULL
        """,
      labels: ["metric", "unit"],
      figures: [
        Figure(name: "health", help: "A figure of the server or the database, as reporting.database_health has it.")
      ]),
    MetricQuery(
      name: "bourse_replication",
      sql: """
        SELECT r.kind, r.name::text AS name, max(r.lag_bytes) AS lag_bytes, max(r.lag_seconds) AS lag_seconds
          FROM reporting.replication AS r GROUP BY 1, 2
        """,
      labels: ["kind", "name"],
      figures: [
        Figure(name: "lag_bytes", help: "Write-ahead log that a copy of the database has still to replay."),
        Figure(name: "lag_seconds", help: "How far a copy of the database is behind."),
      ]),
  ]

  /// The queries as prometheus-postgres-exporter reads them (`--extend.query-path`).
  package static var exporterFile: String {
    var text = """
      # Figures of the views of Bourse for prometheus-postgres-exporter (--extend.query-path), for those who scrape the
      # database alone. The same as bourse run --metrics has; docs/metrics.md. Written by MetricQueryTests.

      """
    for query in all {
      text += "\n\(query.name):\n  cache_seconds: 5\n  query: |\n"
      for line in query.sql.split(separator: "\n") { text += "    \(line)\n" }
      text += "  metrics:\n"
      for label in query.labels {
        text += "    - \(label):\n        usage: LABEL\n        description: A label.\n"
      }
      for figure in query.figures {
        text += "    - \(figure.name):\n        usage: \(figure.isCounter ? "COUNTER" : "GAUGE")\n"
        text += "        description: \"\(figure.help)\"\n"
      }
    }
    return text
  }
}

extension EngineStore {
  /// The rows of a query for metrics.
  package nonisolated(nonsending) func figures(
    of query: MetricQuery
  ) async throws -> [(labels: [String], values: [Double?])] {
    try await connection.query(query.sql).map { row in
      (
        labels: try query.labels.map { try row[$0].ifPresent?.string ?? "" },
        values: try query.figures.map { try row[$0.name].ifPresent?.double }
      )
    }
  }
}
