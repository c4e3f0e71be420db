import ArgumentParser
import EngineStore
import Feeds
import LibPQ
import Logging
import Runner
import TradingCore

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Feed the past to the agents, as fast as it goes or at a pace.",
    discussion: """
      Goes on where an earlier replay of the same feed stopped, however it stopped; a feed that is done does nothing. \
      Ticks of files are stored as they are fed. `bourse replay ticks` without a file feeds those that are stored.
      """,
    subcommands: [ReplayBars.self, ReplayTicks.self, ReplaySynthetic.self])
}

struct PaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Event time per clock time, as a factor, or max.", valueName: "max|factor"))
  var speed = "max"

  @Option(
    help: ArgumentHelp(
      "Begin with what happens at this time (ISO 8601; a date alone is midnight UTC).", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Stop before this time (ISO 8601).", valueName: "time"))
  var until: String?

  var factor: Double? { speed == "max" ? nil : Double(speed) }

  func validate() throws {
    if speed != "max" {
      guard let factor, factor > 0, factor.isFinite else {
        throw ValidationError("--speed takes max or a positive factor")
      }
    }
    _ = try (Self.time(from), Self.time(until))
  }

  static func time(_ text: String?) throws -> Timestamp? {
    guard let text else { return nil }
    do {
      return try Timestamp(text.utf8.count == 10 ? text + "T00:00Z" : text)
    } catch {
      throw ValidationError("\"\(text)\" is no time such as 2013-10-07T13:30:00Z or 2013-10-07")
    }
  }
}

struct ReplayBars: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bars", abstract: "Replay imported bars.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var runner: RunnerArguments
  @OptionGroup var pace: PaceOptions

  @Option(help: ArgumentHelp("Length of the bars: 1d, 1h, 5m, 30s.", valueName: "length"))
  var resolution = "1d"

  func run() async throws { try await runner.log.logging { try await run($0) } }

  private func run(_ logger: Logger) async throws {
    guard let length = BarResolution(resolution) else {
      throw UserError("--resolution \(resolution) is no length; write 30s, 5m, 1h, 1d or 1w")
    }
    guard length.months == 0 else {
      throw UserError("bars of months are not replayed: they have no fixed length; replay days or weeks")
    }
    let connection = try await database.connectionString()
    let feed = BarFeed(
      options: ConnectionOptions(connection), resolution: length.seconds * 1_000_000,
      from: try PaceOptions.time(pace.from), until: try PaceOptions.time(pace.until))
    try await ReplayReport.run(
      feed, runner.options(connection, defaultBatch: RunnerArguments.barBatch, speed: pace.factor), output, logger)
  }
}

