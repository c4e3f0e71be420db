import Testing
import TradingCore

@testable import Feeds

struct SourceClockTests {
  private static func time(_ seconds: Double) -> Timestamp {
    try! Timestamp(microseconds: 757_000_000_000_000 + Int64(seconds * 1_000_000))
  }

  /// A clock whose link has been open for five seconds, with a tick of second 0 at its end.
  private func settled() -> SourceClock {
    var clock = SourceClock()
    clock.opened(at: .zero)
    clock.tick(Self.time(0), received: Self.time(1), at: .seconds(5))
    clock.message(at: .seconds(5))
    return clock
  }

  @Test func itFollowsTicksAndGoesOnWhileTheSourceIsHeard() {
    var clock = settled()
    #expect(clock.time == Self.time(0))
    clock.message(at: .seconds(7))
    #expect(clock.time == Self.time(2))
    // Later ticks say how far the source is; late ones do not turn it back.
    clock.tick(Self.time(2.5), received: Self.time(9), at: .seconds(8))
    clock.message(at: .seconds(8))
    #expect(clock.time == Self.time(2.5))
    clock.tick(Self.time(1), received: Self.time(10), at: .seconds(9))
    clock.message(at: .seconds(9))
    #expect(clock.time == Self.time(2.5))
    clock.message(at: .seconds(10))
    #expect(clock.time == Self.time(3.5))
  }

  @Test func itKnowsNothingBeforeTheFirstTickAndWhileTheLinkIsNewOrDown() {
    var clock = SourceClock()
    #expect(clock.time == nil)
    clock.message(at: .seconds(1))
    clock.opened(at: .seconds(1))
    clock.message(at: .seconds(7))
    #expect(clock.time == nil)
    clock = settled()
    clock.closed()
    clock.message(at: .seconds(20))
    #expect(clock.time == nil)
    clock.opened(at: .seconds(30))
    clock.message(at: .seconds(34.9))
    #expect(clock.time == nil)
    clock.message(at: .seconds(35))
    #expect(clock.time == Self.time(30))
  }

  /// After a break the symbols come one after the other: the first being up to date says nothing of the second.
  @Test func whatWasMissedIsToldFirst() {
    var clock = settled()
    clock.closed()
    clock.opened(at: .seconds(600))
    for second in 1...40 {
      // Two symbols, each from second 1 to 590.
      let past = Double(second <= 20 ? second : second - 20) * 29.5 - 30
      clock.tick(Self.time(past), received: Self.time(600), at: .seconds(600 + second))
      clock.message(at: .seconds(600 + second))
      #expect(clock.time == nil, "\(second)")
    }
    for second in 41...44 {
      clock.tick(Self.time(Double(595 + second)), received: Self.time(700), at: .seconds(600 + second))
      clock.message(at: .seconds(600 + second))
    }
    #expect(clock.time == nil)
    clock.message(at: .seconds(645))
    #expect(clock.time == Self.time(640))
  }

  /// A quarter of an hour behind the market, by a clock that is an hour off: the day's clock has no say.
  @Test func aDelayedSourceIsAsLateAsItIs() {
    var clock = SourceClock(last: (Self.time(-900), .seconds(3)))
    clock.opened(at: .zero)
    clock.message(at: .seconds(6))
    #expect(clock.time == Self.time(-891))
    clock.tick(Self.time(-880), received: Self.time(3_607), at: .seconds(7))
    clock.message(at: .seconds(8))
    #expect(clock.time == Self.time(-879))
  }

  @Test func ticksOfTheFutureCountAsOfNow() {
    var clock = settled()
    clock.tick(Self.time(86_400), received: Self.time(6), at: .seconds(6))
    clock.message(at: .seconds(7))
    #expect(clock.time == Self.time(7))
  }
}
