import ArgumentParser
import EngineStore
import Feeds
import LibPQ

struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load market data from CSV files.",
    discussion: """
      Files may be packed with gzip; - is standard input. Each file is stored whole or not at all, and loading it again \
      changes nothing. Rows that cannot be used go to ops.import_rejects, the others are loaded.
      """,
    subcommands: [ImportBars.self, ImportTicks.self, ImportActions.self, ImportInstruments.self, ImportHolidays.self])
}

/// How the files' columns and times are to be understood.
struct ImportOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "CSV files with a header line, plain or packed with gzip; - is standard input.", valueName: "file"))
  var files: [String]

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Column for a role, e.g. ts=Zeit (repeatable). An empty name says that the file has no such column.",
      valueName: "role=column"))
  var maps: [String] = []

  @Option(help: ArgumentHelp("IANA zone of times that name none (default: the exchange's).", valueName: "zone"))
  var timeZone: String?

  @Option(
    help: ArgumentHelp("Exchange of the symbols (default: where they are known; new ones go to US).", valueName: "code")
  )
  var exchange: String?

  @Option(help: ArgumentHelp("Symbol of all rows, for files without a column for it.", valueName: "symbol"))
  var symbol: String?

  @Option(help: ArgumentHelp("Order of day and month where dates leave it open: dmy or mdy.", valueName: "order"))
  var dateOrder: String?

  @Flag(name: .shortAndLong, help: "Show no progress and no result.")
  var quiet = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read only once") }
    _ = try fileOptions()
  }

  func fileOptions() throws -> FileOptions {
    try FileOptions(maps: maps, timeZone: timeZone, symbol: symbol, dateOrder: dateOrder)
  }

  /// What to end with when no row of these files could be used: they were not what they were taken for.
  static func refuse(_ file: String, rows: Int, _ first: RejectedRow?) -> UserError {
    guard let first else { return UserError("\(file) has no rows that could be used") }
    return UserError(
      "none of the \(rows) rows of \(file) could be used; line \(first.line): \(first.reason): \(first.content)")
  }

  /// Runs `body` with a connection; unusable input becomes a ``UserError``.
  func withConnection(check: (String) throws -> Void, _ body: (Connection) async throws -> Void) async throws {
    do {
      for file in files where file != "-" { try check(file) }
      try await database.withConnection(of: "import", body)
    } catch let error as FeedError {
      throw UserError(error.description)
    } catch let error as PostgresError where error.sqlState == "TR102" || error.sqlState == "TR103" {
      throw UserError([error.message, error.detail, error.hint].compactMap { $0 }.joined(separator: "; "))
    }
  }
}

extension FileOptions {
  /// - Parameter maps: `role=column` each.
  init(maps: [String], timeZone: String?, symbol: String?, dateOrder: String?) throws {
    let order = dateOrder.flatMap { DateOrder(rawValue: $0.lowercased()) }
    if let dateOrder, order == nil { throw ValidationError("--date-order \(dateOrder) should be dmy or mdy") }
    self.init(timeZone: timeZone, symbol: symbol, dateOrder: order)
    for text in maps {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let role = ColumnRole(rawValue: String(parts[0])) else {
        let roles = ColumnRole.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--map \(text) should be role=column, where a role is one of \(roles)")
      }
      map[role] = String(parts[1])
    }
  }
}

