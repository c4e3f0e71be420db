import LibPQ
import Logging
import ServiceLifecycle
import Testing

@testable import Runner

/// A service that runs while a test looks on.
enum RunningService {
  /// Runs `runner` until `body` is done, then stops it in order.
  static func run(_ runner: Runner, _ body: () async throws -> Void) async throws {
    let group = ServiceGroup(services: [runner], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    async let running: Void = group.run()
    let result: Result<Void, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running
    try result.get()
  }
}

/// Waits until a query gives true.
func eventually(
  _ connection: Connection, _ query: String, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let start = ContinuousClock.now
  while try await connection.query(query).first?[0].ifPresent?.bool != true {
    try #require(
      ContinuousClock.now - start < .seconds(60), "never came true: \(query)", sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(20))
  }
}
