import TestSupport
import Testing

@testable import TradingCore

/// Orders meet what trades in the sessions of their exchange, which in these tests are from 14:00 to 20:00.
@Suite struct ClosedSessionTests {
  private static func books(_ held: String? = nil) throws -> SessionBooks {
    var books = SessionBooks(cash: [1: try Money("100000")])
    if let held { books.positions[[1, 1]] = try Quantity(held) }
    return books
  }

  private static func tick(_ day: Int, _ hour: Int, _ price: Double, seconds: Double = 0) throws -> Tick {
    let time = try SessionScene.time(day, hour).advanced(byMicroseconds: Int64(seconds * 1e6))
    return Tick(instrument: 1, time: time, price: price, size: 1_000)
  }

  private static func order(
    _ terms: OrderTerms, expiresAt: Timestamp? = nil, arrivedAt: Timestamp = .earliest
  ) throws -> SessionAnswer {
    .accepted(
      BookedOrder(
        order: try PaperOrder(
          key: OrderKey(portfolio: 1, order: 1), side: .buy, terms: terms, remaining: Quantity("1"),
          expiresAt: expiresAt, arrival: 1, arrivedAt: arrivedAt),
        instrument: 1, clientOrderID: "one", agent: nil))
  }

  // MARK: Ticks

  @Test func ordersWaitForTheOpening() throws {
    var books = try Self.books()
    try books.submit("market", portfolio: 1, instrument: 1, .buy, .market, Quantity("1"))
    try books.submit("limit", portfolio: 1, instrument: 1, .buy, .limit("90"), Quantity("1"))
    try books.submit("now", portfolio: 1, instrument: 1, .buy, .limit("99"), Quantity("1"), force: .immediateOrCancel)
    var scene = try SessionScene(agents: false, books: books)
    for (day, hour, price) in [(0, 21, 89.0), (0, 23, 88), (1, 13, 89)] {
      try scene.show(Self.tick(day, hour, price))
      #expect(scene.books.log == [] && scene.books.prices[1] == price)
    }
    try scene.show(Self.tick(1, 14, 100))
    #expect(scene.books.log == ["1 market filled 1 at 100 2013-10-02T14:00:00Z", "1 now unfillable"])
  }

  @Test func theOpeningAndTheCloseArePartOfTheSession() throws {
    for (hour, seconds, fills) in [(13, 3_599.999999, false), (14, 0, true), (20, 0, true), (20, 0.000001, false)] {
      var books = try Self.books()
      try books.submit("market", portfolio: 1, instrument: 1, .buy, .market, Quantity("1"))
      var scene = try SessionScene(agents: false, books: books)
      try scene.show(Self.tick(0, hour, 100, seconds: seconds))
      #expect(scene.books.open.isEmpty == fills, "\(hour) \(seconds)")
    }
  }

  @Test func stopsNeitherTriggerNorTrailOutsideOfTheSessions() throws {
    var books = try Self.books("2")
    try books.submit("trail", portfolio: 1, instrument: 1, .sell, .trailing("95", amount: "5"), Quantity("1"))
    try books.submit("stop", portfolio: 1, instrument: 1, .sell, .stop("94"), Quantity("1"))
    var scene = try SessionScene(agents: false, books: books)
    for (hour, price) in [(19, 101.0), (21, 130), (22, 60)] { try scene.show(Self.tick(0, hour, price)) }
    #expect(scene.session.takeTrails().map(\.stop) == [try Price("96")] && scene.books.log == [])
    try scene.show(Self.tick(1, 15, 95.5))
    #expect(scene.books.log == ["1 trail filled 1 at 95.5 2013-10-02T15:00:00Z"])
  }

  @Test func anOrderRunsOutWheneverItsTimeIsOver() throws {
    var scene = try SessionScene(agents: false, books: Self.books())
    try scene.session.answer([Self.order(.market, expiresAt: SessionScene.time(0, 22))])
    try scene.show(Self.tick(0, 21, 100))
    #expect(scene.books.log == [])
    try scene.show(Self.tick(0, 23, 100))
    #expect(scene.books.log == ["1 ? expired"])
  }

