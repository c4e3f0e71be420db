import Testing

@testable import TradingCore

/// What books in memory say where it can be computed by hand. That it is what the database says too, the twin tests show.
@Suite struct MemoryBooksTests {
  private let fees = FeePlan(FeeHistory(always: try! FeeSchedule(perOrder: Money("1"), percent: Ratio("0.1"))))

  @Test func aMarketBuyReservesTheLastPriceWithABufferAndItsFees() throws {
    var desk = try BooksDesk(fees: fees)
    let order = try desk.submit(.buy, "10")
    // 10 × 105, 1 and a tenth of a percent.
    #expect(order.status == .working && order.reserved.description == "1052.05")
    #expect(desk.portfolio.available.description == "8947.95")
    try desk.fill(1, "4", at: "101")
    // The other six: 6 × 105 and what the fee on 404 + 630 is above the 1.404 that was paid.
    #expect(desk.portfolio.orders[0].reserved.description == "630.63")
    let filled = try desk.fill(1, at: "101")
    #expect(filled.status == .filled && filled.fees.description == "2.01" && filled.reserved.isZero)
    #expect(desk.portfolio.cash.description == "8987.99" && desk.portfolio.available == desk.portfolio.cash)
    #expect(desk.portfolio.equity.description == "9987.99")
  }

  @Test func whatCashDoesNotCoverIsRefusedOrEndsAtItsFill() throws {
    var desk = try BooksDesk(capital: "1000")
    let refused = try desk.submit(.buy, "10")
    #expect(refused.status == .rejected && refused.code == "TR401")
    #expect(refused.reason == "1000 USD are available, 1050 are needed")
    try desk.submit(.buy, "9")
    let ended = try desk.fill(2, at: "111.12")
    #expect(ended.status == .cancelled && ended.reason == "1000 USD are available, the fill costs 1000.08")
    #expect(desk.portfolio.cash.description == "1000" && desk.portfolio.reserved.isZero)
  }

  /// The database would look for a stored one.
  @Test func withoutAPriceNothingIsDealtAtTheMarket() throws {
    var desk = try BooksDesk()
    func request(_ terms: OrderTerms, _ name: String) throws -> SessionRequest {
      .submit(
        SessionOrder(
          portfolio: 1, agent: 7, instrument: 2, clientOrderID: name,
          request: OrderRequest(
            clientOrderID: name, role: .entry, side: .buy, terms: terms, quantity: try Quantity("1")),
          at: desk.now))
    }
    _ = try desk.ask(try request(.limit(try Price("5")), "a"))
    #expect(desk.portfolio.orders[0].status == .working)
    let error = #expect(throws: BooksError.self) { _ = try desk.ask(try request(.market, "b")) }
    #expect(error?.code == "TR531")
  }

  @Test func shortSalesNeedAMarginAccountAndItsCollateral() throws {
    var paid = try BooksDesk()
    #expect(try paid.submit(.sell, "1").code == "TR402")
    var desk = try BooksDesk(.margin)
    try desk.submit(.sell, "20")
    #expect(desk.portfolio.reserved.description == "1000")
    try desk.fill(1, at: "100")
    #expect(desk.portfolio.margin.description == "3000" && desk.portfolio.cash.description == "9000")
    try desk.submit(.buy, "5", role: .exit)
    try desk.fill(2, at: "90")
    #expect(desk.portfolio.margin.description == "2250" && desk.portfolio.cash.description == "9300")
    #expect(desk.position.realised.description == "50" && desk.position.quantity.description == "-15")
  }

  @Test func profitIsThatOfTheAverageAndThatOfTheOldestLots() throws {
    var desk = try BooksDesk()
    for price in ["100", "106"] {
      try desk.submit(.buy, "10")
      try desk.fill(Int64(desk.portfolio.orders.count), at: price)
    }
    try desk.submit(.sell, "15", role: .exit)
    try desk.fill(3, at: "110")
    #expect(desk.position.realised.description == "105" && desk.position.realisedFirstIn.description == "120")
    #expect(desk.portfolio.closures.map(\.quantity.description) == ["10", "5"])
    #expect(desk.position.cost.description == "515")
  }

  @Test func ofOrdersThatExcludeEachOtherOneTakesFromTheOthers() throws {
    var desk = try BooksDesk()
    try desk.submit(.buy, "10")
    try desk.fill(1, at: "100")
    try desk.submit(.sell, "10", .stop(Price("95")), role: .stop, leg: 2)
    try desk.submit(.sell, "4", .limit(Price("110")), role: .target, leg: 1)
    try desk.submit(.sell, "6", .limit(Price("120")), role: .target, leg: 1)
    #expect(desk.position.openSells.description == "10")
    try desk.fill(3, at: "110")
    #expect(desk.portfolio.orders[1].quantity.description == "6" && desk.portfolio.orders[1].code == "TR222")
    try desk.fill(2, at: "95")
    #expect(desk.portfolio.orders[3].status == .cancelled && desk.position.openSells.isZero)
    #expect(try desk.submit(.sell, "1", role: .exit).code == "TR220")
  }

