import Testing
import TradingCore

@testable import Runner

@Suite struct PaceTests {
  @Test func eventsComeInTheirProportionOfClockTime() async throws {
    let pace = Pace(factor: 1_000)
    let start = try Timestamp("2013-10-07T14:30:00Z")
    let begin = ContinuousClock.now
    #expect(try await pace.wait(for: start))
    // 60 s of the past in 60 ms; what is due already does not wait.
    #expect(try await pace.wait(for: try start.advanced(byMicroseconds: 60_000_000)))
    #expect(ContinuousClock.now - begin >= .milliseconds(60))
    #expect(try await pace.wait(for: start))
  }

  @Test func veryLongWaitsCanBeCancelled() async throws {
    let waiting = Task {
      let pace = Pace(factor: 1e-300)
      _ = try await pace.wait(for: try Timestamp("2000-01-01T00:00:00Z"))
      return try await pace.wait(for: try Timestamp("2013-10-07T14:30:00Z"))
    }
    try await Task.sleep(for: .milliseconds(20))
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}
