import ArgumentParser
import EngineStore
import TradingCore

/// The instrument and the span of a preview or of a check.
struct HistoryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Begin with the candle of this time (ISO 8601).", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Stop before the candle of this time (ISO 8601).", valueName: "time"))
  var until: String?

  func validate() throws { _ = try span() }

  /// All of time when nothing is said.
  func span() throws -> (from: Timestamp, until: Timestamp) {
    (try PaceOptions.time(from) ?? .earliest, try PaceOptions.time(until) ?? .latest)
  }
}

struct StrategyPreviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Show where a strategy would have acted on an instrument.",
    discussion: """
      It is flat at the start, enters only when flat and leaves only when in, at the closes of candles as they were traded. \
      Stops and targets that rest at a broker do not act. Candles before --from warm it up. The database's function \
      strategy.preview gives the same rows.
      """)

  @OptionGroup var options: StrategyOptions

  @Option(help: ArgumentHelp("The instrument: SYMBOL or EXCHANGE:SYMBOL.", valueName: "symbol"))
  var symbol: String

  @OptionGroup var history: HistoryOptions

  @Flag(help: "Show every candle, not only those at which it acts (with --json always).")
  var all = false

  private struct Result: Encodable {
    struct Row: Encodable {
      let bucket: String
      let close: Double
      let action: String?
      let operands: [String: Double?]
    }
    let strategy: String
    let version: Int32
    let symbol: String
    let rows: [Row]
  }

  /// Three decimals, where they say something.
  private static func short(_ value: Double) -> String {
    guard value.isFinite else { return "" }
    return abs(value) < 1e12 ? String(rounding: value, digits: 3) : "\(value)"
  }

  func run() async throws {
    let (from, until) = try history.span()
    try await options.withVersion { strategy, store in
      let report = try strategy.report()
      let names = report.program.operandNames
      var table = TextTable(["candle", "close", "action"] + names, numbers: Set([1] + (3..<(3 + names.count))))
      var rows: [Result.Row] = []
      var candles = 0
      try await store.preview(strategy, report, on: symbol, from: from, until: until) { candle, row in
        candles += 1
        if options.output.json {
          rows.append(
            Result.Row(
              bucket: "\(candle.bucket)", close: candle.close, action: row.action?.sql,
              operands: Dictionary(
                uniqueKeysWithValues: zip(names, row.operands.map { $0.isFinite ? $0 : nil as Double? }))))
        } else if all || row.action != nil {
          table.add(
            ["\(candle.bucket)", "\(candle.close)", row.action?.sql ?? ""]
              + row.operands.map(Self.short))
        }
      }
      if options.output.json {
        return try options.output.printJSON(
          Result(strategy: strategy.name, version: strategy.version, symbol: symbol, rows: rows))
      }
      for line in table.isEmpty ? [] : table.lines { print(line) }
      if !all { print("\(counted(candles, "candle")); --all shows every one of them") }
    }
  }
}
