import ArgumentParser
import LibPQ
import Runner

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The service: trade on ticks as they are stored, until it is told to stop.",
    discussion: """
      Works orders, agents and halts of psql users as they come, through the doorbell. SIGTERM or Ctrl-C finishes the \
      present batch. When the server goes away it waits for it.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var runner: RunnerArguments

  func run() async throws {
    let connection = try await database.connectionString()
    let logger = RunnerArguments.logger()
    let service = Runner(
      options: runner.options(connection, defaultBatch: RunnerArguments.tickBatch),
      feed: StoredTickFeed(options: ConnectionOptions(connection), follows: true), logger: logger)
    logger.info("running; waiting for ticks and orders")
    try await RunnerArguments.serve(service)
    logger.info("stopped", metadata: ["events": "\(service.figures.events)"])
  }
}
