import ArgumentParser
import EngineStore
import TradingCore

struct StrategyCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Parse a strategy, record that it can run, and show what it needs.",
    discussion: """
      Without a name all versions are checked that wait for it. A version that cannot run is recorded as refused, and the \
      exit status is 2. With an instrument, rules are counted over its candles, so that dead ones show. The database's \
      function strategy.check says the same.
      """)

  @Argument(help: ArgumentHelp("The strategy: its latest version, or NAME@VERSION.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Count its rules on this instrument: SYMBOL or EXCHANGE:SYMBOL.", valueName: "symbol"))
  var symbol: String?

  @OptionGroup var history: HistoryOptions
  @OptionGroup var params: ParamOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if name == nil && symbol != nil { throw ValidationError("--symbol needs the name of a strategy") }
    if name == nil && !params.param.isEmpty { throw ValidationError("--param needs the name of a strategy") }
  }

  func run() async throws {
    try await database.withStrategies { store in
      if let name {
        try await check(try await store.named(name), store)
      } else {
        try await checkAll(store)
      }
    }
  }

  private struct Result: Encodable {
    struct Operand: Encodable {
      let operand: String
      let series: String?
      let candles: Int
      let settles: Int?
    }
    struct Condition: Encodable {
      let rule, condition: String
      let looked, held: Int
      let finding: String?
    }
    let strategy: String
    let version: Int32
    let operands: [Operand]
    let conditions: [Condition]?
  }

  private func check(_ stored: StoredStrategy, _ store: StrategyStore) async throws {
    _ = try await store.checked(stored)
    let strategy = try await params.apply(to: stored, store)
    let report = try strategy.report()
    var conditions: [StrategyCheck.Condition]?
    if let symbol {
      let (from, until) = try history.span()
      conditions = try await store.check(strategy, report, on: symbol, from: from, until: until).conditions
    }
    if output.json {
      return try output.printJSON(
        Result(
          strategy: strategy.name, version: strategy.version,
          operands: report.needs.map {
            Result.Operand(
              operand: $0.operand, series: $0.series.isEmpty ? nil : $0.series, candles: $0.candles,
              settles: $0.settles)
          },
          conditions: conditions?.map {
            Result.Condition(
              rule: $0.rule, condition: $0.text, looked: $0.looked, held: $0.held,
              finding: $0.finding?.text)
          }))
    }
    print("\(strategy.name), version \(strategy.version), can run.")
    var needs = TextTable(["value", "candles of", "first", "settles"], numbers: [2, 3])
    for need in report.needs {
      needs.add([
        need.operand, need.series.isEmpty ? "its own" : need.series, "\(need.candles)",
        need.settles.map { "\($0)" } ?? "never",
      ])
    }
    for line in [""] + needs.lines { print(line) }
    guard let conditions else { return }
    var table = TextTable(["rule", "condition", "looked at", "held", "finding"], numbers: [2, 3])
    for condition in conditions {
      table.add([
        condition.rule, condition.text, "\(condition.looked)", "\(condition.held)", condition.finding?.text ?? "",
      ])
    }
    for line in [""] + table.lines { print(line) }
  }

  private struct Summary: Encodable {
    struct Version: Encodable {
      let strategy: String
      let version: Int32
      let error: String?
    }
    let checked: [Version]
  }

  private func checkAll(_ store: StrategyStore) async throws {
    let checked = try await store.checkAll().map {
      Summary.Version(strategy: $0.strategy.name, version: $0.strategy.version, error: $0.refusal?.description)
    }
    if output.json {
      try output.printJSON(Summary(checked: checked))
    } else if checked.isEmpty {
      print("No strategy waits for a check.")
    } else {
      for version in checked { print("\(version.strategy), version \(version.version): \(version.error ?? "can run")") }
    }
    if checked.contains(where: { $0.error != nil }) { throw ExitCode(Failure.refused) }
  }
}
