import Testing
import TradingCore

@Suite struct SessionDutyTests {
  private func split(_ id: Int32, _ day: Int) throws -> SessionSplit {
    SessionSplit(
      actionID: id, instrument: 1, split: try StockSplit(numerator: 2, denominator: 1),
      effectiveAt: try SessionScene.time(day, 4))
  }

  /// The shares that receive it are counted as they were before the split of the same morning, and after an earlier one.
  @Test func dividendsAndSplitsComeInOrder() throws {
    var scene = try SessionScene(
      splits: [split(7, 4), split(5, 2)],
      duties: [
        SessionDuty(.dividend(actionID: 8), at: try SessionScene.time(4, 4)),
        SessionDuty(.dividend(actionID: 6), at: try SessionScene.time(3, 4)),
        SessionDuty(.dividend(actionID: 4), at: try SessionScene.time(1, 4)),
      ], agents: false)
    try scene.show([SessionScene.bar(1, 0, 100, 101)])
    #expect(scene.books.log == [])
    try scene.show([SessionScene.bar(1, 1, 100, 101)])
    #expect(scene.books.log == ["dividend(actionID: 4) 2013-10-02T04:00:00Z"])
    try scene.show([SessionScene.bar(1, 5, 25, 26)])
    #expect(
      scene.books.log.dropFirst() == [
        "split of 1 2013-10-03T04:00:00Z", "dividend(actionID: 6) 2013-10-04T04:00:00Z",
        "dividend(actionID: 8) 2013-10-05T04:00:00Z", "split of 1 2013-10-05T04:00:00Z",
      ])
  }

  @Test func aDayIsSettledWithTheBarThatEndsThere() throws {
    var scene = try SessionScene(
      duties: [SessionDuty(.settlement(exchange: 1), at: try SessionScene.time(0, 20))], agents: false)
    try scene.show([SessionScene.bar(1, 0, 100, 101)])
    #expect(scene.books.log == ["settlement(exchange: 1) 2013-10-01T20:00:00Z"])
    #expect(scene.books.prices == [1: 101])
    // Days without an event are settled one after the other when the next one comes.
    try scene.show([SessionScene.bar(1, 3, 101, 102)])
    #expect(
      scene.books.log.dropFirst().map { String($0.suffix(20)) } == [
        "2013-10-02T20:00:00Z", "2013-10-03T20:00:00Z", "2013-10-04T20:00:00Z",
      ])
  }

  @Test func ticksOfTheCloseAreStillPartOfTheDay() throws {
    var scene = try SessionScene(
      duties: [SessionDuty(.settlement(exchange: 1), at: try SessionScene.time(0, 20))], agents: false)
    let close = try SessionScene.time(0, 20)
    try scene.show(Tick(instrument: 1, time: close, price: 101, size: 1))
    #expect(scene.books.log == [])
    try scene.show(Tick(instrument: 1, time: close.advanced(byMicroseconds: 1), price: 102, size: 1))
    #expect(scene.books.log == ["settlement(exchange: 1) 2013-10-01T20:00:00Z"])
  }

  @Test func whatIsIntradayEndsBeforeTheDayIsSettled() throws {
    let close = try SessionScene.time(0, 20)
    var scene = try SessionScene(
      duties: [SessionDuty(.settlement(exchange: 1), at: close)], agents: false)
    try scene.session.answer([
      .accepted(
        BookedOrder(
          order: try PaperOrder(
            key: OrderKey(portfolio: 1, order: 1), side: .buy, terms: try OrderTerms(.limit, limitPrice: Price("1")),
            remaining: Quantity("1"), arrival: 1),
          instrument: 1, clientOrderID: "day", agent: nil, squareOffAt: close))
    ])
    try scene.show([SessionScene.bar(1, 0, 100, 101)])
    #expect(
      scene.books.log == ["1 squared off 2013-10-01T20:00:00Z", "settlement(exchange: 1) 2013-10-01T20:00:00Z"])
  }
}