struct ReplayTicks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ticks", abstract: "Replay ticks out of files, or those that are stored.")

  @Argument(help: "CSV files, also .gz. None: the ticks in market.ticks.")
  var files: [String] = []

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var runner: RunnerArguments
  @OptionGroup var pace: PaceOptions

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp("Column for a role, e.g. ts=Zeit (repeatable).", valueName: "role=column"))
  var maps: [String] = []

  @Option(
    help: ArgumentHelp("Exchange of the files' symbols (default: where they are known, else US).", valueName: "code"))
  var exchange: String?

  @Option(help: ArgumentHelp("Time zone of times without one (default: the exchange's).", valueName: "zone"))
  var timeZone: String?

  @Option(help: ArgumentHelp("Symbol of all rows, for files without such a column.", valueName: "symbol"))
  var symbol: String?

  @Option(help: ArgumentHelp("Order of day and month where dates leave it open: dmy or mdy.", valueName: "order"))
  var dateOrder: String?

  func validate() throws {
    if !files.isEmpty, pace.from != nil || pace.until != nil {
      throw ValidationError("--from and --until go with stored ticks; a file is replayed as a whole")
    }
  }

  func run() async throws { try await runner.log.logging { try await run($0) } }

  private func run(_ logger: Logger) async throws {
    let connectionString = try await database.connectionString()
    let options = runner.options(
      connectionString, defaultBatch: RunnerArguments.tickBatch, speed: pace.factor)
    if files.isEmpty {
      let feed = StoredTickFeed(
        options: ConnectionOptions(connectionString), follows: false, from: try PaceOptions.time(pace.from),
        until: try PaceOptions.time(pace.until))
      try await ReplayReport.run(feed, options, output, logger)
      return
    }
    let fileOptions = try FileOptions(maps: maps, timeZone: timeZone, symbol: symbol, dateOrder: dateOrder)
    let connection = try await Connection.connect(ConnectionOptions(connectionString))
    let store = EngineStore(connection)
    do {
      try await replay(try await store.listings(exchange: exchange), fileOptions, options, logger)
    } catch let error as FeedError where error.code == .unknownSymbol {
      // Seldom: then all symbols are looked for first, and the new ones added. What was committed stays.
      var symbols: Set<String> = []
      for file in files { symbols.formUnion(try TickFileFeed.symbols(of: file, options: fileOptions)) }
      try await replay(try await store.listings(of: symbols.sorted(), exchange: exchange), fileOptions, options, logger)
    }
    await connection.close()
  }

  private func replay(
    _ listings: [String: EngineStore.Listing], _ fileOptions: FileOptions, _ options: RunnerOptions,
    _ logger: Logger
  ) async throws {
    let feed = try FileTickFeed(paths: files, options: fileOptions, listings: listings.mapValues(Listing.init))
    let figures = try await ReplayReport.run(feed, options, output, logger) { await feed.rejectedCount }
    let count = await feed.rejectedCount
    for (path, row) in await feed.rejects {
      runner.log.warn("\(path) line \(row.line): \(row.reason): \(row.content)", logger)
    }
    if count > 20 { runner.log.warn("… and \(count - 20) more", logger) }
    if figures.end == .finished, figures.events == 0, count > 0 {
      throw UserError("nothing was replayed: \(count) \(count == 1 ? "row" : "rows") could not be used")
    }
  }
}

/// What a replay prints at its end.
enum ReplayReport {
  private struct Figures: Encodable {
    let end: String
    let events, batches, reconnects, agents: Int
    /// Rows of files that could not be used.
    let rejected: Int
    let seconds, eventsPerSecond: Double
    let at: String?
  }

  @discardableResult
  static func run(
    _ feed: any MarketFeed, _ options: RunnerOptions, _ output: OutputOptions, _ logger: Logger,
    rejected: () async -> Int = { 0 }
  ) async throws -> RunnerReport {
    let progress = output.json ? nil : ProgressLine.onTerminal()
    let runner = Runner(options: options, feed: feed, logger: logger) { progress?.show($0) }
    defer { progress?.clear() }
    try await RunnerArguments.serve(runner)
    progress?.clear()
    let figures = runner.figures
    let seconds = figures.duration / .seconds(1)
    if output.json {
      try output.printJSON(
        Figures(
          end: figures.end.rawValue, events: figures.events, batches: figures.batches, reconnects: figures.reconnects,
          agents: figures.agents, rejected: await rejected(), seconds: seconds,
          eventsPerSecond: Double(figures.events) / max(seconds, 1e-9),
          at: figures.at?.description))
      return figures
    }
    switch figures.end {
    case .nothingNew: print("This feed is done already: its last event was at \(figures.at?.description ?? "-").")
    case .finished, .stopped:
      print(
        """
        \(figures.end == .finished ? "Replayed" : "Stopped after") \(counted(figures.events, "event")) in \(String(rounding: seconds)) s \
        (\(String(rounding: Double(figures.events) / max(seconds, 1e-9), digits: 0))/s), \(counted(figures.batches, "transaction")), \
        \(counted(figures.agents, "agent")), up to \(figures.at?.description ?? "-").
        """)
      let rejected = await rejected()
      if rejected > 0 { print("\(rejected) \(rejected == 1 ? "row" : "rows") could not be used.") }
      if figures.end == .stopped { print("The same command goes on from there.") }
    }
    return figures
  }
}

extension String {
  init(rounding value: Double, digits: Int = 2) {
    let scale = [1.0, 10, 100, 1000][digits]
    let scaled = Int64((value * scale).rounded())
    if digits == 0 {
      self = "\(scaled)"
      return
    }
    let fraction = "\(abs(scaled) % Int64(scale))"
    self =
      "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int64(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
