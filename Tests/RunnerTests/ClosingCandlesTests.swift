import Testing
import TradingCore

@testable import Feeds
@testable import Runner

struct ClosingCandlesTests {
  private func time(_ seconds: Double) throws -> Timestamp {
    try Timestamp(microseconds: 600_000_000_000_000 + Int64(seconds * 1_000_000))
  }

  @Test func allAreClosedOncePerMinuteAndThoseThatWaitWhenTheyHaveTheirTicks() throws {
    var closing = ClosingCandles([1, 2, 3], from: nil, grace: 2_000_000)
    #expect(closing.due(at: try time(61.9), except: []) == [1, 2, 3])
    #expect(closing.due(at: try time(61.99), except: []) == [])
    #expect(closing.due(at: try time(62), except: [2, 9]) == [1, 3])
    #expect(closing.due(at: try time(63), except: [2]) == [])
    #expect(closing.due(at: try time(64), except: []) == [2])
    // Time that runs back, and time that jumps.
    #expect(closing.due(at: try time(1), except: []) == [])
    #expect(closing.due(at: try time(122), except: [1, 2, 3]) == [])
    #expect(closing.due(at: try time(10_000), except: [3]) == [1, 2])
    #expect(closing.due(at: try time(10_001), except: []) == [3])
  }

  @Test(arguments: [(0.0, 0.0), (59.9, 0), (60, 60), (-0.1, -60), (-60, -60), (-60.1, -120)])
  func itBeginsWithTheMinuteOfTheFirstTick(_ seconds: Double, _ minute: Double) throws {
    let zero = try Timestamp(microseconds: Int64(seconds * 1_000_000))
    #expect(ClosingCandles([], from: zero, grace: 0).from?.microseconds == Int64(minute * 1_000_000))
    var closing = ClosingCandles([], from: nil, grace: 0)
    #expect(closing.from == nil)
    func tick(_ seconds: Double) throws -> LiveTick {
      LiveTick(
        symbol: "A", time: try time(seconds), received: try time(0), number: 0, venue: nil,
        kind: .quote(bid: 1, ask: nil, bidSize: nil, askSize: nil))
    }
    closing.note([try tick(130), try tick(70)])
    closing.note([try tick(5)])
    #expect(closing.from == (try time(60)))
  }
}
