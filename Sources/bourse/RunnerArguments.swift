import ArgumentParser
import FoundationEssentials
import LibPQ
import Logging
import Runner
import ServiceLifecycle
import UnixSignals

/// What `replay` and `run` share.
struct RunnerArguments: ParsableArguments {
  @Option(
    name: .customLong("portfolio"),
    help: ArgumentHelp("Portfolio to trade for; can be repeated (default: all that trade on paper).", valueName: "name")
  )
  var portfolios: [String] = []

  // Each day of bars revalues the portfolios: more of them in one transaction leave longer chains of dead row versions.
  @Option(help: ArgumentHelp("Events in one transaction (default: 500 bars, or 10,000 ticks).", valueName: "events"))
  var batch: Int?

  @Option(help: ArgumentHelp("Name shown in ops.runners.", valueName: "name"))
  var name = "bourse"

  @Flag(help: "Wait for portfolios that another runner trades, instead of refusing.")
  var wait = false

  @OptionGroup var log: LogOptions

  func validate() throws {
    guard batch.map({ (1...1_000_000).contains($0) }) ?? true else {
      throw ValidationError("--batch takes 1 to 1,000,000 events")
    }
  }

  static let barBatch = 500
  static let tickBatch = 10_000

  func options(_ database: String, defaultBatch: Int, speed: Double? = nil) -> RunnerOptions {
    RunnerOptions(
      database: ConnectionOptions(database, applicationName: "bourse \(name)"), portfolios: portfolios, name: name,
      version: Bourse.version, batchSize: batch ?? defaultBatch, speed: speed, waitsForLease: wait)
  }

  /// Runs until the end, or until SIGTERM or SIGINT lets the present batch finish.
  static func serve(_ runner: Runner, beside others: [any Service] = []) async throws {
    var configuration = ServiceGroupConfiguration(
      services: (others + [runner]).map {
        .init(
          service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup)
      },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "bourse") { _ in SwiftLogNoOpLogHandler() })
    configuration.maximumGracefulShutdownDuration = .seconds(600)
    try await ServiceGroup(configuration: configuration).run()
  }
}