struct ImportBars: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bars",
    abstract: "Load bars (candles) that a vendor made.",
    discussion: """
      Needs columns for ts, symbol, open, high, low, close and volume; adjusted_close, time (of day, beside a date) and \
      series are optional. Usual names are understood, others are named with --map. Fields are separated by commas, \
      semicolons, tabs or bars.
      """)

  @OptionGroup var options: ImportOptions

  @Option(
    help: ArgumentHelp(
      "Length of the bars, e.g. 1m, 1h, 1d, 1w, 1mo (default: what their spacing says).", valueName: "length"))
  var resolution: String?

  @Option(
    help: ArgumentHelp(
      "Series of shares that count, where a file has a column for them (default: EQ).", valueName: "series,…"))
  var series: String?

  @Option(help: ArgumentHelp("Who sold the bars, as candles name their source, e.g. acme.", valueName: "name"))
  var vendor: String?

  func validate() throws {
    _ = try length()
    if let vendor {
      let isName = vendor.utf8.first.map { $0 >= 0x61 && $0 <= 0x7A } ?? false
      guard isName, vendor.utf8.count <= 63,
        vendor.utf8.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || "_.-".utf8.contains($0) })
      else { throw ValidationError("--vendor takes a lower-case name such as acme, with digits and _ . -") }
    }
  }

  private func length() throws -> BarResolution? {
    guard let resolution else { return nil }
    guard let length = BarResolution(resolution) else {
      throw ValidationError("--resolution \(resolution) is no length; write 30s, 5m, 1h, 1d, 1w or 1mo")
    }
    return length
  }

  func run() async throws {
    var fileOptions = try options.fileOptions()
    fileOptions.series = series?.split(separator: ",").map(String.init)
    try await options.run(
      FileImport(.bars, options: fileOptions, exchange: options.exchange, resolution: try length(), vendor: vendor))
  }
}

struct ImportTicks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ticks",
    abstract: "Load trades.",
    discussion: """
      Needs columns for ts, symbol, price and size; seq (the exchange's number of the trade), venue, sale_condition and \
      suspicious are optional. Usual names are understood, others are named with --map. The latest quotes are not touched.
      """)

  @OptionGroup var options: ImportOptions

  @Flag(help: "The files have all trades of their days: candles are made of them, whatever bars there are.")
  var complete = false

  func run() async throws {
    try await options.run(
      FileImport(.ticks, options: try options.fileOptions(), exchange: options.exchange, isComplete: complete))
  }
}

extension ImportOptions {
  func run(_ job: FileImport) async throws {
    var reports: [FileImport.Report] = []
    // What was stored is reported, whatever becomes of a later file.
    defer { if output.json { try? output.printJSON(["files": reports.map(ImportResult.init)]) } }
    let bar = ProgressBar(isShown: !quiet && !output.json)
    try await withConnection(check: job.check) { connection in
      for file in files {
        defer { bar.clear() }
        let report = try await job.run(file, on: connection) { bar.show(file, $0) }
        bar.clear()
        reports.append(report)
        if !output.json && !quiet { print(ImportResult(report).text) }
        let unusable = report.rejected - report.refused
        if unusable > 0 {
          Failure.write(
            "bourse: rejected \(counted(unusable, "row")) of \(report.source); "
              + "line, reason and content are in ops.import_rejects with import_id \(report.importID)")
        }
        if report.refused > 0 {
          Failure.write(
            "bourse: refused \(counted(report.refused, "tick")) of \(report.source), which cannot be: "
              + "see market.rejected_ticks, where feed is 'import \(report.importID)'")
        }
        if report.inserted + report.known == 0 { throw Self.refuse(file, rows: report.rows, report.firstReject) }
        if report.differing > 0 {
          Failure.write(
            "bourse: \(counted(report.differing, "row")) of \(report.source) with other values than what is stored of the same time, which stays"
          )
        }
      }
    }
  }
}

/// What became of a file, for people and for programs.
private struct ImportResult: Encodable {
  let source: String
  let importId: Int32
  let rows, inserted, known, differing, rejected, symbols: Int
  let resolution: String?
  let seconds, rowsPerSecond: Double

  init(_ report: FileImport.Report) {
    source = report.source
    importId = report.importID
    (rows, inserted, known, differing) = (report.rows, report.inserted, report.known, report.differing)
    (rejected, symbols, resolution) = (report.rejected, report.symbols, report.resolution)
    seconds = (report.duration / .milliseconds(1)).rounded() / 1_000
    rowsPerSecond = (Double(report.rows) / (report.duration / .seconds(1))).rounded()
  }

  var text: String {
    let content = resolution.map { "bars of \($0)" } ?? "ticks"
    return "\(source): \(counted(rows, "row")) (\(content), \(counted(symbols, "symbol"))): "
      + "\(grouped(inserted)) inserted, \(grouped(known)) already known, \(grouped(rejected)) rejected; "
      + "\(seconds) s, \(grouped(Int(rowsPerSecond))) rows/s"
  }
}