  /// What trades at night is not seen by orders, and so none has rested through it.
  @Test(arguments: [(20, Liquidity.taker), (19, .maker)])
  func whatCameAtNightHasNotBeenOnTheTape(arrival: Int, liquidity: Liquidity) throws {
    for isRestarted in [false, true] {
      var books = try Self.books()
      books.last[1] = isRestarted ? try Self.tick(0, 22, 101) : nil
      var scene = try SessionScene(agents: false, books: books)
      try scene.session.answer([Self.order(.limit("99"), arrivedAt: SessionScene.time(0, arrival))])
      if !isRestarted { for hour in 20...22 { try scene.show(Self.tick(0, hour, 101)) } }
      scene.session.begin(try Self.tick(1, 14, 99))
      var fills: [PaperFill] = []
      while scene.session.hasRequests, fills.isEmpty {
        for request in scene.session.takeRequests() {
          switch request {
          case .fill(let fill): fills.append(fill)
          case .hours(let exchange, let from, let until):
            try scene.session.answer([.hours(SessionScene.hours(exchange, from, until))])
          default: break
          }
        }
        scene.session.proceed()
      }
      #expect(fills.map(\.liquidity) == [liquidity], "\(isRestarted)")
    }
  }

  @Test func nobodyAsksForSessionsUntilAnOrderRests() throws {
    var scene = try SessionScene(agents: false, books: Self.books(), time: SessionScene.time(0, 0))
    for hour in [10, 15, 22] {
      scene.session.begin(try Self.tick(0, hour, 100))
      #expect(!scene.session.hasRequests)
    }
    try scene.session.answer([Self.order(.limit("90"))])
    scene.session.begin(Tick(instrument: 2, time: try SessionScene.time(0, 22), price: 100, size: 1))
    #expect(!scene.session.hasRequests)
    scene.session.begin(try Self.tick(0, 22, 80))
    let requests = scene.session.takeRequests()
    guard requests.count == 1, case .hours(0, _, let until) = requests[0] else {
      Issue.record("\(requests)")
      return
    }
    try scene.session.answer([.hours(SessionScene.hours(0, SessionScene.time(0, 22), until))])
    scene.session.proceed()
    #expect(scene.session.isIdle)
    // And not again while they are known.
    scene.session.begin(try Self.tick(0, 23, 80))
    #expect(scene.session.isIdle)
  }

  @Test func aCalendarWithoutSessionsClosesNothing() throws {
    var scene = try SessionScene(agents: false, books: Self.books())
    try scene.session.answer([Self.order(.limit("90"))])
    scene.session.begin(try Self.tick(0, 3, 80))
    _ = scene.session.takeRequests()
    try scene.session.answer([.hours(SessionHours(exchange: 0, until: .latest, sessions: [], offsets: []))])
    scene.session.proceed()
    #expect(scene.session.takeRequests().contains { if case .fill = $0 { true } else { false } })
  }

  // MARK: Bars

  private static func hour(_ begin: Int, minutes: Int = 0, _ open: Double, low: Double, high: Double) throws -> BarEvent
  {
    let opensAt = try SessionScene.time(0, begin).advanced(byMicroseconds: Int64(minutes) * 60_000_000)
    return BarEvent(
      instrument: 1, opensAt: opensAt, closesAt: try opensAt.advanced(byMicroseconds: 3_600_000_000),
      bar: Bar(bucket: opensAt, open: open, high: high, low: low, close: open, volume: 1_000))
  }

  @Test func barsOfTheNightMeetNoOrder() throws {
    var books = try Self.books()
    try books.submit("market", portfolio: 1, instrument: 1, .buy, .market, Quantity("1"))
    try books.submit("limit", portfolio: 1, instrument: 1, .buy, .limit("90"), Quantity("1"))
    var scene = try SessionScene(agents: false, books: books)
    // The hour that begins with the close is behind it, the one that ends with the opening before it.
    for begin in [13, 20, 22] { try scene.show([Self.hour(begin, 100, low: 80, high: 100)]) }
    #expect(scene.books.log == [] && scene.books.prices[1] == 100)
  }

