import ArgumentParser
import EngineStore
import FoundationEssentials

struct ReportOptimization: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimization",
    abstract: "Show an optimization: as a page with charts, as JSON or as CSV.",
    discussion: """
      The page is one file that needs no network: the verdict in plain words, what the chosen values made and how much of it \
      may be luck, a map of the parameters, the windows, the best trials, and how to repeat it. research.verdict(NUMBER) \
      says the verdict in psql.
      """)

  @Argument(help: ArgumentHelp("Its number, as research.optimize says it.", valueName: "number"))
  var optimization: Int64

  @Option(help: ArgumentHelp("Write a page into this file.", valueName: "file"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Print a part as CSV: \(OptimizationReportStore.Part.allCases.map(\.rawValue).joined(separator: ", ")).",
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

  private func part() throws -> OptimizationReportStore.Part? {
    guard let csv else { return nil }
    guard let part = OptimizationReportStore.Part(rawValue: csv) else {
      throw ValidationError(
        "--csv \(csv): write \(OptimizationReportStore.Part.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return part
  }

  func run() async throws {
    try await database.withConnection(of: "report") { try await show(OptimizationReportStore($0)) }
  }

  private func show(_ store: OptimizationReportStore) async throws {
    if output.json { return print(try await store.json(of: optimization)) }
    if let part = try part() {
      return try await store.csv(part, of: optimization) {
        print(String(decoding: $0, as: UTF8.self), terminator: "")
      }
    }
    let report = try await store.report(of: optimization)
    guard let html else {
      var table = TextTable(["question", "judgement", "finding"])
      for row in report.verdict {
        table.add([row.topic.replacing("_", with: " "), row.judgement ?? "-", row.finding])
      }
      for line in table.lines { print(line) }
      return
    }
    do {
      try Data(OptimizationPage(report).html.utf8).write(to: URL(filePath: html), options: .atomic)
    } catch {
      throw UserError("the report could not be written to \(html): \(error)")
    }
    print("report of optimization \(optimization): \(html)")
  }
}
