import Testing
import TradingCore

/// Agents on candles of days, which end with the session of their exchange.
@Suite struct CalendarCandleTests {
  private static let calendar = CandleCalendar(exchange: 1, months: 0, days: 1)
  private static let closes: [Double] = [100, 98, 100, 101, 103, 99, 97, 99, 104, 103.5, 86.5]

  /// The bars of `closes`, as ticks at the open, in between and at the close; the last tick opens the day after.
  private static func ticks() throws -> [Tick] {
    var ticks: [Tick] = []
    for (day, close) in closes.enumerated() {
      let open = day == 0 ? close : closes[day - 1]
      for (hour, price) in [(14, open), (17, (open + close) / 2), (20, close)] {
        ticks.append(Tick(instrument: 1, time: try SessionScene.time(day, hour), price: price, size: 1_000))
      }
    }
    ticks.append(Tick(instrument: 1, time: try SessionScene.time(closes.count, 14), price: closes.last!, size: 1_000))
    return ticks
  }

  /// What was traded, without the times of what happens within a bar, which a bar knows only as its close.
  private static func trades(_ scene: SessionScene) -> [String] {
    scene.books.log.map { line in
      guard line.contains("/stop-") else { return line }
      return line.split(separator: " ").filter { !$0.hasPrefix("2013-") }.joined(separator: " ")
    }
  }

  @Test func theSessionsEndClosesTheDayAsABarDoes() throws {
    var bars = try SessionScene()
    try bars.closes(Self.closes + [Self.closes.last!])
    var days = try SessionScene(calendar: Self.calendar)
    for tick in try Self.ticks() { try days.show(tick) }
    #expect(days.books.log.count > 10)
    // The last bar closes; of its ticks only the first has come.
    #expect(Self.trades(days) == Array(Self.trades(bars).prefix(days.books.log.count)))
    #expect(days.session.isIdle)
  }

  @Test func anAgentActsOnceADayWhateverTradesThen() throws {
    var scene = try SessionScene(calendar: Self.calendar)
    for tick in try Self.ticks().prefix(9) { try scene.show(tick) }
    #expect(scene.books.log == [])
    // After the close another instrument trades, and it itself; a quiet evening passes.
    for (instrument, minute) in [(Int32(2), 1), (1, 2), (2, 3)] {
      let time = try SessionScene.time(2, 20).advanced(byMicroseconds: Int64(minute) * 60_000_000)
      try scene.show(Tick(instrument: instrument, time: time, price: 500, size: 1))
      #expect(scene.books.log.first == "1 buy 2013-10-03T20:00:00Z walker/ONE/entry-2013-10-03T14:00:00Z")
      #expect(scene.books.log.filter { $0.hasSuffix("market 250") }.count == 1)
    }
    scene.session.begin(passingTo: try SessionScene.time(3, 2))
    try scene.books.settle(&scene.session)
    #expect(scene.books.log.filter { $0.contains(" buy ") }.count == 1)
    #expect(scene.session.time == (try SessionScene.time(3, 2)))
  }

  @Test func timeAloneEndsADay() throws {
    var scene = try SessionScene(calendar: Self.calendar)
    for tick in try Self.ticks().prefix(9) { try scene.show(tick) }
    // At the close itself there may be more ticks of this time.
    scene.session.begin(passingTo: try SessionScene.time(2, 20))
    try scene.books.settle(&scene.session)
    #expect(scene.books.log == [])
    #expect(scene.session.nextDue == (try SessionScene.time(2, 20)))
    scene.session.begin(passingTo: try SessionScene.time(2, 20).advanced(byMicroseconds: 1))
    try scene.books.settle(&scene.session)
    #expect(
      scene.books.log == [
        "1 buy 2013-10-03T20:00:00Z walker/ONE/entry-2013-10-03T14:00:00Z",
        "1 walker/ONE/entry-2013-10-03T14:00:00Z market 250",
      ])
  }

  @Test func aRestartAtAnyPointChangesNothing() throws {
    let ticks = try Self.ticks()
    var whole = try SessionScene(calendar: Self.calendar)
    for tick in ticks { try whole.show(tick) }
    for cut in ticks.indices {
      var first = try SessionScene(calendar: Self.calendar)
      for tick in ticks[..<cut] { try first.show(tick) }
      var states: [[Int32]: [UInt8]] = [:]
      for state in first.session.takeStates() { states[[state.portfolio, state.instrument]] = state.state }
      var second = try SessionScene(
        books: first.books, states: states, time: first.session.time, calendar: Self.calendar)
      for tick in ticks[cut...] { try second.show(tick) }
      #expect(second.books.log == whole.books.log, "after \(cut) ticks")
    }
  }

  @Test func whatTradesBehindTheCloseIsNoPartOfTheDay() throws {
    var builder = CandleBuilder.onCalendar()
    #expect(builder.isUntouched)
    builder.open(try SessionScene.span(SessionScene.time(0, 10)))
    func tick(_ hour: Int, _ price: Double) throws -> Tick {
      Tick(instrument: 1, time: try SessionScene.time(0, hour), price: price, size: 1)
    }
    #expect(builder.update(try tick(10, 5)) == .folded)
    #expect(builder.update(try tick(20, 7)) == .folded)
    #expect(builder.update(try tick(21, 9)) == .late)
    let closed = builder.close()
    #expect(closed.candle?.bucket == (try SessionScene.time(0, 14)))
    #expect(closed.candle?.high == 7)
    #expect(closed.closedAt == (try SessionScene.time(0, 20)))
    // It does not open again.
    builder.open(try SessionScene.span(SessionScene.time(0, 10)))
    #expect(builder.update(try tick(20, 8)) == .late)
    #expect(builder.lateTicks == 2)
    let again = try CandleBuilder.onCalendar(state: builder.state)
    #expect(again.state == builder.state)
    #expect(throws: ParameterError.self) { try CandleBuilder(resolution: 60_000_000, state: builder.state) }
    #expect(throws: ParameterError.self) { try CandleBuilder.onCalendar(state: builder.state + [1]) }
    // A feed of bars leaves a builder of fixed width that never made a candle.
    let untouched = try CandleBuilder(resolution: 86_400_000_000)
    #expect(try CandleBuilder.onCalendar(state: untouched.state).isUntouched)
  }
}
