/// What limits measure of one order; what several of them need is computed once.
struct RiskFigures {
  let books: PortfolioBooks
  let market: BooksMarket
  let ticket: OrderTicket
  let opening: Quantity
  let reference: LastPrice
  let last: LastPrice?
  /// The index, where it is above all before.
  private(set) var newPeak: ReturnIndex?
  private var exposure: Exposure?
  private var performance: Performance?

  /// What a portfolio has in other instruments; nil: a price is not known.
  private struct Exposure {
    var gross: Figure? = Figure.zero
    var net: Figure? = Figure.zero
    var sector: Figure? = Figure.zero
    var positions = 0
  }

  init(
    books: PortfolioBooks, market: BooksMarket, ticket: OrderTicket, opening: Quantity, reference: LastPrice,
    last: LastPrice?
  ) {
    self.books = books
    self.market = market
    self.ticket = ticket
    self.opening = opening
    self.reference = reference
    self.last = last
  }

  private var instrument: BooksInstrument { market.instruments[ticket.place] }

  /// What one unit is worth.
  private var unit: Figure {
    get throws(ArithmeticError) { try reference.figure * Figure(instrument.terms.multiplier) }
  }

  /// What is held, and what all open orders of the side and this one would add, without its sign.
  private var after: Figure {
    get throws(ArithmeticError) { try signedAfter.magnitude }
  }

  private var signedAfter: Figure {
    get throws(ArithmeticError) {
      let position = books.positions[ticket.place]
      let open = try Figure(position.open(ticket.side)) + Figure(ticket.quantity)
      return try Figure(position.quantity) + (ticket.side == .buy ? open : -open)
    }
  }

  /// - Returns: nil when it cannot be measured, -1 when the limit has nothing to say.
  mutating func figure(of limit: RiskLimit) throws(ArithmeticError) -> Figure? {
    let nothing = -Figure.one
    switch limit.metric {
    case .restricted: return .one
    case .marketHours: return market.calendar(of: ticket.place).minutesToOpen(at: ticket.at).map { Figure($0) }
    case .quoteAge: return quoteAge
    case .priceCollar: return try priceReach ?? (ticket.terms.limitPrice == nil ? nothing : nil)
    case .orderRate: return Figure(orderRate(limit))
    case .openOrders: return Figure(openOrders(limit))
    case .orderValue: return try Figure(ticket.quantity) * unit
    case .positionQuantity: return try after
    case .positionValue: return try after * unit
    case .positionShare: return try share(of: after * unit)
    case .sectorValue: return instrument.sector == nil ? nothing : try plus(exposed().sector)
    case .sectorShare: return instrument.sector == nil ? nothing : try share(of: plus(exposed().sector))
    case .grossValue: return try plus(exposed().gross)
    case .grossShare: return try share(of: plus(exposed().gross))
    case .netValue: return try net()
    case .netShare: return try share(of: net())
    case .openPositions: return Figure(try exposed().positions + 1)
    // No order of an agent names the stop that will protect it: all of it can be lost.
    case .tradeRisk: return try share(of: Figure(opening) * unit)
    case .portfolioHeat:
      guard let heat = try heat() else { return nil }
      return try share(of: heat + Figure(opening) * unit)
    case .correlation: return nil
    case .dailyLoss, .dailyLossShare, .weeklyLoss, .weeklyLossShare: return try loss(limit.metric)
    case .drawdown: return try drawdown()
    }
  }

  // MARK: Equity

  /// In percent of the equity as it was last valued; nil where there is none.
  private func share(of value: Figure?) throws(ArithmeticError) -> Figure? {
    let equity = Figure(books.equity)
    guard let value, equity.isPositive else { return nil }
    return try value * Figure(100) / equity
  }

  // MARK: The order

  private var quoteAge: Figure? {
    market.quotes[ticket.place].map {
      Figure(digits: Int128(max(ticket.at.microseconds - $0.at.microseconds, 0)), scale: 6)
    }
  }

