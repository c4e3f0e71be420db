import ArgumentParser
import EngineStore
import TradingCore

struct StrategyLookahead: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-lookahead",
    abstract: "Look for what a strategy sees that nobody could have seen then.",
    discussion: """
      Compares what the strategy does with all data and with data that end earlier, and what it sees with a longer and a \
      shorter history; and looks for predictions that were recorded late, candles that changed after they had closed, and \
      prices that are adjusted for what came later. The exit status is 2 when something was found. The database's function \
      research.check_lookahead says the same.
      """)

  @OptionGroup var options: StrategyOptions

  @Option(help: ArgumentHelp("The instruments: SYMBOL or EXCHANGE:SYMBOL, with commas between.", valueName: "symbols"))
  var symbols: String

  @Option(help: ArgumentHelp("Begin with the candle of this time (ISO 8601).", valueName: "time"))
  var from: String

  @Option(help: ArgumentHelp("Stop before the candle of this time (ISO 8601).", valueName: "time"))
  var until: String

  private var list: [String] { symbols.split { $0 == "," || $0 == " " }.map(String.init) }

  func validate() throws {
    for (name, time) in [("--from", from), ("--until", until)] where try PaceOptions.time(time) == nil {
      throw ValidationError("\(name): write a time, such as 2013-10-07T14:30:00Z")
    }
    if list.isEmpty { throw ValidationError("--symbols: write one or more, such as IBM,GOOG") }
  }

  private struct Result: Encodable {
    struct Row: Encodable {
      let kind, symbol: String
      let moment, seen, otherwise, finding: String?
    }
    let strategy: String
    let version: Int32
    let rows: [Row]
  }

  func run() async throws {
    try await options.withVersion { strategy, store in
      let params = try options.params.values()
      let rows = try await store.checkLookahead(
        strategy, try strategy.report(), symbols: list, from: from, until: until,
        params: params.isEmpty ? "{}" : params.json)
      if options.output.json {
        try options.output.printJSON(
          Result(
            strategy: strategy.name, version: strategy.version,
            rows: rows.map {
              Result.Row(
                kind: $0.kind, symbol: $0.symbol, moment: $0.moment, seen: $0.seen, otherwise: $0.otherwise,
                finding: $0.finding)
            }))
      } else {
        var table = TextTable(["kind", "symbol", "moment", "seen", "otherwise", "finding"])
        for row in rows {
          table.add([
            row.kind, row.symbol, row.moment ?? "", row.seen ?? "", row.otherwise ?? "", row.finding ?? "sound",
          ])
        }
        for line in table.lines { print(line) }
      }
      if rows.contains(where: { $0.finding != nil }) { throw ExitCode(Failure.refused) }
    }
  }
}
