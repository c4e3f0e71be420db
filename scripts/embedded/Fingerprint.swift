// Compiled together with all of TradingCore, once as usual and once as Embedded Swift: both programs must print the same.
//
// Replays generated ticks through candles, an agent of rules and the paper exchange, and through a session over books in
// memory; prints a hash (FNV-1a) of every order, fill and state on the way.

private struct Fingerprint {
  private(set) var hash: UInt64 = 14_695_981_039_346_656_037

  mutating func add(_ bits: UInt64) { hash = (hash ^ bits) &* 1_099_511_628_211 }

  mutating func add(_ values: [Double]) {
    for value in values { add(value.bitPattern) }
  }

  mutating func add(bytes: [UInt8]) {
    for byte in bytes { add(UInt64(byte)) }
  }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
  }
}

// One type of error in an expression, or Embedded Swift would need an existential for it.
private func price(_ text: String) -> Price { try! Price(text) }
private func quantity(_ text: String) -> Quantity { try! Quantity(text) }
private func ratio(_ text: String) -> Ratio { try! Ratio(text) }
private func money(_ text: String) -> Money { try! Money(text) }

private struct FingerprintReplay {
  var fingerprint = Fingerprint()
  var fills = 0
  private let fees: FeeSchedule
  private var memory: StrategyMemory
  private var agent: AgentRuntime
  private var book: PaperBook
  private var candles = try! CandleBuilder(resolution: 60_000_000)
  private var longer: [CandleBuilder] = []
  private var position = Quantity.zero
  private var open: [(key: OrderKey, request: OrderRequest)] = []
  private var submitted: Int64 = 0

