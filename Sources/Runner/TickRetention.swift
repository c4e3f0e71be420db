import EngineStore
import LibPQ
import Logging

/// Lets the server make the ticks' partitions ahead, and drop or archive those that are too old, at the start of the service
/// and every hour: on a connection of its own, a few days in each transaction, and without anybody waiting long behind it.
struct TickRetention: Sendable {
  let database: ConnectionOptions
  let logger: Logger

  private static let interval = Duration.seconds(3_600)
  private static let pause = Duration.seconds(5)
  private static let days = 7

  /// Until it is cancelled.
  func run() async {
    while !Task.isCancelled {
      await apply()
      try? await Task.sleep(for: Self.interval)
    }
  }

  /// What fails is tried again at the next time: the service goes on without it.
  private func apply() async {
    do {
      let gone = try await Connection.with(database) { try await apply(EngineStore($0)) }
      if gone > 0 { logger.info("ticks and quotes are kept no longer", metadata: ["partitions": "\(gone)"]) }
    } catch {
      if !Task.isCancelled {
        logger.warning("old ticks could not be dropped; trying again in an hour", metadata: ["error": "\(error)"])
      }
    }
  }

  private func apply(_ store: EngineStore) async throws -> Int {
    var gone = 0
    var attempts = 0
    while true {
      do {
        let now = try await store.applyTickRetention(days: Self.days)
        if now == 0 { return gone }
        gone += now
        attempts = 0
      } catch let error as PostgresError
        where error.isTransient || error.sqlState == .lockNotAvailable || error.sqlState == .checkViolation
      {
        // The last: somebody stored the first tick of a day while its partition was being made, which then stays as it is.
        attempts += 1
        if attempts == 20 { throw error }
        try await Task.sleep(for: Self.pause)
      }
    }
  }
}
