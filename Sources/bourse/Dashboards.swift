import ArgumentParser
import Charts
import Dashboards
import EngineStore
import FoundationEssentials
import LibPQ
import Migrator
import TradingCore

struct DashboardsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboards",
    abstract: "Draw the dashboards of Grafana as a page that needs no Grafana.",
    discussion: """
      The page is one file that needs no network: the panels of deploy/grafana/dashboards, with the same SQL, in one \
      transaction that only reads. Without --from and --until it shows the dashboards' own span of time, up to now; where the \
      data ended before that, as after a replay, all of it. A panel whose query fails shows why, and the exit status is 1.
      """)

  @Option(help: ArgumentHelp("Write the page into this file.", valueName: "file"))
  var html: String

  @Option(
    help: ArgumentHelp(
      "Draw this one, such as home or portfolio; may be repeated. The default is all.", valueName: "name"))
  var dashboard: [String] = []

  @Option(help: ArgumentHelp("Begin here (ISO 8601; a date alone is midnight UTC).", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("End here (ISO 8601).", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Whose portfolios; the default is the first by name.", valueName: "role"))
  var owner: String?

  @Option(help: ArgumentHelp("Show this portfolio; may be repeated. The default is all.", valueName: "name"))
  var portfolio: [String] = []

  @Option(
    help: ArgumentHelp(
      "Show this strategy, or (people); may be repeated. The default is all.", valueName: "name"))
  var strategy: [String] = []

  @Option(help: ArgumentHelp("The instrument of Trading; the default is the first by name.", valueName: "symbol"))
  var symbol: String?

  @Option(help: ArgumentHelp("Length of its candles: 1 minute, 1 hour, 1 day and so on.", valueName: "length"))
  var resolution: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Show this backtest; may be repeated. The default is the latest 200.", valueName: "run"))
  var runs: [String] = []

  @Option(help: ArgumentHelp("The longest time for a query.", valueName: "seconds"))
  var timeout = 30

  @OptionGroup var database: DatabaseOptions

  func validate() throws {
    _ = try (PaceOptions.time(from), PaceOptions.time(until))
    guard (1...3_600).contains(timeout) else { throw ValidationError("--timeout \(timeout): write 1 to 3600 seconds") }
  }

  /// What variables were given.
  private var given: [String: [String]] {
    [
      "owner": owner.map { [$0] } ?? [], "portfolio": portfolio, "strategy": strategy,
      "symbol": symbol.map { [$0] } ?? [], "resolution": resolution.map { [$0] } ?? [], "run": runs,
    ].filter { !$0.value.isEmpty }
  }

  func run() async throws {
    let dashboards = try chosenDashboards()
    for name in given.keys.sorted() where !dashboards.contains(where: { $0.variables.contains { $0.name == name } }) {
      throw UserError("--\(name): none of these dashboards asks for it")
    }
    let result = try await database.withConnection(of: "dashboards") { connection in
      try await PanelStore.with(connection, timeoutSeconds: timeout) { try await draw(dashboards, $0) }
    }
    try writePage(result.page.html, of: "dashboards", to: html)
    print(
      "dashboards: \(html), \(counted(result.page.panels, "panel")), \(DashboardPage.text(result.span))")
    if let first = result.page.faults.first {
      throw StoreError(
        "\(result.page.faults.count) of \(counted(result.page.panels, "panel")) could not be drawn: \(first)")
    }
  }

  private func draw(
    _ dashboards: [Dashboard], _ store: PanelStore
  ) async throws -> (page: DashboardPage.Result, span: ClosedRange<ChartTime>) {
    let (now, name) = try await store.place()
    let span = try DashboardSpan.chosen(
      from: try PaceOptions.time(from).map(ChartTime.init), until: try PaceOptions.time(until).map(ChartTime.init),
      own: dashboards.map(\.spanSeconds).max() ?? 0, data: try await store.span(), now: now)
    let queries = DashboardQueries(store, span: span, given: given)
    var contents: [DashboardPage.Content] = []
    for dashboard in dashboards { contents.append(try await queries.content(of: dashboard)) }
    let slowest = contents.compactMap(\.slowest).max { $0.seconds < $1.seconds }.map {
      " The slowest query, of \($0.panel.title), took \(ValueFormat.duration.text($0.seconds))."
    }
    let page = DashboardPage(
      contents, span: span, lead: "Database \(name).",
      footer: "Made by Bourse \(Bourse.version), \(ChartTime(seconds: now.rounded(.down)).text) UTC.\(slowest ?? "")")
    return (page.draw(), span)
  }

  // MARK: Files

  private static let folder = "deploy/grafana/dashboards"

  /// Home first, the others by their titles.
  private func chosenDashboards() throws -> [Dashboard] {
    let share = try ShareDirectory.locate(
      containing: "\(Self.folder)/home.json", explicit: nil, environment: ProcessInfo.processInfo.environment)
    let folder = "\(share)/\(Self.folder)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }
    for name in dashboard where !names.contains(name) {
      throw UserError("there is no dashboard \"\(name)\"; there are \(names.sorted().joined(separator: ", "))")
    }
    let chosen = dashboard.isEmpty ? names : names.filter(dashboard.contains)
    let read = try chosen.map { name in
      let file = "\(folder)/\(name).json"
      guard let json = FileManager.default.contents(atPath: file) else { throw UserError("\(file) cannot be read") }
      return (name: name, dashboard: try Dashboard.read(json, file: file))
    }
    return read.sorted { ($0.name == "home" ? "" : $0.dashboard.title) < ($1.name == "home" ? "" : $1.dashboard.title) }
      .map(\.dashboard)
  }
}

extension ChartTime {
  fileprivate init(_ time: Timestamp) { self.init(seconds: Double(time.microseconds) / 1e6 + 946_684_800) }
}