  init() {
    let definition = try! StrategyDefinition(
      type: .custom,
      json: #"""
        {"entry": "crosses_above(ema(close, $fast), ema(close, 12))", "exit": "crosses_below(ema(close, $fast), ema(close, 12))",
         "short_entry": "crosses_below(ema(close, $fast), ema(close, 12)) and close@15m < sma(close, 9)@5m * 1.1",
         "short_exit": "crosses_above(ema(close, $fast), ema(close, 12))", "params": {"fast": 5},
         "sizing": {"method": "deviation", "risk_percent": 0.7, "period": 9},
         "exits": [{"type": "atr_stop", "multiple": 2.5, "period": 7}, {"type": "atr_trailing", "multiple": 3.75, "period": 7},
           {"type": "take_profit", "distance": "5 * atr(7)", "portion_percent": 40},
           {"type": "take_profit", "at_r": 3, "portion_percent": 30}, {"type": "break_even", "at_r": 1.5}]}
        """#)
    memory = StrategyMemory(try! StrategyProgram(definition, timeframe: RuleLength(count: 1, unit: .minute)))
    for key in memory.program.series.dropFirst() {
      longer.append(try! CandleBuilder(resolution: key.length!.microseconds))
    }
    fees = FeeSchedule(lines: [
      try! FeeLine(.gst, percent: ratio("18"), decimals: 2, percentOf: [.brokerage]),
      try! FeeLine(.brokerage, perShare: price("0.005"), percent: ratio("0.01"), minimum: money("1")),
    ])
    agent = AgentRuntime(
      AgentPlan(
        exits: definition.exits, sizing: definition.sizing,
        terms: try! TradingTerms(tickSize: price("0.01"), lot: quantity("1"))))
    book = PaperBook(
      rules: try! PaperRules(
        tickSize: price("0.01"), lot: quantity("1"), slippageBasisPoints: ratio("3"), participation: ratio("0.2")))
  }

  mutating func take(_ tick: Tick) {
    var matched: [PaperAction] = []
    book.match(tick, into: &matched)
    for case .fill(let fill) in matched { book(fill) }
    if case .closed(let candle) = candles.update(tick) {
      var actions: [AgentAction] = []
      let account = AccountView(equity: money("100000"), cash: money("90000"), position: position, fees: fees)
      let closedAt = try! candle.bucket.advanced(byMicroseconds: 60_000_000)
      for index in longer.indices {
        if let closed = longer[index].advance(to: closedAt) {
          memory.update(series: index + 1, closed, closedAt: closedAt)
        }
      }
      let intent = memory.evaluate(candle, closedAt: closedAt, clock: nil, trade: agent.trade)
      try! agent.act(on: intent, bar: candle, at: candle.bucket, account: account, into: &actions)
      carryOut(actions)
    }
    for index in longer.indices { _ = longer[index].update(tick) }
  }

  mutating func addState() {
    fingerprint.add(bytes: memory.state)
    fingerprint.add(bytes: agent.state)
    fingerprint.add(bytes: candles.state)
  }

  private mutating func book(_ fill: PaperFill) {
    fills += 1
    fingerprint.add("\(fill.side.sql) \(fill.quantity.description) @ \(fill.price.description) \(fill.at.description)")
    position = try! fill.side == .buy ? position + fill.quantity : position - fill.quantity
    guard let index = open.firstIndex(where: { $0.key == fill.key }) else { return }
    let request = open[index].request
    if fill.remaining.isZero { open.remove(at: index) }
    var actions: [AgentAction] = []
    try! agent.filled(
      request.clientOrderID, quantity: fill.quantity, price: fill.price, remaining: fill.remaining,
      position: position, at: fill.at, into: &actions)
    if fill.changesOthers {
      for other in open {
        let name = other.request.clientOrderID
        if let rests = book[other.key] {
          try! agent.orderResized(name, to: rests.remaining, position: position, into: &actions)
        } else {
          open.removeAll { $0.key == other.key }
          try! agent.orderClosed(name, into: &actions)
        }
      }
    }
    carryOut(actions)
  }

  private mutating func add(_ request: OrderRequest, group: Int64?) {
    submitted += 1
    let key = OrderKey(portfolio: 1, order: submitted)
    var conditions = OrderConditions(isReduceOnly: request.isReduceOnly)
    if let leg = request.ocoLeg {
      var joined: Int64?
      for other in open { joined = joined ?? book[other.key]?.conditions.exclusion?.group }
      conditions.exclusion = .init(group: group ?? joined ?? submitted, leg: leg)
    }
    let order = try! PaperOrder(
      key: key, side: request.side, terms: request.terms, remaining: request.quantity, arrival: submitted,
      conditions: conditions)
    try! book.add(order)
    open.append((key, request))
    fingerprint.add("\(request.clientOrderID) \(request.quantity.description)")
  }

  private mutating func carryOut(_ wanted: [AgentAction]) {
    var actions = wanted
    var next = 0
    while next < actions.count {
      switch actions[next] {
      case .signal(let signal):
        fingerprint.add([signal.price, Double(signal.number)])
      case .enterLeg: break
      case .submit(let request): add(request, group: nil)
      case .replace(let clientOrderID, var request):
        if let index = open.firstIndex(where: { isSame($0.request.clientOrderID, clientOrderID) }) {
          let old = open.remove(at: index)
          let rested = book.remove(old.key)
          request.ocoLeg = old.request.ocoLeg
          add(request, group: rested?.conditions.exclusion?.group)
          try! agent.orderReplaced(
            clientOrderID, by: request.clientOrderID, remaining: request.quantity, into: &actions)
        } else {
          try! agent.orderRejected(request.clientOrderID, into: &actions)
        }
      case .cancel(let clientOrderID):
        if let index = open.firstIndex(where: { isSame($0.request.clientOrderID, clientOrderID) }) {
          book.remove(open.remove(at: index).key)
          try! agent.orderClosed(clientOrderID, into: &actions)
        }
      }
      next += 1
    }
  }
}

/// A session of one agent, with books in memory.
private struct BooksReplay {
  private var session: TradingSession
  private var books: MemoryBooks

  init() {
    let share = money("40")
    let instrument = SessionInstrument(
      id: 1, symbol: "ONE", tickSize: price("0.01"), lot: quantity("1"), multiplier: .one,
      initialMargin: ratio("0.5"), last: nil)
    let schedule = try! FeeSchedule(perShare: price("0.005"), percent: ratio("0.01"), minimum: money("1"))
    let begin = try! Timestamp(microseconds: 0)
    // A session on each day but two of seven.
    var sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = []
    for day in 0..<40 as Range<Int64> where day % 7 < 5 {
      sessions.append(
        (try! Timestamp(microseconds: day * 86_400_000_000), try! Timestamp(microseconds: (day + 1) * 86_400_000_000)))
    }
    books = try! MemoryBooks(
      BooksTerms(
        portfolios: [
          BooksPortfolio(
            id: 1, owner: "bourse", currency: "USD", accountType: .margin, capital: money("100000"), openedAt: begin,
            fees: FeePlan(FeeHistory(always: schedule)), slippageBasisPoints: ratio("3"), participation: ratio("0.2"),
            marketOrderBuffer: ratio("0.05"))
        ],
        instruments: [
          BooksInstrument(
            instrument, currency: "USD", borrowRates: [BorrowRate(validFrom: 2, percent: ratio("12.5"))])
        ], agents: [BooksAgent(id: 1, strategy: 1)], calendars: [ExchangeCalendar(exchange: 0, sessions: sessions)],
        limits: [
          RiskLimit(id: 1, scope: .portfolio(1), metric: .positionShare, bound: share),
          RiskLimit(id: 2, scope: .system, metric: .dailyLossShare, bound: money("0.5"), action: .warn),
        ], protections: [LossProtection(id: 1, kind: .cooldown, scope: .system, pause: 600_000_000)]))
    let definition = try! StrategyDefinition(
      type: .custom,
      json: #"""
        {"entry": "close > sma(close, 4)", "exit": "close < sma(close, 9)", "short_entry": "close < sma(close, 7)",
         "short_exit": "close > sma(close, 7)", "sizing": {"method": "fixed_fractional", "risk_percent": 0.79},
         "exits": [{"type": "percent_stop", "percent": 2}, {"type": "take_profit", "at_r": 1, "portion_percent": 50}]}
        """#)
    let program = try! StrategyProgram(definition, timeframe: RuleLength(count: 1, unit: .minute))
    let plan = AgentPlan(
      exits: definition.exits, sizing: definition.sizing,
      terms: try! TradingTerms(tickSize: price("0.01"), lot: quantity("1"), initialMargin: ratio("0.5")))
    let agent = SessionAgent(
      id: 1, portfolio: 1, instrument: 1, name: "agent", isActive: true, runtime: AgentRuntime(plan),
      memory: StrategyMemory(program), builder: try! CandleBuilder(resolution: 60_000_000))
    session = try! books.session(agents: [agent], time: begin)
  }

  mutating func take(_ tick: Tick) {
    session.begin(tick)
    if session.hasRequests { try! books.serve(&session) { _, _ in nil } }
  }

  func add(to fingerprint: inout Fingerprint) -> Int {
    let portfolio = books.portfolios[0]
    for order in portfolio.orders {
      fingerprint.add("\(order.clientOrderID) \(order.status.sql) \(order.reason ?? "")")
    }
    for fill in portfolio.fills { fingerprint.add("\(fill.price.description) \(fill.fee.description)") }
    for payment in portfolio.payments { fingerprint.add(payment.amount.description) }
    for snapshot in portfolio.snapshots {
      fingerprint.add("\(snapshot.equity.description) \(snapshot.drawdown.description)")
    }
    // What is to be compared must have happened.
    return portfolio.payments.isEmpty ? 0 : portfolio.fills.count
  }
}

@main struct Main {
  static func main() {
    var replay = FingerprintReplay()
    var backtest = BooksReplay()
    var random: UInt64 = 42
    func draw() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 11) * 0x1p-53
    }
    var level = 100.0
    for second in 0..<200_000 as Range<Int64> {
      level *= 1 + (draw() - 0.5) * 0.004
      if level < 10 || level > 1000 { level = 100 }
      let cents = Double(Int64(level * 100)) / 100
      let size = Double(Int64(draw() * 500))
      let time = try! Timestamp(microseconds: second * 7_000_000)
      let tick = Tick(instrument: 1, time: time, price: cents, size: size, sequence: second)
      replay.take(tick)
      backtest.take(tick)
      if second % 1000 == 0 { replay.addState() }
    }
    replay.addState()
    let booked = backtest.add(to: &replay.fingerprint)
    print("\(replay.fills) and \(booked) fills, fingerprint \(replay.fingerprint.hash)")
  }
}
