import EngineStore
import LibPQ
import Logging

/// Lets the server seal what the journal has new, each minute of the service and at the end of every run: on a connection of
/// its own, after the commits, so that nobody waits for it.
struct JournalSealing: Sendable {
  let database: ConnectionOptions
  let logger: Logger

  private static let interval = Duration.seconds(60)

  /// Until it is cancelled.
  func run() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: Self.interval)
      await seal()
    }
  }

  /// What fails is made up for at the next time: until then those rows have no seal.
  func seal() async {
    do {
      let seals = try await Connection.with(database) { try await EngineStore($0).sealJournal() }
      if seals > 0 { logger.debug("the journal is sealed", metadata: ["seals": "\(seals)"]) }
    } catch {
      if !Task.isCancelled {
        logger.warning("the journal could not be sealed; trying again", metadata: ["error": "\(error)"])
      }
    }
  }
}
