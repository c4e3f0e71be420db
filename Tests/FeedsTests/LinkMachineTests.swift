import TestSupport
import Testing
import TradingCore

@testable import Feeds

struct LinkMachineTests {
  private func machine(seed: UInt64 = 1) -> LinkMachine { LinkMachine(seed: seed) }

  private func isWaiting(_ machine: LinkMachine) -> Duration? {
    if case .waiting(let until) = machine.state { return until }
    return nil
  }

  @Test func aLinkOpensAndSubscribes() {
    var machine = machine()
    #expect(machine.handle(.time, at: .zero) == [])
    #expect(machine.handle(.start, at: .zero) == [.connect])
    #expect(machine.handle(.start, at: .zero) == [])
    #expect(!machine.isUp)
    #expect(machine.handle(.opened, at: .seconds(1)) == [.subscribe])
    #expect(machine.isUp)
    #expect(machine.handle(.opened, at: .seconds(1)) == [])
    #expect(machine.handle(.stop, at: .seconds(2)) == [.disconnect("stopped")])
    #expect(machine.handle(.start, at: .seconds(3)) == [] && machine.state == .stopped)
  }

  @Test func pausesGrowWithJitterUpToTheLongest() {
    for seed in UInt64(1)...20 {
      var machine = machine(seed: seed)
      var now = Duration.zero
      _ = machine.handle(.start, at: now)
      for attempt in 0..<40 {
        #expect(machine.handle(.failed("refused"), at: now) == [])
        let full = min(Duration.seconds(30), .milliseconds(250) * (1 << min(attempt, 20)))
        let until = isWaiting(machine) ?? .zero
        #expect(until - now >= full * 0.5 && until - now < full)
        #expect(machine.handle(.time, at: until - .nanoseconds(1)) == [])
        now = until
        #expect(machine.handle(.time, at: now) == [.connect])
      }
      #expect(machine.failures == 40)
    }
  }

  @Test func clientsDoNotReturnInStep() {
    let pauses = (UInt64(1)...50).map { seed in
      var machine = machine(seed: seed)
      _ = machine.handle(.start, at: .zero)
      _ = machine.handle(.failed(""), at: .zero)
      return isWaiting(machine) ?? .zero
    }
    #expect(Set(pauses).count == 50)
    #expect(
      pauses
        == (UInt64(1)...50).map { seed in
          var machine = machine(seed: seed)
          _ = machine.handle(.start, at: .zero)
          _ = machine.handle(.failed(""), at: .zero)
          return isWaiting(machine) ?? .zero
        })
  }

  @Test func onlyASteadyLinkResetsThePauses() {
    var machine = machine()
    _ = machine.handle(.start, at: .zero)
    var now = Duration.zero
    // Opens and drops at once, again and again.
    for attempt in 1...6 {
      _ = machine.handle(.opened, at: now)
      _ = machine.handle(.message, at: now)
      _ = machine.handle(.failed("dropped"), at: now)
      #expect(machine.failures == attempt)
      now = isWaiting(machine) ?? .zero
      _ = machine.handle(.time, at: now)
    }
    _ = machine.handle(.opened, at: now)
    _ = machine.handle(.message, at: now + .seconds(29))
    #expect(machine.failures == 6)
    _ = machine.handle(.message, at: now + .seconds(30))
    #expect(machine.failures == 0)
    _ = machine.handle(.failed("dropped"), at: now + .seconds(31))
    #expect((isWaiting(machine) ?? .zero) - now - .seconds(31) < .milliseconds(250))
  }

  @Test func silenceIsPingedOnceAndThenCountsAsDown() {
    var machine = machine()
    _ = machine.handle(.start, at: .zero)
    _ = machine.handle(.opened, at: .zero)
    _ = machine.handle(.message, at: .seconds(1))
    #expect(machine.handle(.time, at: .seconds(5.9)) == [])
    #expect(machine.handle(.time, at: .seconds(6)) == [.ping])
    #expect(machine.handle(.time, at: .seconds(7)) == [])
    #expect(machine.handle(.message, at: .seconds(8)) == [])
    #expect(machine.handle(.time, at: .seconds(13)) == [.ping])
    #expect(machine.handle(.time, at: .seconds(22.9)) == [])
    guard case .disconnect = machine.handle(.time, at: .seconds(23)).first else {
      Issue.record("a silent link stays up")
      return
    }
    #expect(!machine.isUp && isWaiting(machine) != nil)
    // What the dead link still says is ignored.
    #expect(machine.handle(.message, at: .seconds(23)) == [] && machine.handle(.failed("late"), at: .seconds(23)) == [])
    #expect(machine.failures == 1)
  }

  @Test func anOpeningThatTakesTooLongIsBrokenOff() {
    var machine = machine()
    _ = machine.handle(.start, at: .zero)
    #expect(machine.handle(.time, at: .seconds(9.9)) == [])
    #expect(machine.handle(.time, at: .seconds(10)).count == 1)
    #expect(machine.handle(.opened, at: .seconds(10)) == [] && !machine.isUp)
  }
}

struct SequenceTrackerTests {
  private func tracker(after last: Int64? = nil, held: Int = 10_000) -> SequenceTracker<Int64> {
    var patience = SequenceTracker<Int64>.Patience()
    patience.held = held
    return SequenceTracker(after: last, patience: patience)
  }

  @Test func theFirstMessageBegins() {
    var tracker = tracker()
    #expect(tracker.take(17, number: 17, at: .zero) == [17])
    #expect(tracker.take(18, number: 18, at: .zero) == [18])
    #expect(tracker.last == 18)
  }

  @Test func eachNumberCountsOnce() {
    var tracker = tracker(after: 5)
    #expect([5, 3, 6, 6, 8, 8, 7, 7].flatMap { tracker.take($0, number: $0, at: .zero) } == [6, 7, 8])
    #expect(tracker.counts == .init(delivered: 3, duplicates: 5, lost: 0))
  }

