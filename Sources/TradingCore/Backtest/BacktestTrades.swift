/// The trades of a run: of each instrument what was held from flat to flat.
struct BacktestTrades: Sendable {
  /// In the order of their ends; those that are open at the end of the run last.
  private(set) var all: [BacktestTrade] = []
  private var open: [BacktestTrade] = []
  private var count = 0
  private var fills = 0
  private var closures = 0
  /// The latest exit that an agent has signalled, by the place of the instrument.
  private var exits: [(reason: ExitReason, at: Timestamp)?]
  private let instruments: [BooksInstrument]
  /// Of each instrument, in order.
  private let splits: [[SessionSplit]]

  init(_ terms: BooksTerms) {
    instruments = terms.instruments
    exits = Array(repeating: nil, count: terms.instruments.count)
    splits = terms.instruments.map { instrument in
      terms.actions.compactMap { $0.instrument == instrument.terms.id ? $0.split : nil }
        .sorted { $0.effectiveAt < $1.effectiveAt }
    }
  }

  var areOpen: Bool { !open.isEmpty }

  // MARK: Books

  /// What the books have done since the last call.
  mutating func take(_ session: inout TradingSession, _ books: MemoryBooks) throws(ArithmeticError) {
    for exit in session.exits ?? [] {
      if let place = books.market.place(of: exit.instrument) { exits[place] = (exit.reason, exit.at) }
    }
    session.exits?.removeAll(keepingCapacity: true)
    if fills == books.portfolios[0].fills.count, closures == books.portfolios[0].closures.count { return }
    let portfolio = books.portfolios[0]
    while fills < portfolio.fills.count {
      let fill = portfolio.fills[fills]
      fills += 1
      guard let place = books.market.place(of: fill.instrument) else { continue }
      try close(portfolio, books.market) { $0.fill < fill.number && $0.closedAt <= fill.at }
      try restate(place, until: fill.at)
      try book(fill, place, portfolio, books.market, session)
    }
    try close(portfolio, books.market) { _ in true }
  }

  /// What of the run is open is marked at the last prices.
  mutating func end(_ session: TradingSession, _ books: MemoryBooks) throws(BacktestError) {
    do throws(ArithmeticError) {
      for index in open.indices {
        let place = open[index].place
        if let time = session.time { try restate(place, until: time) }
        if let last = try books.market.last(place) {
          try open[index].mark(at: last, books.portfolios[0].position(place), instruments[place].terms)
        }
      }
    } catch {
      throw BacktestError(BooksError(error), at: session.time)
    }
    all += open
    open = []
  }

  private mutating func book(
    _ fill: FillRecord, _ place: Int, _ portfolio: PortfolioBooks, _ market: BooksMarket, _ session: TradingSession
  ) throws(ArithmeticError) {
    var (quantity, value, fee) = (fill.quantity, fill.value, fill.fee)
    if let index = open.firstIndex(where: { $0.place == place && $0.side != fill.side }) {
      let closing = min(open[index].held, quantity)
      let isAll = closing == quantity
      try open[index].leave(
        closing, isAll ? value : value.share(of: closing, in: quantity), at: fill.price,
        fee: isAll ? fee : fee.share(of: closing, in: quantity))
      try close(portfolio, market) { $0.fill == fill.number }
      if open[index].held.isZero { end(index, at: fill.at, reason(of: fill, open[index], portfolio)) }
      if isAll { return }
      value = try value - value.share(of: closing, in: quantity)
      fee = try fee - fee.share(of: closing, in: quantity)
      quantity = try quantity - closing
    }
    let index = open.firstIndex { $0.place == place } ?? open.count
    if index == open.count {
      count += 1
      var trade = BacktestTrade(
        number: count, instrument: fill.instrument, place: place, side: fill.side, openedAt: fill.at)
      trade.splits = splits[place].prefixCount { $0.effectiveAt <= fill.at }
      trade.lastCandle = session.lastCandle(of: fill.instrument)
      open.append(trade)
    }
    try open[index].enter(quantity, value, at: fill.price, fee: fee)
  }

