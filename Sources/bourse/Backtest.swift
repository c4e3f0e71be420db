import ArgumentParser
import EngineStore
import FoundationEssentials
import LibPQ
import TradingCore

/// The instruments and the time of the past that a strategy is tried over.
struct PastOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The instruments: SYMBOL or EXCHANGE:SYMBOL, with commas between.", valueName: "symbols"))
  var symbols: String

  @Option(help: ArgumentHelp("Act from here on (ISO 8601); what was before warms the rules up.", valueName: "time"))
  var from: String

  @Option(help: ArgumentHelp("Stop before this time (ISO 8601).", valueName: "time"))
  var until: String

  var list: [String] { symbols.split { $0 == "," || $0 == " " }.map(String.init) }

  func validate() throws {
    _ = try (PaceOptions.time(from), PaceOptions.time(until))
    if list.isEmpty { throw ValidationError("--symbols: write one or more, such as IBM,GOOG") }
  }
}

struct BacktestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Run a strategy over stored bars or ticks, and store what comes of it.",
    discussion: """
      The strategy trades the instruments on one capital as an agent on paper would, with books in memory. The run is a row \
      of research.backtests, with its orders, fills, trades and days beside it; docs/backtests.md lists the settings. The \
      database's function research.run_backtest stores the same rows. With --optimize it runs once for each of many values \
      of its parameters, and stores rows of research.trials (docs/optimisation.md).
      """)

  @Argument(help: ArgumentHelp("The strategy: its latest version, or NAME@VERSION.", valueName: "strategy"))
  var strategy: String

  @OptionGroup var past: PastOptions

  @Option(help: ArgumentHelp("What it begins with, in the instruments' currency.", valueName: "amount"))
  var capital: String

  @Option(
    help: ArgumentHelp(
      "A setting, such as commission_percent=0.1 or fill=tick. May be repeated.", valueName: "name=value"))
  var setting: [String] = []

  @OptionGroup var params: ParamOptions
  @OptionGroup(title: "Optimization") var search: OptimizeOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    _ = try settings()
    if search.workers.jobs != nil, !search.isWanted {
      throw ValidationError("-j: one backtest is run by one; --optimize runs many")
    }
    guard (try? Money(capital)) != nil else {
      throw ValidationError("--capital \(capital): write an amount, such as 100000")
    }
  }

  private func settings() throws -> NamedValues {
    try NamedValues(setting, of: "--setting", example: "slippage_bps=5", takesJSON: true)
  }

  func run() async throws {
    guard search.isWanted else {
      return try await database.withConnection(of: "backtest") { try await run(on: $0) }
    }
    let optimization = try await database.withConnection(of: "backtest") { try await optimize(on: $0) }
    if !output.json {
      print("optimization \(optimization): `bourse work \(optimization)` goes on when this is stopped")
    }
    try await search.workers.work(on: optimization, database, output)
  }

  private func optimize(on connection: Connection) async throws -> Int64 {
    var settings = try settings()
    let values = try params.values()
    if !values.isEmpty { settings.set("params", json: values.json) }
    return try await OptimizationStore(connection).optimize(
      OptimizationRequest(
        strategy: strategy, symbols: past.list, from: past.from, until: past.until, capital: capital,
        settings: settings.json, parameters: try search.parameters(), method: search.method ?? "grid",
        objective: search.objective ?? "sharpe", trials: search.trials, constraints: search.constraint,
        seed: search.seed ?? 0, walkForward: try search.walkForward()))
  }

  private func run(on connection: Connection) async throws {
    let strategies = StrategyStore(connection)
    let stored = try await params.apply(to: try await strategies.named(strategy), strategies)
    var settings = try settings()
    let values = try params.values()
    if !values.isEmpty { settings.set("params", json: values.json) }
    let request = BacktestRequest(
      strategy: strategy, symbols: past.list, from: past.from, until: past.until, capital: capital,
      settings: settings.json,
      report: try stored.report().json)
    let store = BacktestStore(connection)
    let progress = output.json ? nil : ProgressLine.onTerminal()
    let start = ContinuousClock.now
    let run = try await store.run(request) { progress?.show(events: $0, at: $1) }
    progress?.clear()
    if output.json { return print(try await store.json(of: run)) }
    try await show(run, store, ContinuousClock.now - start)
  }

  // MARK: Result

  /// What people look at first.
  private static let shown: [(title: String, column: String, isShare: Bool)] = [
    ("final equity", "final_equity", false), ("total return", "total_return", true), ("a year", "cagr", true),
    ("volatility", "volatility", true), ("Sharpe ratio", "sharpe", false), ("Sortino ratio", "sortino", false),
    ("max drawdown", "max_drawdown", true), ("trades", "trades", false), ("win rate", "win_rate", true),
    ("profit factor", "profit_factor", false), ("expectancy", "expectancy", false), ("exposure", "exposure", true),
    ("orders", "orders", false), ("refused", "rejected", false), ("fills", "fills", false), ("fees", "fees", false),
  ]

  private func show(_ run: Int64, _ store: BacktestStore, _ duration: Duration) async throws {
    let (columns, symbols) = try await store.summary(of: run)
    let values = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.value) })
    func value(_ column: String) -> String? { values[column] ?? nil }
    print("\(strategy)@\(value("version") ?? "") on \(symbols), \(value("currency") ?? "") \(capital)")
    var table = TextTable(["figure", "value"], numbers: [1])
    for (title, column, isShare) in Self.shown {
      guard let text = value(column), let number = Double(text) else {
        table.add([title, "-"])
        continue
      }
      table.add([
        title,
        isShare
          ? String(rounding: number * 100, digits: 2) + " %"
          : number == number.rounded() ? text : String(rounding: number, digits: 2),
      ])
    }
    for line in table.lines { print(line) }
    print(
      "run \(run): \(counted(Int(value("events") ?? "") ?? 0, "event")) in \(String(rounding: duration / .seconds(1), digits: 2)) s; "
        + "bourse report backtest \(run) --html FILE draws it")
  }
}