  /// Percent by which the limit price is worse than the last price, or than its own stop price.
  private var priceReach: Figure? {
    get throws(ArithmeticError) {
      guard let limit = ticket.terms.limitPrice, let from = ticket.terms.stopPrice.map({ Figure($0) }) ?? last?.figure
      else { return nil }
      let worse = try ticket.side == .buy ? Figure(limit) - from : from - Figure(limit)
      return worse.isPositive ? try worse * Figure(100) / from : .zero
    }
  }

  /// Orders since a time, this one included and refused ones too; it stops counting above the bound.
  private func orderRate(_ limit: RiskLimit) -> Int {
    let from = ticket.at.microseconds - (limit.period ?? 0)
    let most = wholeBound(limit)
    var isOfAll = false
    switch limit.scope {
    case .system, .portfolio: isOfAll = true
    default: break
    }
    var count = 1
    for order in books.orders.suffix(isOfAll ? most : 10_000).reversed() {
      if order.submittedAt.microseconds <= from || count > most { break }
      if counts(order, limit.scope) { count += 1 }
    }
    return count
  }

  /// Orders that are not closed, this one included; it stops counting above the bound.
  private func openOrders(_ limit: RiskLimit) -> Int {
    let most = wholeBound(limit)
    var count = 1
    for position in books.positions {
      for place in position.openOrders where count <= most && counts(books.orders[place], limit.scope) { count += 1 }
    }
    return count
  }

  /// The bound of a limit that counts, rounded as PostgreSQL rounds.
  private func wholeBound(_ limit: RiskLimit) -> Int {
    Int((limit.bound.raw + Int128(fixedPointScale / 2)) / Int128(fixedPointScale))
  }

  /// Whether a limit of this scope that concerns the ticket counts another order.
  private func counts(_ order: OrderRecord, _ scope: RiskScope) -> Bool {
    switch scope {
    case .system, .portfolio, .user: true
    case .agent: order.agent == ticket.order.agent
    case .strategy: market.strategy(of: order.agent) == market.strategy(of: ticket.order.agent)
    case .instrument: order.place == ticket.place
    case .sector: isOfSameSector(order.place)
    }
  }

  private func isOfSameSector(_ place: Int) -> Bool {
    guard let own = instrument.sector, let other = market.instruments[place].sector else { return false }
    return isSame(own, other)
  }

  // MARK: Exposure

  private func plus(_ others: Figure?) throws(ArithmeticError) -> Figure? {
    try others.map { others throws(ArithmeticError) in try others + after * unit }
  }

  private mutating func net() throws(ArithmeticError) -> Figure? {
    guard let others = try exposed().net else { return nil }
    return try (others + signedAfter * unit).magnitude
  }

  private mutating func exposed() throws(ArithmeticError) -> Exposure {
    if let exposure { return exposure }
    var sums = Exposure()
    for place in books.positions.indices where place != ticket.place {
      let position = books.positions[place]
      if position.quantity.isZero, position.openBuys.isZero, position.openSells.isZero { continue }
      sums.positions += 1
      guard let unit = try unit(of: place) else {
        (sums.gross, sums.net, sums.sector) = (nil, nil, nil)
        continue
      }
      let bought = try Figure(position.quantity) + Figure(position.openBuys)
      let sold = try Figure(position.quantity) - Figure(position.openSells)
      let worst = try bought.magnitude <= sold.magnitude ? sold.magnitude : bought.magnitude
      sums.gross = try Self.sum(sums.gross, worst * unit)
      sums.net = try Self.sum(sums.net, (ticket.side == .buy ? bought : sold) * unit)
      if isOfSameSector(place) { sums.sector = try Self.sum(sums.sector, worst * unit) }
    }
    exposure = sums
    return sums
  }

  private static func sum(_ sum: Figure?, _ more: Figure) throws(ArithmeticError) -> Figure? {
    try sum.map { sum throws(ArithmeticError) in try sum + more }
  }

