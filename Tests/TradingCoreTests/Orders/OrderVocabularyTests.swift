import Testing
import TradingCore

@Suite struct OrderVocabularyTests {
  @Test func labelsReadBackAsTheirCases() {
    func check<T: SQLSpelling>(_ type: T.Type) {
      for value in T.allCases { #expect(T(sql: value.sql) == value) }
      #expect(Set(T.allCases.map(\.sql)).count == T.allCases.count)
      #expect(T(sql: "") == nil && T(sql: "BUY") == nil && T(sql: "new ") == nil)
    }
    check(Side.self)
    check(OrderType.self)
    check(TimeInForce.self)
    check(OrderStatus.self)
    check(OrderRole.self)
    check(Liquidity.self)
    check(Signal.Action.self)
    #expect(
      OrderStatus.allCases.map(\.sql).sorted() == [
        "accepted", "cancelled", "expired", "filled", "held", "new", "partially_filled", "pending_approval",
        "pending_cancel", "pending_submit", "rejected", "replaced", "unknown", "working",
      ])
    #expect(TimeInForce.allCases.map(\.sql) == ["day", "gtc", "gtd", "ioc", "fok", "at_open", "at_close"])
    #expect(
      OrderType.allCases.map(\.sql)
        == ["market", "limit", "stop", "stop_limit", "trailing_stop", "limit_if_touched"])
    #expect(Liquidity.allCases.map(\.sql) == ["maker", "taker"])
  }

  @Test(arguments: [
    (OrderStatus.new, OrderStatus.accepted, true), (.accepted, .working, true), (.working, .partiallyFilled, true),
    (.partiallyFilled, .partiallyFilled, true), (.partiallyFilled, .filled, true), (.unknown, .filled, true),
    (.pendingCancel, .working, true), (.pendingSubmit, .unknown, true), (.new, .filled, false), (.new, .working, false),
    (.filled, .cancelled, false), (.partiallyFilled, .working, false), (.partiallyFilled, .rejected, false),
    (.working, .rejected, true), (.new, .cancelled, false), (.working, .accepted, false),
    (.unknown, .pendingSubmit, false),
    (.unknown, .new, false), (.cancelled, .filled, false), (.working, .working, false),
    (.new, .held, true), (.held, .accepted, true), (.held, .filled, false), (.pendingApproval, .accepted, true),
    (.accepted, .held, false), (.pendingSubmit, .pendingCancel, true), (.pendingCancel, .pendingCancel, true),
    (.pendingCancel, .rejected, true), (.held, .pendingApproval, true), (.pendingApproval, .filled, false),
  ])
  func transitionsFollowTheLifeOfAnOrder(from: OrderStatus, to: OrderStatus, isAllowed: Bool) {
    #expect(from.canBecome(to) == isAllowed)
  }

  @Test(arguments: OrderStatus.allCases)
  func everyOrderCanEndAndNoEndedOrderMoves(status: OrderStatus) {
    var reachable: Set<OrderStatus> = [status]
    while true {
      let wider = reachable.union(reachable.flatMap(\.successors))
      if wider == reachable { break }
      reachable = wider
    }
    #expect(!reachable.filter(\.isTerminal).isEmpty)
    let ends: Set<OrderStatus> = [.filled, .rejected, .cancelled, .expired, .replaced]
    #expect(status.isTerminal == ends.contains(status))
    if status.isTerminal { #expect(reachable == [status]) }
  }

  @Test func termsHoldExactlyThePricesOfTheType() throws {
    let price = try Price("10")
    #expect(try OrderTerms(.stopLimit, limitPrice: price, stopPrice: price).type == .stopLimit)
    #expect(try OrderTerms(.limit, limitPrice: price).limitPrice == price)
    #expect(try OrderTerms(.stop, stopPrice: price).stopPrice == price)
    #expect(try OrderTerms(.market).limitPrice == nil)
    let trail = try Trail(amount: price)
    #expect(try OrderTerms(.trailingStop, stopPrice: price, trail: trail).trail?.amount == price)
    #expect(try OrderTerms(.trailingStop, stopPrice: price, trail: Trail(percent: Ratio("5"))).trail?.amount == nil)
    #expect(try OrderTerms(.limitIfTouched, limitPrice: price, stopPrice: price).type == .limitIfTouched)
    #expect(throws: ParameterError.self) { try OrderTerms(.trailingStop, trail: trail) }
    #expect(throws: ParameterError.self) { try OrderTerms(.trailingStop, stopPrice: price) }
    #expect(throws: ParameterError.self) { try OrderTerms(.stop, stopPrice: price, trail: trail) }
    #expect(throws: ParameterError.self) { try OrderTerms(.limitIfTouched, stopPrice: price) }
    #expect(throws: ParameterError.self) { try OrderTerms(.market, limitPrice: price) }
    #expect(throws: ParameterError.self) { try OrderTerms(.limit) }
    #expect(throws: ParameterError.self) { try OrderTerms(.limit, stopPrice: price) }
    #expect(throws: ParameterError.self) { try OrderTerms(.stopLimit, limitPrice: price) }
    #expect(throws: ParameterError.self) { try OrderTerms(.limit, limitPrice: .zero) }
    #expect(throws: ParameterError.self) { try OrderTerms(.stop, stopPrice: Price("-1")) }
  }
}
