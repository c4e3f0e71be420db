import Charts
import Dashboards
import EngineStore
import LibPQ

/// Finds what the variables of dashboards are, and runs the queries of their panels.
struct DashboardQueries {
  private let store: PanelStore
  private let span: ClosedRange<ChartTime>
  private let given: [String: [String]]

  /// - Parameter given: values of variables, by name.
  init(_ store: PanelStore, span: ClosedRange<ChartTime>, given: [String: [String]]) {
    self.store = store
    self.span = span
    self.given = given
  }

  func content(of dashboard: Dashboard) async throws -> DashboardPage.Content {
    var content = DashboardPage.Content(dashboard, values: try await values(of: dashboard))
    for panel in dashboard.panels {
      guard panel.kind != .row else {
        content.answers.append(nil)
        continue
      }
      let start = ContinuousClock.now
      content.answers.append(try await answer(of: panel, content.values))
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      if seconds > content.slowest?.seconds ?? 0 { content.slowest = (panel, seconds) }
    }
    return content
  }

  private func interval(points: Double) -> Interval {
    Interval(span: span.upperBound.seconds - span.lowerBound.seconds, points: points)
  }

  private func answer(of panel: Panel, _ values: [String: [String]]) async throws -> DashboardPage.Answer {
    let interval = interval(points: PanelDrawing.points(of: panel))
    do {
      let sql = try QueryTemplate(values: values, span: span, interval: interval).expanded(panel.sql)
      return .table(try await store.table(sql), interval)
    } catch let error as PostgresError where [.connectionLost, .closed].contains(error.code) {
      // Nobody is there to ask the others.
      throw error
    } catch let error where error is PostgresError || error is StoreError || error is DashboardError {
      return .failed(Failure.text(of: error))
    }
  }

  // MARK: Variables

  /// In the order in which they stand: queries of later ones may name earlier ones.
  private func values(of dashboard: Dashboard) async throws -> [String: [String]] {
    var values: [String: [String]] = [:]
    for variable in dashboard.variables {
      let known: [String]
      switch variable.kind {
      case .custom: known = variable.query.split(separator: ",").map(String.init)
      case .query:
        let template = QueryTemplate(values: values, span: span, interval: interval(points: 1_000))
        known = try await store.values(try template.expanded(variable.query))
      }
      if let wanted = given[variable.name] {
        values[variable.name] = try wanted.map { try Self.found($0, in: known, of: variable) }
      } else if variable.isMultiple {
        values[variable.name] = known
      } else {
        // Without any value the SQL still compares with a text.
        values[variable.name] = [variable.initial ?? known.first ?? ""]
      }
    }
    return values
  }

  /// The value that somebody means: `IBM` is `US:IBM`, as long as there is no other.
  private static func found(_ wanted: String, in known: [String], of variable: Dashboard.Variable) throws -> String {
    if known.contains(wanted) { return wanted }
    let alike = known.filter { $0.hasSuffix(":\(wanted)") }
    if alike.count == 1 { return alike[0] }
    let candidates = alike.isEmpty ? known : alike
    let shown = candidates.prefix(10).joined(separator: ", ") + (candidates.count > 10 ? " and others" : "")
    throw UserError(
      "--\(variable.name) \(wanted): \(alike.isEmpty ? "there is none" : "there are several"); "
        + (shown.isEmpty ? "there are no values at all" : "write one of \(shown)"))
  }
}
