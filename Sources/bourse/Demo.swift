import ArgumentParser
import Cluster
import EngineStore
import Feeds
import FoundationEssentials
import LibPQ
import Logging
import Migrator
import Runner

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The main job on real data: 13 years of daily prices through the engine.",
    discussion: """
      Starts the private server, installs the schema, imports prices and splits of five US shares from 2000 to 2013, opens \
      three paper portfolios of 1,000,000 USD, each with a strategy of its own, and replays the years through the runner. At \
      the end the first strategy runs once more as a backtest, in the server where that has the extension bourse. A \
      database that an earlier demo made is made anew; any other data is left alone. The server stays up.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var log: LogOptions

  /// Marks a database that a demo may throw away.
  private static let mark = "made by bourse demo; the next demo makes it anew"

  func run() async throws { try await log.logging { try await run($0) } }

  private func run(_ logger: Logger) async throws {
    let share = try ShareDirectory.locate(
      containing: "procedures/manifest.sql", explicit: nil, environment: ProcessInfo.processInfo.environment)
    for file in [
      "fixtures/market/us_daily_2000_2013.csv.gz", "fixtures/market/us_splits.csv", "fixtures/demo.sql",
      "fixtures/demo_start.sql",
    ] where !FileManager.default.fileExists(atPath: "\(share)/\(file)") {
      throw UserError(
        "the demo's data is missing: \(share)/\(file); run it from a checkout, or point BOURSE_SHARE at one")
    }
    let server = try await startServer()
    let options = ConnectionOptions(server.address, applicationName: "bourse demo")
    try await prepareDatabase(options)
    let started = ContinuousClock.now
    _ = try await Migrator(tree: try SQLTree(root: share), database: options).migrate(force: false) { _ in }
    say("Installed the schema in \(seconds(since: started)) s.")

    let connection = try await Connection.connect(options)
    let bars = try await FileImport(.bars).run("\(share)/fixtures/market/us_daily_2000_2013.csv.gz", on: connection)
    _ = try await ActionImport().run("\(share)/fixtures/market/us_splits.csv", on: connection)
    try await connection.script(try String(contentsOfFile: "\(share)/fixtures/demo.sql", encoding: .utf8))
    for case (let strategy, let refusal?) in try await StrategyStore(connection).checkAll() {
      throw UserError("strategy \"\(strategy.name)\" cannot run: \(refusal)")
    }
    try await connection.script(try String(contentsOfFile: "\(share)/fixtures/demo_start.sql", encoding: .utf8))
    try await connection.script("ANALYZE market.bars")
    let portfolios = try await EngineStore(connection).portfolios(named: [])
    say(
      "Imported \(grouped(bars.inserted)) daily bars of \(bars.symbols) shares and 3 splits; opened \(portfolios.count) portfolios with 1,000,000 USD each, and a strategy on each."
    )

    let runnerOptions = RunnerOptions(
      database: options, portfolios: portfolios.map(\.name), name: "demo", version: Bourse.version,
      batchSize: RunnerArguments.barBatch)
    let progress = output.json ? nil : ProgressLine.onTerminal()
    let runner = Runner(
      options: runnerOptions,
      feed: BarFeed(options: options, resolution: 86_400_000_000, from: nil, until: nil),
      logger: logger
    ) { progress?.show($0) }
    try await RunnerArguments.serve(runner)
    progress?.clear()
    guard runner.figures.end == .finished else { throw UserError("the demo was stopped; run it again") }
    let backtest = try await DemoBacktest(connection).run(reportTo: "\(server.folder)/demo-backtest.html")
    try await DemoReport(connection, runner.figures, backtest).print(output, share: share, home: database)
    await connection.close()
  }

  private func say(_ text: String) { if !output.json { print(text) } }

  private func seconds(since start: ContinuousClock.Instant) -> String {
    String(rounding: (ContinuousClock.now - start) / .seconds(1))
  }

  /// - Returns: where the server is, and the folder for what the demo writes.
  private func startServer() async throws -> (address: String, folder: String) {
    if let server = database.chosenServer { return (server, FileManager.default.currentDirectoryPath) }
    let started = try await database.home.cluster().up { Failure.write("bourse: \($0)") }
    say("PostgreSQL\(started.serverVersion.map { " \($0)" } ?? "") runs in \(started.layout.home).")
    return (started.connection.connectionString, started.layout.home)
  }

  /// An empty database to work in: one in which nobody has put anything yet, or one that an earlier demo made, made anew.
  private func prepareDatabase(_ options: ConnectionOptions) async throws {
    let connection = try await Connection.connect(options, retry: .standard)
    let state = try await EngineStore(connection).demoState(mark: Self.mark)
    let quoted = quotedIdentifier(state.database)
    if state.hasData || state.otherTables != nil {
      await connection.close()
      throw UserError(
        "database \(quoted) holds data that no demo made (\(state.otherTables ?? "portfolios, instruments or imports")), "
          + "which the demo or the next one would replace; give the demo a cluster of its own with --home")
    }
    if state.isDemo && state.isInstalled {
      await connection.close()
      let maintenance = try await Connection.connect(options.database("template1"))
      try await maintenance.script("DROP DATABASE \(quoted) WITH (FORCE)")
      try await maintenance.script("CREATE DATABASE \(quoted)")
      await maintenance.close()
      let fresh = try await Connection.connect(options)
      try await fresh.script("COMMENT ON DATABASE \(quoted) IS '\(Self.mark)'")
      await fresh.close()
    } else {
      try await connection.script("COMMENT ON DATABASE \(quoted) IS '\(Self.mark)'")
      await connection.close()
    }
  }
}