  /// Takes in what has been closed, as far as it is of this kind.
  private mutating func close(
    _ portfolio: PortfolioBooks, _ market: BooksMarket, _ isMeant: (ClosureRecord) -> Bool
  ) throws(ArithmeticError) {
    while closures < portfolio.closures.count, isMeant(portfolio.closures[closures]) {
      let closure = portfolio.closures[closures]
      closures += 1
      guard let place = market.place(of: closure.instrument), let index = open.firstIndex(where: { $0.place == place })
      else { continue }
      if closure.fill < 0 { try restate(place, until: closure.closedAt) }
      try open[index].take(closure)
      if closure.fill <= 0, open[index].held.isZero { end(index, at: closure.closedAt, nil) }
    }
  }

  private mutating func end(_ index: Int, at time: Timestamp, _ reason: ExitReason?) {
    var trade = open.remove(at: index)
    trade.closedAt = time
    trade.exitReason = reason
    all.append(trade)
  }

  private func reason(of fill: FillRecord, _ trade: BacktestTrade, _ portfolio: PortfolioBooks) -> ExitReason? {
    guard let order = portfolio.place(ofOrder: fill.order).map({ portfolio.orders[$0] }) else { return nil }
    let name = order.clientOrderID.utf8
    let begin = name.lastIndex(of: UInt8(ascii: "/")).map { name.index(after: $0) } ?? name.startIndex
    switch OrderRole(ofClientOrderID: String(decoding: Array(name[begin...]), as: UTF8.self)) {
    case .stop: return .stop
    case .target: return .takeProfit
    case .exit: return exits[trade.place].flatMap { $0.at >= trade.openedAt ? $0.reason : nil }
    case .entry, .leg, nil: return nil
    }
  }

  // MARK: Prices

  /// A candle of the agent's on an instrument of which something may be held.
  mutating func see(_ bar: BarEvent) throws(ArithmeticError) {
    guard let index = open.firstIndex(where: { $0.instrument == bar.instrument }) else { return }
    try restate(open[index].place, until: bar.closesAt)
    open[index].see(low: bar.bar.low, high: bar.bar.high)
    open[index].bars += 1
    open[index].lastCandle = nil
  }

  /// A price of an instrument of which something may be held.
  ///
  /// - Parameter candle: the begin of the agent's last candle.
  mutating func see(_ tick: Tick, candle: Timestamp?) throws(ArithmeticError) {
    try see(tick.instrument, low: tick.price, high: tick.price, at: tick.time, candle: candle)
  }

  /// A part of a candle of the agent's likewise.
  mutating func see(_ bar: BarEvent, candle: Timestamp?) throws(ArithmeticError) {
    try see(bar.instrument, low: bar.bar.low, high: bar.bar.high, at: bar.closesAt, candle: candle)
  }

  private mutating func see(
    _ instrument: Int32, low: Double, high: Double, at time: Timestamp, candle: Timestamp?
  ) throws(ArithmeticError) {
    guard let index = open.firstIndex(where: { $0.instrument == instrument }) else { return }
    try restate(open[index].place, until: time)
    open[index].see(low: low, high: high)
    if candle != open[index].lastCandle { open[index].bars += 1 }
    open[index].lastCandle = candle
  }

  private mutating func restate(_ place: Int, until time: Timestamp) throws(ArithmeticError) {
    for index in open.indices where open[index].place == place {
      while open[index].splits < splits[place].count, splits[place][open[index].splits].effectiveAt <= time {
        try open[index].restate(splits[place][open[index].splits].split)
        open[index].splits += 1
      }
    }
  }
}

extension TradingSession {
  /// The begin of the last candle that the run's agent on this instrument has taken in.
  func lastCandle(of instrument: Int32) -> Timestamp? {
    find(agent: BacktestAgent.id, instrument: instrument).flatMap {
      lanes[$0.lane].slots[$0.slot].agent.runtime.lastBar
    }
  }
}