  @Test func aGapIsAskedForOnceAndGivenUpLater() {
    var tracker = tracker(after: 0)
    #expect(tracker.take(1, number: 1, at: .zero) == [1])
    #expect(tracker.take(4, number: 4, at: .zero) == [])
    #expect(tracker.request(at: .milliseconds(199)) == nil)
    #expect(tracker.request(at: .milliseconds(200)) == .init(after: 1, before: 4))
    #expect(tracker.request(at: .seconds(1)) == nil)
    // A part of it comes: the rest is a new gap.
    #expect(tracker.take(2, number: 2, at: .seconds(1)) == [2])
    #expect(tracker.request(at: .milliseconds(1_200)) == .init(after: 2, before: 4))
    #expect(tracker.expire(at: .seconds(5.9)) == [])
    #expect(tracker.expire(at: .seconds(6)) == [4])
    #expect(tracker.counts.lost == 1 && tracker.last == 4)
    #expect(tracker.take(3, number: 3, at: .seconds(6)) == [])
    #expect(tracker.expire(at: .seconds(60)) == [] && tracker.request(at: .seconds(60)) == nil)
  }

  @Test func memoryIsBounded() {
    var tracker = tracker(after: 0, held: 10)
    var delivered: [Int64] = []
    for number in stride(from: Int64(2), through: 200, by: 2) {
      delivered += tracker.take(number, number: number, at: .zero)
    }
    #expect(delivered.first == 2 && delivered == delivered.sorted())
    #expect(100 - delivered.count <= 10)
  }

  @Test func numbersThatBeginAnewAreNoDuplicates() {
    var tracker = tracker(after: 1_000)
    #expect(tracker.take(1_002, number: 1_002, at: .zero) == [])
    #expect(tracker.restart() == [1_002])
    #expect(tracker.take(1, number: 1, at: .zero) == [1])
  }

  /// Any order in which each number comes at least once gives all of them, once and in order.
  @Test(arguments: seeds(30)) func anyOrderGivesTheSame(_ seed: UInt64) {
    var draws = Draws(seed: seed)
    var numbers = Array(Int64(1)...300)
    for index in numbers.indices {
      numbers.swapAt(index, min(numbers.count - 1, index + draws.draw(8)))
      if draws.draw(10) == 0 { numbers.append(numbers[index]) }
    }
    var tracker = tracker(after: 0)
    expectEqual(numbers.flatMap { tracker.take($0, number: $0, at: .zero) }, 1...300)
    #expect(tracker.counts.delivered == 300 && tracker.counts.duplicates == numbers.count - 300)
  }
}

struct GenericCodecTests {
  private let codec = GenericCodec()
  private let received = try! Timestamp("2024-01-02T14:30:01Z")

  private func decode(_ text: String) throws -> [LiveMessage] {
    try codec.decode(Array(text.utf8), received: received)
  }

  @Test func tradesAndQuotes() throws {
    let time = try Timestamp("2024-01-02T14:30:00.123Z")
    #expect(
      try decode(
        #"{"type":"trade","symbol":"IBM","ts":"2024-01-02T14:30:00.123Z","seq":7,"price":160.5,"size":100,"venue":"X","condition":"@","suspicious":true}"#
      ) == [
        .tick(
          LiveTick(
            symbol: "IBM", time: time, received: received, number: 7, venue: "X",
            kind: .trade(price: 160.5, size: 100, saleCondition: "@", isSuspicious: true)))
      ])
    #expect(
      try decode(
        #" [{"type":"quote","symbol":"IBM","ts":1704205800123,"seq":8,"bid":160.4,"bid_size":5}, {"type":"heartbeat"}]"#
      ) == [
        .tick(
          LiveTick(
            symbol: "IBM", time: time, received: received, number: 8, venue: nil,
            kind: .quote(bid: 160.4, ask: nil, bidSize: 5, askSize: nil))), .heartbeat,
      ])
    #expect(try decode(#"{"type":"restart","symbol":"IBM"}"#) == [.restart(symbol: "IBM")])
    #expect(try decode(#"{"type":"error","message":"no such symbol"}"#) == [.error("no such symbol")])
  }

  @Test(arguments: [
    "", "{}", "[", "null", "1", #"{"type":"trade"}"#, #"{"type":"other"}"#, #"{"type":"restart"}"#,
    #"{"type":"trade","symbol":"A","ts":"yesterday","seq":1,"price":1,"size":1}"#,
    #"{"type":"trade","symbol":"A","ts":9223372036854775807,"seq":1,"price":1,"size":1}"#,
    #"{"type":"trade","symbol":"A","ts":0,"seq":-1,"price":1,"size":1}"#,
    #"{"type":"trade","symbol":"A","ts":0,"price":1,"size":1}"#,
    #"{"type":"trade","symbol":"A","ts":0,"seq":1,"price":"1","size":1}"#,
    #"{"type":"trade","symbol":"A","ts":0,"seq":1,"price":NaN,"size":1}"#,
    #"{"type":"quote","symbol":"A","ts":0,"seq":1}"#,
  ])
  func otherMessagesAreRefused(_ text: String) {
    #expect { try decode(text) } throws: { ($0 as? FeedError)?.code == .notJSON }
  }

  @Test func requests() {
    #expect(
      codec.subscribe([("A\"B", 3), ("C", nil)])
        == #"{"op":"subscribe","symbols":[{"after":3,"symbol":"A\"B"},{"symbol":"C"}]}"#)
    #expect(codec.replay(symbol: "A", after: 1, before: 5) == #"{"after":1,"before":5,"op":"replay","symbol":"A"}"#)
  }
}
