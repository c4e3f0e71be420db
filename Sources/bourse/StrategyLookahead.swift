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

  @OptionGroup var past: PastOptions

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
        strategy, try strategy.report(), symbols: past.list, from: past.from, until: past.until,
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
