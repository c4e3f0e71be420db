import Testing

/// How long a test waits for what has to happen, before it fails: the one limit of all waits, and long enough for a busy
/// machine. Where a test is about silence or delay, it lets something be late; it never wants anything to be quick.
package let patience = Duration.seconds(300)

extension Trait where Self == TimeLimitTrait {
  /// Ends a test that hangs in a wait which has no limit of its own.
  package static var commonTimeLimit: Self { .timeLimit(.minutes(15)) }
}

/// Waits until `condition` holds.
package nonisolated(nonsending) func eventually(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: nonisolated(nonsending) () async throws -> Bool
) async throws {
  let start = ContinuousClock.now
  while try await !condition() {
    try #require(
      ContinuousClock.now - start < patience, "a condition did not come true in \(patience)",
      sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Lets so many at a time have something of which there is little.
package actor Turns {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  package init(_ count: Int) { free = count }

  package func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  package func giveBack() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
