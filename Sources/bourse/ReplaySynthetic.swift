import ArgumentParser
import EngineStore
import Feeds
import LibPQ
import Logging
import Runner

struct ReplaySynthetic: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthetic", abstract: "Make ticks up and feed them: for demonstrations, load and tests.",
    discussion: """
      Synthetic trades in the sessions of the exchanges' calendars, with clusters of volatility, jumps and the usual course \
      of a day. The same options give the same ticks. They are stored like real ones, with the venue SYNTHETIC: use a \
      database of its own.
      """)

  @Option(
    name: .customLong("symbol"),
    help: ArgumentHelp("Instrument to trade, which must be known; can be repeated.", valueName: "symbol"))
  var symbols: [String]

  @Option(help: ArgumentHelp("Where chance begins.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("First day, e.g. 2024-01-02.", valueName: "day"))
  var from: String

  @Option(help: ArgumentHelp("Calendar days.", valueName: "count"))
  var days = 1

  @Option(help: ArgumentHelp("Trades of each instrument in an average session.", valueName: "count"))
  var ticksPerSession = 5_000

  @Option(help: ArgumentHelp("Standard deviation of a year's return; 0.25 is 25 percent.", valueName: "share"))
  var volatility = 0.25

  @Option(help: ArgumentHelp("Event time per clock time, as a factor, or max.", valueName: "max|factor"))
  var speed = "max"

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var runner: RunnerArguments

  func validate() throws {
    guard let first = try PaceOptions.time(from), first.microseconds % 86_400_000_000 == 0, from.count == 10 else {
      throw ValidationError("--from takes a day such as 2024-01-02")
    }
    guard (1...3_660).contains(days), (1...10_000_000).contains(ticksPerSession) else {
      throw ValidationError("--days takes 1 to 3,660, --ticks-per-session 1 to 10,000,000")
    }
    guard volatility >= 0, volatility <= 10 else { throw ValidationError("--volatility takes 0 to 10") }
    guard !symbols.isEmpty else { throw ValidationError("at least one --symbol is needed") }
    _ = try factor()
  }

  private func factor() throws -> Double? {
    if speed == "max" { return nil }
    guard let factor = Double(speed), factor > 0, factor.isFinite else {
      throw ValidationError("--speed takes max or a positive factor")
    }
    return factor
  }

  func run() async throws { try await runner.log.logging { try await run($0) } }

  private func run(_ logger: Logger) async throws {
    let connectionString = try await database.connectionString()
    let instruments = try await Connection.with(ConnectionOptions(connectionString)) { connection in
      try await EngineStore(connection).sessionTerms(of: symbols, from: from, days: days).map {
        SyntheticMarket.Instrument(
          id: $0.instrument, symbol: $0.symbol, tickSize: $0.tickSize, lotSize: $0.lotSize, sessions: $0.sessions)
      }
    }
    let terms = SyntheticMarket.Terms(seed: seed, ticksPerSession: ticksPerSession, volatility: volatility)
    let feed = SyntheticFeed(
      SyntheticMarket(instruments, terms), terms, label: "\(from)+\(days):\(symbols.joined(separator: ","))")
    try await ReplayReport.run(
      feed, runner.options(connectionString, defaultBatch: RunnerArguments.tickBatch, speed: try factor()), output,
      logger)
  }
}
