import TestSupport
import Testing
import TradingCore

@Suite struct PaperBookTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let side: Side
    let type: OrderType
    var limit: String?
    var stop: String?
    let bar: (open: Double, high: Double, low: Double)
    /// The price of the fill, nil when the bar does not fill the order.
    let expected: String?

    var testDescription: String {
      "\(side) \(type) limit \(limit ?? "-") stop \(stop ?? "-") in \(bar) fills at \(expected ?? "nothing")"
    }
  }

  static let cases: [Case] = [
    Case(side: .buy, type: .market, bar: (100, 105, 95), expected: "100"),
    Case(side: .sell, type: .market, bar: (100, 105, 95), expected: "100"),
    Case(side: .buy, type: .limit, limit: "98", bar: (100, 105, 95), expected: "98"),
    Case(side: .buy, type: .limit, limit: "101", bar: (100, 105, 95), expected: "100"),
    Case(side: .buy, type: .limit, limit: "100", bar: (100, 105, 95), expected: "100"),
    Case(side: .buy, type: .limit, limit: "95", bar: (100, 105, 95), expected: "95"),
    Case(side: .buy, type: .limit, limit: "94.99", bar: (100, 105, 95), expected: nil),
    Case(side: .sell, type: .limit, limit: "102", bar: (100, 105, 95), expected: "102"),
    Case(side: .sell, type: .limit, limit: "99", bar: (100, 105, 95), expected: "100"),
    Case(side: .sell, type: .limit, limit: "105.01", bar: (100, 105, 95), expected: nil),
    Case(side: .buy, type: .stop, stop: "103", bar: (100, 105, 95), expected: "103"),
    Case(side: .buy, type: .stop, stop: "99", bar: (100, 105, 95), expected: "100"),
    Case(side: .buy, type: .stop, stop: "105.01", bar: (100, 105, 95), expected: nil),
    Case(side: .sell, type: .stop, stop: "97", bar: (100, 105, 95), expected: "97"),
    Case(side: .sell, type: .stop, stop: "101", bar: (100, 105, 95), expected: "100"),
    Case(side: .sell, type: .stop, stop: "94.99", bar: (100, 105, 95), expected: nil),
    // A gap through the stop fills at the open, not at the stop.
    Case(side: .sell, type: .stop, stop: "97", bar: (80, 82, 78), expected: "80"),
    Case(side: .buy, type: .stopLimit, limit: "104", stop: "103", bar: (100, 105, 95), expected: "103"),
    // Triggered on the way up, limit below: whether the bar came back afterwards is not known.
    Case(side: .buy, type: .stopLimit, limit: "102", stop: "103", bar: (100, 105, 95), expected: nil),
    // Triggered at the open, so that the whole range comes later.
    Case(side: .buy, type: .stopLimit, limit: "98", stop: "99", bar: (100, 105, 95), expected: "98"),
    Case(side: .buy, type: .stopLimit, limit: "94", stop: "99", bar: (100, 105, 95), expected: nil),
    Case(side: .sell, type: .stopLimit, limit: "96", stop: "97", bar: (100, 105, 95), expected: "97"),
    Case(side: .sell, type: .stopLimit, limit: "98", stop: "97", bar: (100, 105, 95), expected: nil),
    // A vendor's bar whose range leaves its own open out.
    Case(side: .buy, type: .limit, limit: "100", bar: (100, 99, 101), expected: "100"),
  ]

  @Test(arguments: cases)
  func aBarFillsAnOrderAtThePriceOfTheRules(example: Case) throws {
    var book = PaperBook(rules: try Self.rules())
    let terms = try OrderTerms(
      example.type, limitPrice: example.limit.map { try Price($0) }, stopPrice: example.stop.map { try Price($0) })
    try book.add(order(1, example.side, terms, "10"))
    let fills = try bar(&book, example.bar.open, example.bar.high, example.bar.low).compactMap(\.fill)
    #expect(fills.map(\.price.description) == (example.expected.map { [$0] } ?? []))
    #expect(book.isEmpty == (example.expected != nil))
  }

  @Test func slippageHurtsMarketAndStopOrdersAndNeverLimits() throws {
    let rules = try Self.rules(slippage: "10")
    for (terms, side, expected) in [
      (OrderTerms.market, Side.buy, "100.11"), (.market, .sell, "99.9"),
      (try OrderTerms(.stop, stopPrice: Price("103.33")), .buy, "103.44"),
      (try OrderTerms(.stop, stopPrice: Price("96.66")), .sell, "96.56"),
      (try OrderTerms(.limit, limitPrice: Price("100.01")), .buy, "100.005"),
      (try OrderTerms(.limit, limitPrice: Price("99")), .buy, "99"),
      (try OrderTerms(.stopLimit, limitPrice: Price("104"), stopPrice: Price("103.33")), .buy, "103.33"),
    ] {
      var book = PaperBook(rules: rules)
      try book.add(order(1, side, terms, "10"))
      let fills = try bar(&book, 100.005, 105, 95).compactMap(\.fill)
      #expect(fills.map(\.price.description) == [expected])
    }
  }

  @Test func anOrderPlacedOnAFillAtTheOpenMeetsTheRangeOfTheSameBar() throws {
    var book = PaperBook(rules: try Self.rules())
    var actions: [PaperAction] = []
    let candle = Self.candle(100, 105, 95)
    try book.add(order(1, .buy, .market, "10"))
    book.matchOpen(candle, into: &actions)
    try book.add(order(2, .sell, OrderTerms(.stop, stopPrice: Price("96")), "10"))
    try book.add(order(3, .sell, .market, "10"))
    book.matchRange(candle, into: &actions)
    #expect(actions.compactMap(\.fill).map(\.key.order) == [1, 2])
    #expect(book.orders.map(\.key.order) == [3])
  }

  @Test func aStopPlacedBehindTheMarketFillsAtTheOpenAndNotAtABetterStop() throws {
    var book = PaperBook(rules: try Self.rules())
    var actions: [PaperAction] = []
    let candle = Self.candle(100, 101, 95)
    book.matchOpen(candle, into: &actions)
    try book.add(order(1, .sell, OrderTerms(.stop, stopPrice: Price("103")), "10"))
    try book.add(order(2, .buy, OrderTerms(.limit, limitPrice: Price("104")), "10"))
    book.matchRange(candle, into: &actions)
    #expect(actions.compactMap(\.fill).map(\.price.description) == ["100", "100"])
  }

  @Test func insideABarStopsComeBeforeLimits() throws {
    var book = PaperBook(rules: try Self.rules())
    try book.add(order(1, .sell, OrderTerms(.limit, limitPrice: Price("104")), "10"))
    try book.add(order(2, .sell, OrderTerms(.stop, stopPrice: Price("96")), "10"))
    #expect(try bar(&book, 100, 105, 95).compactMap(\.fill).map(\.key.order) == [2, 1])
  }

  @Test func ordersFillInOrderOfArrivalHoweverTheyWereAdded() throws {
    var book = PaperBook(rules: try Self.rules())
    for (id, arrival) in [(1, 30), (2, 10), (3, 20), (4, 20)] as [(Int64, Int64)] {
      try book.add(order(id, .buy, .market, "1", arrival: arrival))
    }
    #expect(try bar(&book, 100, 100, 100).compactMap(\.fill).map(\.key.order) == [2, 3, 4, 1])
  }

  @Test func anOrderExpiresBeforeItIsMatched() throws {
    var book = PaperBook(rules: try Self.rules())
    let time = try Timestamp("2013-10-07T20:00:00Z")
    try book.add(order(1, .buy, .market, "1", force: .day, expiresAt: time))
    var actions: [PaperAction] = []
    book.match(Tick(instrument: 1, time: time, price: 100, size: 1), into: &actions)
    #expect(actions == [.expire(Self.key(1), at: time)])
    #expect(book.isEmpty)
  }

  @Test func immediateOrdersHaveOneChance() throws {
    var book = PaperBook(rules: try Self.rules(participation: "0.1"))
    try book.add(order(1, .buy, .market, "15", force: .immediateOrCancel))
    try book.add(order(2, .buy, .market, "15", force: .fillOrKill))
    try book.add(order(3, .buy, OrderTerms(.limit, limitPrice: Price("99")), "5", force: .immediateOrCancel))
    var actions: [PaperAction] = []
    book.match(Tick(instrument: 1, time: .earliest, price: 100, size: 109), into: &actions)
    #expect(actions.compactMap(\.fill).map(\.quantity.description) == ["10"])
    #expect(
      actions.dropFirst().map { $0 } == [
        .cancel(Self.key(1), reason: .immediateOrCancel, at: .earliest),
        .cancel(Self.key(2), reason: .fillOrKill, at: .earliest),
        .cancel(Self.key(3), reason: .immediateOrCancel, at: .earliest),
      ])
    #expect(book.isEmpty)
  }

  @Test func aShareOfTheVolumeFillsInPartsAndPortfoliosDoNotCompete() throws {
    var book = PaperBook(rules: try Self.rules(participation: "0.25"))
    try book.add(order(1, .buy, .market, "30"))
    try book.add(order(2, .buy, .market, "30"))
    try book.add(order(3, .buy, .market, "30", portfolio: 2))
    func tick(_ size: Double) -> [String] {
      var actions: [PaperAction] = []
      book.match(Tick(instrument: 1, time: .earliest, price: 100, size: size), into: &actions)
      return actions.compactMap(\.fill).map { "\($0.key.order): \($0.quantity) left \($0.remaining)" }
    }
    #expect(tick(83) == ["1: 20 left 10", "3: 20 left 10"])
    #expect(tick(3.9) == [])
    #expect(tick(100) == ["1: 10 left 0", "2: 15 left 15", "3: 10 left 0"])
    #expect(tick(1e300) == ["2: 15 left 0"])
  }

  @Test func openAndRangeOfABarShareItsVolume() throws {
    var book = PaperBook(rules: try Self.rules(participation: "0.1"))
    try book.add(order(1, .buy, .market, "6"))
    try book.add(order(2, .buy, OrderTerms(.limit, limitPrice: Price("98")), "6"))
    let fills = try bar(&book, 100, 105, 95, volume: 100).compactMap(\.fill)
    #expect(fills.map(\.quantity.description) == ["6", "4"])
  }

  @Test func aTriggeredOrderThatLivesOnIsReportedAndCanBeReloaded() throws {
    var book = PaperBook(rules: try Self.rules())
    let terms = try OrderTerms(.stopLimit, limitPrice: Price("102"), stopPrice: Price("103"))
    try book.add(order(1, .buy, terms, "10"))
    let actions = try bar(&book, 100, 105, 95)
    #expect(actions == [.trigger(Self.key(1), at: .earliest)])
    #expect(book.orders.first?.isTriggered == true)

    var reloaded = PaperBook(rules: try Self.rules())
    try reloaded.add(
      PaperOrder(
        key: Self.key(1), side: .buy, terms: terms, remaining: Quantity("10"), arrival: 1, isTriggered: true))
    for price in [103.0, 101.5] {
      #expect(try bar(&book, price, price, price) == bar(&reloaded, price, price, price))
    }
    #expect(book.isEmpty && reloaded.isEmpty)
  }

  @Test func ordersCanBeTakenOutAndReplaced() throws {
    var book = PaperBook(rules: try Self.rules())
    let low = try OrderTerms(.limit, limitPrice: Price("50"))
    let high = try OrderTerms(.limit, limitPrice: Price("100"))
    try book.add(order(1, .buy, low, "1"))
    try book.add(order(2, .buy, low, "1"))
    #expect(throws: ParameterError.self) { try book.add(order(1, .buy, low, "1")) }
    #expect(try bar(&book, 60, 60, 60).isEmpty)
    #expect(try book.replace(order(1, .buy, high, "2", arrival: 9)))
    #expect(try !book.replace(order(7, .buy, high, "2")))
    #expect(book.orders.map(\.key.order) == [2, 1])
    #expect(book[Self.key(1)]?.remaining.description == "2")
    #expect(book.remove(Self.key(2))?.key.order == 2)
    #expect(book.remove(Self.key(2)) == nil)
    #expect(try bar(&book, 60, 60, 60).compactMap(\.fill).map(\.quantity.description) == ["2"])
  }

  @Test(arguments: [Double.nan, 0, -5, .infinity, 1e10, 1e-9])
  func aPriceThatIsNonePlacesNoFill(price: Double) throws {
    var book = PaperBook(rules: try Self.rules())
    try book.add(order(1, .buy, .market, "1"))
    try book.add(order(2, .sell, OrderTerms(.stop, stopPrice: Price("96")), "10"))
    #expect(try bar(&book, price, price, price).isEmpty)
    var actions: [PaperAction] = []
    book.match(Tick(instrument: 1, time: .earliest, price: price, size: 1), into: &actions)
    #expect(actions.isEmpty && book.orders.count == 2)
  }

  @Test func slippageOutOfTheRangeOfPricesCancels() throws {
    var book = PaperBook(rules: try Self.rules(slippage: "10000"))
    try book.add(order(1, .buy, .market, "1"))
    try book.add(order(2, .sell, .market, "1"))
    #expect(
      try bar(&book, 9_999_999_999, 9_999_999_999, 9_999_999_999).first
        == .cancel(Self.key(1), reason: .noPrice, at: .earliest))
    try book.add(order(3, .sell, .market, "1"))
    #expect(try bar(&book, 0.01, 0.01, 0.01) == [.cancel(Self.key(3), reason: .noPrice, at: .earliest)])
  }

  @Test func aSplitMultipliesQuantitiesAndDividesPrices() throws {
    var book = PaperBook(rules: try Self.rules())
    try book.add(order(1, .sell, OrderTerms(.stop, stopPrice: Price("101.01")), "7"))
    try book.add(order(2, .buy, OrderTerms(.stopLimit, limitPrice: Price("50"), stopPrice: Price("49.99")), "1"))
    var actions: [PaperAction] = []
    try book.apply(StockSplit(numerator: 2, denominator: 1), at: .earliest, into: &actions)
    #expect(actions.isEmpty)
    #expect(book.orders.map(\.remaining.description) == ["14", "2"])
    #expect(book.orders[0].terms.stopPrice?.description == "50.51")
    #expect(book.orders[1].terms.limitPrice?.description == "25")
    #expect(book.orders[1].terms.stopPrice?.description == "24.99")
    try book.add(order(3, .buy, .market, "0.00000004"))
    try book.apply(StockSplit(numerator: 1, denominator: 10), at: .earliest, into: &actions)
    #expect(actions == [.cancel(Self.key(3), reason: .nothingLeft, at: .earliest)])
    #expect(book.orders.map(\.remaining.description) == ["1.4", "0.2"])
    book.remove(Self.key(2))
    // The cached prices follow.
    #expect(try bar(&book, 505.2, 506, 505.2).isEmpty)
    #expect(try bar(&book, 505.2, 506, 505.1).compactMap(\.fill).map(\.price.description) == ["505.1"])
  }

  @Test func nonsenseRulesAndOrdersAreRefused() throws {
    #expect(throws: ParameterError.self) { try Self.rules(slippage: "10000.00000001") }
    #expect(throws: ParameterError.self) { try Self.rules(slippage: "-1") }
    #expect(throws: ParameterError.self) { try Self.rules(participation: "0") }
    #expect(throws: ParameterError.self) { try Self.rules(participation: "1.00000001") }
    #expect(throws: ParameterError.self) { try order(1, .buy, .market, "0") }
    #expect(throws: ParameterError.self) {
      try PaperOrder(
        key: Self.key(1), side: .buy, terms: .market, remaining: Quantity("1"), arrival: 1, isTriggered: true)
    }
    #expect(throws: ParameterError.self) { try StockSplit(numerator: 0, denominator: 1) }
  }

  @Test(arguments: seeds(40))
  func anyStreamOfOrdersAndPricesMatchesTheNaiveExchange(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func chance(_ oneIn: Int) -> Bool { draw(1...oneIn) == 1 }

    let basisPoints = [0, 0, 7, 250][draw(0...3)]
    let percent = chance(2) ? draw(1...100) : nil
    var naive = NaiveExchange(basisPoints: basisPoints, percent: percent)
    var book = PaperBook(
      rules: try PaperRules(
        tickSize: Price("0.01"), lot: Quantity("1"), slippageBasisPoints: Ratio(basisPoints),
        participation: percent.map { try Ratio($0).scaled(by: 1, over: 100) }))
    func cents(_ value: Int) throws -> Price { try Price(raw: Int64(value) * 1_000_000) }

    var log: [String] = []
    var nextID = 0
    func addOrders(arrived: Int) throws {
      while chance(2) {
        nextID += 1
        let kind = draw(0...5)
        let price = draw(9_000...11_000)
        let isBuy = chance(2)
        var naiveOrder = NaiveExchange.Order(
          portfolio: draw(1...2), id: nextID, isBuy: isBuy, stop: kind >= 2 ? price : nil,
          limit: kind == 1 ? price : kind == 3 || kind == 5 ? price + draw(-300...300) : nil, left: draw(1...60))
        naiveOrder.arrived = arrived
        naiveOrder.isTouch = kind == 5
        if kind == 4 { naiveOrder.trail = draw(1...400) }
        naiveOrder.force = ["", "", "", "ioc", "fok"][draw(0...4)]
        naiveOrder.isPostOnly = kind == 1 && naiveOrder.force == "" && chance(3)
        naiveOrder.isReduceOnly = chance(3)
        if chance(2) {
          naiveOrder.group = draw(1...3)
          naiveOrder.leg = draw(1...3)
        }
        if chance(4) { naiveOrder.expiry = draw(0...400) }
        naive.orders.append(naiveOrder)
        let type: OrderType = [.market, .limit, .stop, .stopLimit, .trailingStop, .limitIfTouched][kind]
        let force: TimeInForce = ["ioc": .immediateOrCancel, "fok": .fillOrKill][naiveOrder.force] ?? .day
        try book.add(
          PaperOrder(
            key: OrderKey(portfolio: Int32(naiveOrder.portfolio), order: Int64(nextID)), side: isBuy ? .buy : .sell,
            terms: OrderTerms(
              type, limitPrice: naiveOrder.limit.map(cents), stopPrice: naiveOrder.stop.map(cents),
              trail: naiveOrder.trail.map { try Trail(amount: cents($0)) }),
            remaining: Quantity(naiveOrder.left), timeInForce: force,
            expiresAt: naiveOrder.expiry.map { try Timestamp(microseconds: Int64($0)) }, arrival: Int64(nextID),
            arrivedAt: Timestamp(microseconds: Int64(arrived)),
            conditions: OrderConditions(
              isPostOnly: naiveOrder.isPostOnly, isReduceOnly: naiveOrder.isReduceOnly,
              exclusion: naiveOrder.group.map { .init(group: Int64($0), leg: Int16(naiveOrder.leg)) })))
      }
    }
    func record(_ actions: [PaperAction]) {
      for action in actions {
        switch action {
        case .fill(let fill):
          let price = fill.price.raw / 1_000_000
          log.append(
            "fill \(fill.key.order) \(fill.quantity) @ \(price) left \(fill.remaining) \(fill.liquidity)")
        case .trigger(let key, _): log.append("trigger \(key.order)")
        case .expire(let key, _): log.append("expire \(key.order)")
        case .cancel(let key, let reason, _):
          let words: [PaperAction.CancelReason: String] = [.fillOrKill: "fok", .nothingToReduce: "reduce"]
          log.append("cancel \(key.order) \(words[reason] ?? "ioc")")
        case .trail(let key, let stop, _): log.append("trail \(key.order) \(stop.raw / 1_000_000)")
        case .reject(let key, _): log.append("reject \(key.order)")
        }
      }
    }

    var price = 10_000
    for time in 0..<400 {
      try addOrders(arrived: time - 1)
      if chance(10), let victim = naive.orders.randomElement(using: &generator) {
        naive.orders.removeAll { $0.id == victim.id }
        #expect(book.remove(OrderKey(portfolio: Int32(victim.portfolio), order: Int64(victim.id))) != nil)
      }
      if chance(20) {
        // A reload from the tables.
        var reloaded = PaperBook(rules: book.rules)
        reloaded.tapeTime = book.tapeTime
        for portfolio in 1...2 {
          try reloaded.setPosition(Quantity(naive.positions[portfolio] ?? 0), of: Int32(portfolio))
        }
        for order in book.orders.shuffled(using: &generator) { try reloaded.add(order) }
        book = reloaded
      }
      price = min(max(price + draw(-200...200), 9_000), 11_000)
      let volume = draw(0...200)
      let at = try Timestamp(microseconds: Int64(time))
      var actions: [PaperAction] = []
      if chance(2) {
        naive.tick(price, volume: volume, time: time)
        book.match(
          Tick(instrument: 1, time: at, price: Double(price) / 100, size: Double(volume)), into: &actions)
      } else {
        let high = price + draw(0...300)
        let low = price - draw(0...300)
        let candle = Candle(
          bucket: at, open: Double(price) / 100, high: Double(high) / 100, low: Double(low) / 100,
          close: Double(price) / 100, volume: Double(volume))
        naive.open(price, volume: volume, time: time)
        book.matchOpen(candle, into: &actions)
        try addOrders(arrived: time)
        naive.range(price, high, low, volume: volume, time: time)
        book.matchRange(candle, into: &actions)
      }
      record(actions)
      try #require(log == naive.log, "after event \(time)")
      #expect(book.orders.map { Int($0.key.order) } == naive.orders.map(\.id))
    }
    #expect(log.count > 200)
  }

  // MARK: Material

  static func rules(slippage: String = "0", participation: String? = nil) throws -> PaperRules {
    try PaperRules(
      tickSize: Price("0.01"), lot: Quantity("1"), slippageBasisPoints: Ratio(slippage),
      participation: participation.map { try Ratio($0) })
  }

  static func key(_ id: Int64) -> OrderKey { OrderKey(portfolio: 1, order: id) }

  static func candle(_ open: Double, _ high: Double, _ low: Double, volume: Double = 1000) -> Candle {
    Candle(bucket: .earliest, open: open, high: high, low: low, close: open, volume: volume)
  }

  private func order(
    _ id: Int64, _ side: Side, _ terms: OrderTerms, _ quantity: String, force: TimeInForce = .goodTillCancelled,
    expiresAt: Timestamp? = nil, arrival: Int64? = nil, portfolio: Int32 = 1
  ) throws -> PaperOrder {
    try PaperOrder(
      key: OrderKey(portfolio: portfolio, order: id), side: side, terms: terms, remaining: Quantity(quantity),
      timeInForce: force, expiresAt: expiresAt, arrival: arrival ?? id)
  }

  /// Shows the book one whole bar.
  private func bar(
    _ book: inout PaperBook, _ open: Double, _ high: Double, _ low: Double, volume: Double = 1000
  ) throws -> [PaperAction] {
    var actions: [PaperAction] = []
    let candle = Self.candle(open, high, low, volume: volume)
    book.matchOpen(candle, into: &actions)
    book.matchRange(candle, into: &actions)
    return actions
  }
}

extension PaperAction {
  var fill: PaperFill? {
    if case .fill(let fill) = self { fill } else { nil }
  }
}