  @Test func aReplacementThatIsRefusedLeavesTheOrderAsItIs() throws {
    var desk = try BooksDesk(capital: "1000")
    let old = try desk.submit(.buy, "9", .limit(Price("100")))
    let key = OrderKey(portfolio: 1, order: 1)
    func ask(_ quantity: String, _ name: String) throws -> [SessionAnswer] {
      try desk.ask(.replace(key, by: try desk.order(.buy, quantity, .limit(Price("110")), name: name)))
    }
    guard case .rejected = try ask("10", "more")[0] else { Issue.record("it was taken"); return }
    #expect(desk.portfolio.orders.count == 1 && desk.portfolio.orders[0].status == .working)
    #expect(desk.portfolio.reserved == old.reserved)
    guard case .replaced = try ask("9", "dearer")[0] else { Issue.record("it was refused"); return }
    #expect(desk.portfolio.orders[0].status == .replaced && desk.portfolio.reserved.description == "990")
  }

  @Test func limitsRefuseWithTheirFigures() throws {
    let limit = RiskLimit(id: 5, scope: .strategy(3), metric: .positionValue, bound: try Money("1500.5"))
    var desk = try BooksDesk(limits: [limit])
    #expect(try desk.submit(.buy, "15").status == .working)
    let refused = try desk.submit(.buy, "1")
    #expect(refused.code == "TR304")
    #expect(refused.reason == "position value would be 1600, the limit of the strategy is 1500.5")
    #expect(desk.portfolio.breaches.map(\.limit) == [5])
    // What only reduces passes.
    try desk.fill(1, at: "100")
    #expect(try desk.submit(.sell, "15", role: .exit).status == .working)
  }

  @Test func aDrawdownPausesAndSoDoesALoss() throws {
    let drawdown = RiskLimit(id: 1, scope: .portfolio(1), metric: .drawdown, bound: try Money("1"))
    let cooldown = LossProtection(id: 2, kind: .cooldown, scope: .system, pause: 3_600_000_000)
    var desk = try BooksDesk(limits: [drawdown], protections: [cooldown])
    try desk.submit(.buy, "20")
    try desk.fill(1, at: "100")
    try desk.submit(.sell, "20", .stop(Price("98")), role: .stop)
    try desk.fill(2, at: "97.5")
    #expect(try desk.submit(.buy, "1").reason == "stopped out with -50, until 2024-01-08 16:00:00.000002")
    try desk.wait(hours: 2)
    try desk.submit(.buy, "20")
    try desk.fill(4, at: "100")
    desk.price(96)
    #expect(try desk.submit(.buy, "1").code == "TR322")
    desk.price(120)
    #expect(try desk.submit(.buy, "1").reason?.hasSuffix(", until a person releases it") == true)
  }

  @Test func splitsAndDividendsMeetWhatIsHeld() throws {
    let day = try Timestamp("2024-01-09T00:00:00Z")
    let split = try StockSplit(numerator: 3, denominator: 2)
    var desk = try BooksDesk(actions: [
      BooksAction(id: 1, instrument: 1, kind: .dividend(try Money("0.5")), exDay: 8774, effectiveAt: day),
      BooksAction(id: 2, instrument: 1, kind: .split(split), exDay: 8774, effectiveAt: day),
    ])
    try desk.submit(.buy, "5")
    try desk.fill(1, at: "100")
    try desk.submit(.sell, "5", .stop(Price("90")), role: .stop)
    _ = try desk.ask(.duty(SessionDuty(.dividend(actionID: 1), at: day)))
    #expect(desk.portfolio.cash.description == "9502.5")
    let answers = try desk.ask(
      .split(SessionSplit(actionID: 2, instrument: 1, split: split, effectiveAt: day)))
    // Seven shares and a half, of which the half is paid at two thirds of 100.
    #expect(desk.position.quantity.description == "7" && desk.portfolio.cash.description == "9535.83333334")
    #expect(
      desk.portfolio.orders[1].terms == .stop(try Price("60")) && desk.portfolio.orders[1].quantity.description == "7")
    #expect(desk.portfolio.payments.map(\.kind) == [.dividend, .cashInLieu])
    guard case .split(_, let orders)? = answers.first else { Issue.record("it was not answered"); return }
    #expect(orders.count == 1)
  }

  @Test func anOrderThatMakesNoSenseEndsTheRun() throws {
    var desk = try BooksDesk()
    #expect(throws: BooksError.self) { try desk.submit(.buy, "1.5") }
    #expect(throws: BooksError.self) { try desk.submit(.buy, "1", .limit(Price("100.005"))) }
  }

  @Test func whatItCannotJudgeIsRefusedByName() throws {
    func name(_ change: (inout BooksTerms) throws -> Void) throws -> String? {
      var terms = try BooksDesk.terms()
      try change(&terms)
      do throws(BooksRefusal) {
        _ = try MemoryBooks(terms)
        return nil
      } catch {
        return error.name
      }
    }
    #expect(try name { _ in } == nil)
    #expect(
      try name {
        $0.limits = [RiskLimit(id: 1, scope: .system, metric: .correlation, bound: try Money("0.5"))]
      } == "correlation")
    #expect(try name { $0.agents = [BooksAgent(id: 7, strategy: 3, requiresApproval: true)] } == "approval")
    #expect(try name { $0.instruments[1] = try BooksDesk.instrument(2, currency: "EUR") } == "currency")
    #expect(try name { $0.calendars = [] } == "calendar")
    #expect(try name { $0.instruments[1] = try BooksDesk.instrument(2, kind: .future) } == "contract")
    #expect(
      try name {
        $0.calendars.append(ExchangeCalendar(exchange: 5))
        $0.instruments[1] = try BooksDesk.instrument(
          2, kind: .future, contract: BooksContract(expiresOn: 9000, underlying: 1), exchange: 5)
      } == "underlying")
  }
}