  /// What one unit of another instrument is worth, at its average price without another; nil when there is none.
  private func unit(of place: Int) throws(ArithmeticError) -> Figure? {
    let multiplier = market.instruments[place].terms.multiplier
    let average = try books.positions[place].averagePrice(multiplier).map { Figure($0) }
    guard let price = try market.last(place)?.figure ?? average else { return nil }
    return try price * Figure(multiplier)
  }

  /// What is lost when each resting stop of what is held is hit; what no stop covers counts in full.
  private func heat() throws(ArithmeticError) -> Figure? {
    var heat = Figure.zero
    for place in books.positions.indices where !books.positions[place].quantity.isZero {
      let position = books.positions[place]
      let multiplier = market.instruments[place].terms.multiplier
      let average = try position.averagePrice(multiplier).map { Figure($0) }
      guard let price = try market.last(place)?.figure ?? average else { return nil }
      let held = Figure(position.quantity.magnitude)
      let (covered, distance) = try stops(of: place, position, price)
      var lost = distance
      if try held < covered { lost = try distance * held / covered }
      let bare = try held - covered
      if bare.isPositive { lost = try lost + bare * price }
      heat = try heat + lost * Figure(multiplier)
    }
    return heat
  }

  /// What the resting stops of a position would close, and what that loses in price.
  private func stops(
    of place: Int, _ position: BooksPosition, _ price: Figure
  ) throws(ArithmeticError) -> (covered: Figure, distance: Figure) {
    let isLong = position.quantity.isPositive
    var (covered, distance) = (Figure.zero, Figure.zero)
    for other in position.openOrders {
      let order = books.orders[other]
      guard order.side == (isLong ? .sell : .buy), order.terms.type.isStop, let stop = order.terms.stopPrice else {
        continue
      }
      let open = Figure(order.remaining)
      covered = try covered + open
      let fall = try isLong ? price - Figure(stop) : Figure(stop) - price
      if fall.isPositive { distance = try distance + open * fall }
    }
    return (covered, distance)
  }

  // MARK: Losses

  private mutating func performed() throws(ArithmeticError) -> Performance {
    if let performance { return performance }
    let performance = try books.performance(market)
    self.performance = performance
    return performance
  }

  /// What was lost since the day or week of the order's exchange began: money, or percent of the index then.
  private mutating func loss(_ metric: RiskMetric) throws(ArithmeticError) -> Figure? {
    let now = try performed()
    let isWeek = metric == .weeklyLoss || metric == .weeklyLossShare
    let start = market.calendar(of: ticket.place).periodStart(at: ticket.at, isWeek: isWeek)
    let before = try books.result(at: start, market)
    if metric == .dailyLoss || metric == .weeklyLoss {
      return Figure(max(try before.profit - now.profit, .zero))
    }
    guard let ratio = try now.index.ratio(to: before.index) else { return nil }
    return Figure(digits: max(ReturnIndex.unit - ratio.raw, 0), scale: 26)
  }

  /// Percent by which the index is below its peak.
  private mutating func drawdown() throws(ArithmeticError) -> Figure? {
    let index = try performed().index
    if index > books.worth.limitPeak { newPeak = index }
    guard let ratio = try index.ratio(to: max(books.worth.limitPeak, index)) else { return nil }
    return Figure(digits: ReturnIndex.unit - ratio.raw, scale: 26)
  }
}

extension OrderType {
  /// It waits for the price to go the wrong way.
  var isStop: Bool { self == .stop || self == .stopLimit || self == .trailingStop }
}

extension PortfolioBooks {
  /// What it had made when a period began: as it was marked; or as prices were then, when nothing was booked since; or, where
  /// the period began before it or its exchange was known, as of the last snapshot before.
  func result(at start: Timestamp, _ market: BooksMarket) throws(ArithmeticError) -> (profit: Money, index: ReturnIndex)
  {
    if let mark = mark(at: start) { return (mark.profit, mark.index) }
    if start >= markedUntil {
      let performance = try performance(until: start, market)
      return (performance.profit, performance.index)
    }
    guard let snapshot = snapshots.last(where: { $0.at <= start }) else { return (.zero, .one) }
    return (try snapshot.equity - snapshot.netDeposits, snapshot.index)
  }
}
