import ArgumentParser
import LibPQ
import Logging
import Runner

/// Measures the engine on this machine. No part of the product: `make bench` builds it and gives it a server.
@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bourse-bench",
    abstract: "Measure the engine on this machine and server.",
    discussion: """
      Each run works in a database of its own, with a name that nobody else has, which is dropped afterwards. The server is \
      that of PGHOST, PGPORT and so on, unless --database-url names another. `make bench` runs them all.
      """,
    subcommands: [
      BenchReplay.self, BenchAgents.self, BenchTickToOrder.self, BenchIngest.self, BenchImport.self,
      BenchTickIndex.self, BenchCandles.self, BenchDay.self,
      BenchTimescale.self,
    ])

  /// Ticks in one transaction, as the program has it.
  static let tickBatch = 10_000

  static func logger() -> Logger {
    Logger(label: "bourse-bench") { _ in StreamLogHandler.standardError(label: "bourse-bench") }
  }

  static func runner(
    _ database: ConnectionOptions, _ feed: any MarketFeed, batch: Int = tickBatch,
    metrics: RunnerMetrics = RunnerMetrics()
  ) -> Runner {
    Runner(
      options: RunnerOptions(database: database, name: "bench", batchSize: batch), feed: feed, logger: logger(),
      metrics: metrics)
  }
}

struct ServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server and a database of it to start from: a libpq URI or connection string.", valueName: "url"))
  var databaseURL = ""

  var maintenance: ConnectionOptions { ConnectionOptions(databaseURL, applicationName: "bourse-bench") }
}

/// A measurement that is worth nothing.
struct Spoiled: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
