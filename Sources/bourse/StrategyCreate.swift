import ArgumentParser
import EngineStore
import Feeds
import FoundationEssentials
import TradingCore

struct StrategyCreate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Create a strategy, or a new version of one, from a JSON file.",
    discussion: """
      The rules are checked first, and nothing is stored when they are refused: one line says where and why, and the exit \
      status is 2. docs/strategies.md says what the file holds.
      """)

  @Argument(help: ArgumentHelp("Name of the strategy.", valueName: "name"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "Its family: trend, mean_reversion, momentum, arbitrage, scalping, swing or custom.", valueName: "type"))
  var type = "custom"

  @Option(
    help: ArgumentHelp(
      "Length of its candles, e.g. 1m, 15m, 1h, 1d, 1w; ticks: each tick is one.", valueName: "length"))
  var timeframe: String

  @Option(help: ArgumentHelp("JSON file with its rules and figures; - is standard input.", valueName: "file"))
  var parameters: String

  @Option(help: ArgumentHelp("What it is for, in a sentence.", valueName: "text"))
  var description: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { _ = try length() }

  /// What PostgreSQL and TradingCore make of the timeframe.
  private func length() throws -> (interval: String, length: RuleLength?) {
    if timeframe == "ticks" || timeframe == "0" { return ("0", nil) }
    guard let resolution = BarResolution(timeframe) else {
      throw ValidationError("--timeframe \(timeframe) is no length; write 30s, 5m, 1h, 1d, 1w, 1mo, or ticks")
    }
    let isWhole = resolution.isWholeDays
    return (
      resolution.description,
      try RuleLength.timeframe(
        months: Int32(resolution.months),
        days: isWhole && resolution.months == 0 ? Int32(resolution.seconds / 86_400) : 0,
        microseconds: isWhole ? 0 : resolution.seconds * 1_000_000)
    )
  }

  private struct Result: Encodable {
    let strategy: String
    let version: Int32
    let explanation: String
  }

  func run() async throws {
    let (interval, length) = try length()
    let text = try smallFile(parameters)
    let report = try StrategyReport(type: type, timeframe: length, parameters: text)
    try await database.withStrategies { store in
      let version = try await store.create(
        name, type: type, timeframe: interval, parameters: text, description: description)
      _ = try await store.checked(try await store.named("\(name)@\(version)"))
      if output.json {
        try output.printJSON(Result(strategy: name, version: version, explanation: report.explanation))
      } else {
        print("\(name), version \(version):")
        print(report.explanation)
      }
    }
  }
}