  @Test func aBarInWhichTheSessionBeginsOrEndsFillsAtTimesOfTheSession() throws {
    for (hour, first, last) in [(13, "14:00", "14:30"), (19, "19:30", "20:00")] {
      var books = try Self.books()
      try books.submit("market", portfolio: 1, instrument: 1, .buy, .market, Quantity("1"))
      try books.submit("limit", portfolio: 1, instrument: 1, .buy, .limit("90"), Quantity("1"))
      var scene = try SessionScene(agents: false, books: books)
      try scene.show([Self.hour(hour, minutes: 30, 100, low: 80, high: 100)])
      #expect(
        scene.books.log == [
          "1 market filled 1 at 100 2013-10-01T\(first):00Z", "1 limit filled 1 at 90 2013-10-01T\(last):00Z",
        ])
    }
  }

  @Test func anOrderForTheCloseFillsAtItWhenABarGoesOn() throws {
    var books = try Self.books()
    try books.submit(
      "close", portfolio: 1, instrument: 1, .buy, .market, Quantity("1"), force: .atClose,
      conditions: OrderConditions(activeAt: SessionScene.time(0, 20)))
    var scene = try SessionScene(agents: false, books: books)
    try scene.show([Self.hour(19, minutes: 30, 100, low: 80, high: 100)])
    #expect(scene.books.log == ["1 close filled 1 at 100 2013-10-01T20:00:00Z"])
  }

  /// That a vendor has a bar of a holiday says that there was trading.
  @Test(arguments: [true, false]) func aBarOfADayIsPartOfASession(isOfDays: Bool) throws {
    var books = try Self.books()
    try books.submit("market", portfolio: 1, instrument: 1, .buy, .market, Quantity("1"))
    var scene = try SessionScene(agents: false, books: books)
    let bar = Bar(bucket: try SessionScene.time(0, 4), open: 100, high: 100, low: 100, close: 100, volume: 1)
    try scene.show([
      BarEvent(
        instrument: 1, opensAt: bar.bucket, closesAt: SessionScene.time(0, 10), bar: bar, isOfDays: isOfDays)
    ])
    #expect(scene.books.log == (isOfDays ? ["1 market filled 1 at 100 2013-10-01T04:00:00Z"] : []))
  }

  // MARK: Hours

  /// Sessions at random, with gaps of weeks, looked up minute by minute in the simplest way.
  @Test(arguments: seeds(UInt64(rounds(10, soak: 200))))
  func stretchesAreWhatTheCalendarSays(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (minute, day) = (Int64(60_000_000), Timestamp.microsecondsPerDay)
    var sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = []
    var end: Int64 = 20 * day
    for _ in 0..<8 {
      let begin = end + random.pick([0, 60 * minute, 17 * 60 * minute, 20 * day, 40 * day])
      end = begin + Int64.random(in: 1...9, using: &random) * 60 * minute
      sessions.append((.clamping(begin), .clamping(end)))
    }
    let hours = SessionHours(exchange: 1, until: .clamping(end + 60 * day), sessions: sessions, offsets: [])
    func isOpen(_ time: Int64) -> Bool {
      sessions.contains { $0.opensAt.microseconds <= time && time <= $0.closesAt.microseconds }
        || !sessions.contains {
          abs($0.opensAt.microseconds - time) <= 14 * day || abs($0.closesAt.microseconds - time) <= 14 * day
        }
    }
    for _ in 0..<400 {
      let near = random.pick(sessions.flatMap { [$0.opensAt, $0.closesAt] }).microseconds
      let time =
        random.chance(0.3)
        ? near + random.pick([-1, 0, 1, 14 * day, -14 * day, 14 * day + 1, -14 * day - 1])
        : near + Int64.random(in: -30 * day...30 * day, using: &random)
      let stretch = hours.stretch(at: .clamping(time))
      #expect(stretch.contains(.clamping(time)) && stretch.isOpen == isOpen(time), "\(time)")
      // Nothing changes before its end.
      for other in [stretch.from.microseconds, stretch.until.microseconds] where other > 0 && other < end {
        #expect(isOpen(other) == stretch.isOpen, "\(time) \(other)")
      }
      let until = time + Int64.random(in: 1...600, using: &random) * minute
      let reached = sessions.filter { $0.opensAt.microseconds < until && $0.closesAt.microseconds > time }
      let part = hours.part(from: .clamping(time), until: .clamping(until))
      if let first = reached.first, let last = reached.last {
        #expect(part?.opensAt == max(first.opensAt, .clamping(time)))
        #expect(part?.closesAt == min(last.closesAt, .clamping(until)))
      } else {
        #expect((part != nil) == isOpen(time + 1))
      }
    }
  }
}
