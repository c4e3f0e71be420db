import ArgumentParser
import EngineStore
import FoundationEssentials
import LibPQ

struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write reports for people.", subcommands: [ReportBacktest.self, ReportOptimization.self])
}

struct ReportBacktest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Show a backtest: as a page with charts, as JSON or as CSV.",
    discussion: """
      The page is one file that needs no network: equity and drawdown, prices with entries and exits, returns of months, \
      trades, every statistic with what it means, the settings, and how to repeat the run. research.summary(RUN) shows the \
      statistics in psql.
      """)

  @Argument(help: ArgumentHelp("The run's number, as bourse backtest says it.", valueName: "run"))
  var runID: Int64

  @Option(help: ArgumentHelp("Write a page into this file.", valueName: "file"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Print a part as CSV: \(BacktestReportStore.Part.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "part"))
  var csv: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [html != nil, csv != nil, output.json].count(where: { $0 }) <= 1 else {
      throw ValidationError("write one of --html FILE, --csv PART and --json")
    }
    _ = try part()
  }

  private func part() throws -> BacktestReportStore.Part? {
    guard let csv else { return nil }
    guard let part = BacktestReportStore.Part(rawValue: csv) else {
      throw ValidationError(
        "--csv \(csv): write \(BacktestReportStore.Part.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return part
  }

  func run() async throws {
    try await database.withConnection(of: "report") { try await show(BacktestReportStore($0)) }
  }

  private func show(_ store: BacktestReportStore) async throws {
    if output.json { return print(try await store.json(of: runID)) }
    if let part = try part() {
      return try await store.csv(part, of: runID) { print(String(decoding: $0, as: UTF8.self), terminator: "") }
    }
    let report = try await store.report(of: runID)
    guard let html else {
      var table = TextTable(["figure", "value"], numbers: [1])
      for figure in report.figures { table.add([figure.name, figure.value ?? "-"]) }
      for line in table.lines { print(line) }
      return
    }
    try await BacktestPage.write(report, store, to: html)
    print("report of run \(runID): \(html)")
  }
}
