import Telemetry

/// What a service shows over HTTP: `/metrics`, `/healthz` (its loop comes round) and `/readyz` (it trades: the database answers,
/// it has its portfolios, and its live source is connected).
package struct MetricsPages: Sendable {
  private let registry: PrometheusRegistry
  private let runner: Runner
  private let ingest: LiveIngest?
  private let database: DatabaseFigures

  package init(registry: PrometheusRegistry, runner: Runner, ingest: LiveIngest?, database: DatabaseFigures) {
    self.registry = registry
    self.runner = runner
    self.ingest = ingest
    self.database = database
  }

  package func page(_ path: String) async -> PageServer.Page? {
    switch path {
    case "/metrics":
      var text = registry.text
      ProcessFigures.write(to: &text)
      text.append(await database.figures())
      return PageServer.Page(text.text, contentType: ExpositionText.contentType)
    case "/healthz": return Self.page([("loop", runner.isAlive, runner.isAlive ? "comes round" : "hangs")])
    case "/readyz":
      let state = runner.vitals.state
      var checks = [
        ("database", await database.isReachable(), nil),
        ("runner", state == .running && runner.isAlive, state.rawValue as String?),
      ]
      if let ingest { checks.append(("feed", ingest.isUp, nil)) }
      return Self.page(checks)
    case "/": return PageServer.Page("/metrics\n/healthz\n/readyz\n")
    default: return nil
    }
  }

  private static func page(_ checks: [(name: String, isGood: Bool, detail: String?)]) -> PageServer.Page {
    let lines = checks.map { "\($0.name): \($0.isGood ? "ok" : "failed")\($0.detail.map { " (\($0))" } ?? "")\n" }
    return PageServer.Page(lines.joined(), status: checks.allSatisfy(\.isGood) ? 200 : 503)
  }
}
