import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

/// A random history that both kinds of books are asked to carry out, request by request.
struct TwinHistory {
  var random: SeededGenerator
  private var sql: SessionStore
  private(set) var memory: MemoryBooks
  private let instruments: [BooksInstrument]
  private let connection: Connection
  private var now = TwinMarket.begin
  private var before: Timestamp?
  private var prices: [Double]
  private var news: [TradingSession.LatestPrice] = []
  private var nextPeriod: Timestamp
  private var duties: [SessionDuty]
  private var splits: [SessionSplit] = []
  /// What the books have open, by portfolio and number.
  private var open: [OrderKey: BookedOrder] = [:]
  private var closed: [OrderKey] = []
  private var names = 0
  private(set) var counts: [String: Int] = [:]

  init(_ random: SeededGenerator, _ terms: BooksTerms, _ connection: Connection, clocks: [String]) throws {
    self.random = random
    self.connection = connection
    sql = SessionStore(EngineStore(connection), portfolios: [1, 2], clocks: clocks)
    memory = try MemoryBooks(terms)
    instruments = terms.instruments
    prices = terms.instruments.map { $0.isOption ? 4 : 100 }
    nextPeriod = memory.portfolios.map(\.markedUntil).min()!
    duties = memory.settlements(from: now)
    for action in terms.actions {
      switch action.kind {
      case .dividend: duties.append(SessionDuty(.dividend(actionID: action.id), at: action.effectiveAt))
      case .split(let split), .bonus(let split):
        splits.append(
          SessionSplit(
            actionID: action.id, instrument: action.instrument, split: split, effectiveAt: action.effectiveAt))
      }
    }
    duties.sort { $0.at < $1.at }
  }

  // MARK: Time

  /// One event: time passes, a price comes, orders are sent and filled.
  mutating func step() async throws {
    let pause = random.pick([60, 60, 600, 3_600, 3_600, 7_200, 30_000, 90_000])
    now = try now.advanced(byMicroseconds: Int64(pause) * 1_000_000 + Int64.random(in: 0..<2_000_000, using: &random))
    while let due = duties.first, due.at < now {
      if random.chance(0.5) { try await corner(before: due.at) }
      try await pass(to: due.at)
      duties.removeFirst()
      try await ask([.duty(due)])
    }
    try await pass(to: now)
    while let split = splits.first, split.effectiveAt <= now {
      splits.removeFirst()
      if let place = instruments.firstIndex(where: { $0.terms.id == split.instrument }) {
        prices[place] *= split.split.priceRatio
      }
      try await ask([.split(split)])
    }
    before = now
    for place in instruments.indices where random.chance(0.5) { try move(place) }
    var requests: [SessionRequest] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) { requests += try request() }
    try await ask(requests)
  }

  /// Right before money may be due, orders wait with all that there is, and prices turn against what is held.
  private mutating func corner(before time: Timestamp) async throws {
    let moment = try time.advanced(byMicroseconds: -60_000_000)
    guard moment > before ?? TwinMarket.begin else { return }
    try await pass(to: moment)
    let later = now
    now = moment
    before = moment
    var requests: [SessionRequest] = []
    for (portfolio, agent) in [(1, TwinMarket.agents[0]), (2, TwinMarket.agents[2])] as [(Int32, Int32)] {
      guard let books = memory.portfolio(portfolio) else { continue }
      for place in instruments.indices where !books.position(place).quantity.isZero {
        prices[place] *= books.position(place).quantity.isPositive ? 0.8 : 1.2
        // Nobody exercises what is worth nothing.
        if let contract = instruments[place].contract, let strike = contract.strike {
          prices[0] = strike.double * (contract.right == .call ? 1.2 : 0.8)
          try move(0)
        }
        try move(place)
      }
      let bid = max(
        try Price(prices[0] / 2).rounded(toTick: instruments[0].terms.tickSize), instruments[0].terms.tickSize)
      let units = (books.available.double * 0.98 / bid.double).rounded(.down)
      guard units > 0 else { continue }
      names += 1
      requests.append(
        .submit(
          SessionOrder(
            portfolio: portfolio, agent: agent, instrument: instruments[0].terms.id,
            clientOrderID: "\(agent)/entry-\(names)",
            request: OrderRequest(
              clientOrderID: "entry-\(names)", role: .entry, side: .buy, terms: .limit(bid),
              quantity: try Quantity(units)), at: now)))
    }
    try await ask(requests)
    now = later
  }

  private mutating func pass(to time: Timestamp) async throws {
    if time > nextPeriod {
      if let before, random.chance(0.8) { try await ask([.snapshot(portfolios: [1, 2], at: before)]) }
      // Bookings of a new day notice it by themselves.
      if random.chance(0.7) { try await ask([.periods(portfolios: [1, 2], at: time)]) }
    }
  }

  private mutating func move(_ place: Int) throws {
    let width = random.chance(0.05) ? 0.15 : 0.03
    prices[place] *= 1 + Double.random(in: -width...width, using: &random)
    let tick = instruments[place].terms.tickSize.double
    // Most prices are on the grid; some have more digits than a price can have.
    if random.chance(0.9) { prices[place] = max((prices[place] / tick).rounded(), 1) * tick }
    let price = random.chance(0.8) ? Double("\((prices[place] * 1e4).rounded() / 1e4)")! : prices[place]
    let instrument = instruments[place].terms.id
    news.removeAll { $0.instrument == instrument }
    news.append((instrument, now, price, 100))
    prices[place] = price
  }

  // MARK: Requests

  private mutating func request() throws -> [SessionRequest] {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<7: return [.submit(try order(nil))]
    case 7..<15: return try fill().map { [.fill($0)] } ?? []
    case 15:
      return random.chance(0.1) && !closed.isEmpty ? [end(random.pick(closed))] : openKey().map { [end($0)] } ?? []
    case 16, 17:
      guard let key = random.chance(0.05) ? closed.randomElement(using: &random) : openKey() else { return [] }
      return [.replace(key, by: try order(open[key]))]
    case 18: return openKey().map { [.trigger($0, at: now)] } ?? []
    default: return [.snapshot(portfolios: [random.pick([1, 2])], at: now)]
    }
  }

  private mutating func openKey() -> OrderKey? {
    open.keys.sorted { ($0.portfolio, $0.order) < ($1.portfolio, $1.order) }.randomElement(using: &random)
  }

  private mutating func end(_ key: OrderKey) -> SessionRequest {
    .end(key, random.pick([.cancelled, .expired, .unfillable, .nothingToReduce]), at: now)
  }

  /// A new order, or one that takes the place of `old`.
  private mutating func order(_ old: BookedOrder?) throws -> SessionOrder {
    let agent = old?.agent ?? random.pick(TwinMarket.agents)
    let portfolio: Int32 = agent <= 2 ? 1 : 2
    let place =
      old.map { old in instruments.firstIndex { $0.terms.id == old.instrument }! }
      ?? random.pick(
        instruments.indices.filter { $0 < 3 || $0 == 4 || random.chance(0.5) }
          // Or none is there to be exercised when it expires.
          + instruments.indices.filter { instruments[$0].isOption && random.chance(0.8) })
    let terms = instruments[place].terms
    let books = memory.portfolio(portfolio)!
    let position = books.position(place)
    let held = position.quantity
    var role = random.pick([OrderRole.entry, .entry, .exit, .stop, .target, .target])
    if held.isZero, random.chance(0.9) { role = .entry }
    var side = random.pick([Side.buy, .buy, .sell])
    if !role.isEntry, !held.isZero, random.chance(0.9) { side = held.isPositive ? .sell : .buy }
    if let old { (side, role) = (old.order.side, old.order.conditions.isReduceOnly ? .exit : .entry) }
    var leg: Int16?
    if old == nil, role == .stop || role == .target, random.chance(0.8) { leg = role == .target ? 1 : 2 }
    let quantity = quantity(role, side, place, position, books, isGrouped: leg != nil, old)
    names += 1
    return SessionOrder(
      portfolio: portfolio, agent: agent, instrument: terms.id, clientOrderID: "\(agent)/\(role.sql)-\(names)",
      request: OrderRequest(
        clientOrderID: "\(role.sql)-\(names)", role: role, side: side, terms: try self.terms(side, place, old),
        quantity: quantity, ocoLeg: leg), at: now)
  }

  /// Mostly one that the rules of reduction and the cash allow.
  private mutating func quantity(
    _ role: OrderRole, _ side: Side, _ place: Int, _ position: BooksPosition, _ books: PortfolioBooks, isGrouped: Bool,
    _ old: BookedOrder?
  ) -> Quantity {
    let terms = instruments[place].terms
    let lot = terms.lot.raw
    if let old, random.chance(0.5) { return old.order.remaining }
    let size = position.quantity.magnitude
    if !role.isEntry, random.chance(0.9) {
      let closes = side == .sell ? position.openSells : position.openBuys
      let free = isGrouped && random.chance(0.7) ? size.raw : size.raw - closes.raw
      if free == size.raw, random.chance(0.5) { return size.isZero ? terms.lot : size }
      return Quantity(unchecked: max(Int64.random(in: 0...max(free, 0), using: &random) / lot * lot, lot))
    }
    if role.isEntry, random.chance(instruments[place].isFuture ? 0.8 : 0.3) {
      // About what the cash pays for.
      let cash = books.available.double * Double.random(in: 0.1...1.05, using: &random)
      let units = cash / (prices[place] * terms.multiplier.double * (instruments[place].isFuture ? 0.1 : 1))
      let raw = (try? Quantity(max(units, 0)))?.raw ?? 0
      return Quantity(unchecked: max(raw / lot * lot, lot))
    }
    return Quantity(unchecked: lot * Int64.random(in: 1...9, using: &random) * (random.chance(0.5) ? 10 : 1))
  }

  private mutating func terms(_ side: Side, _ place: Int, _ old: BookedOrder?) throws -> OrderTerms {
    let tick = instruments[place].terms.tickSize
    func near(_ share: ClosedRange<Double>, _ random: inout SeededGenerator) throws -> Price {
      let price = try Price(prices[place] * Double.random(in: share, using: &random)).rounded(toTick: tick)
      return max(price, tick)
    }
    var type =
      old?.order.terms.type ?? random.pick([.market, .market, .limit, .limit, .stop, .stopLimit, .limitIfTouched])
    // Without a price a run ends here.
    let hasPrice = memory.market.quotes[place] != nil || news.contains { $0.instrument == instruments[place].terms.id }
    if type == .market, !hasPrice { type = .limit }
    switch type {
    case .limit: return .limit(try near(0.9...1.1, &random))
    case .stop, .trailingStop: return .stop(try near(0.9...1.1, &random))
    case .stopLimit: return .stopLimit(stop: try near(0.9...1.1, &random), limit: try near(0.9...1.1, &random))
    case .limitIfTouched:
      return .limitIfTouched(touch: try near(0.9...1.1, &random), limit: try near(0.9...1.1, &random))
    case .market: return .market
    }
  }

  /// Mostly one that its order can take.
  private mutating func fill() throws -> PaperFill? {
    let isLate = random.chance(0.03)
    var known = isLate ? closed.randomElement(using: &random) : openKey()
    // Of orders that exclude each other some should fill before they end.
    let grouped = open.values.filter { $0.order.conditions.exclusion != nil }
    if !isLate, random.chance(0.4), let booked = grouped.min(by: { $0.order.key.order < $1.order.key.order }) {
      known = booked.order.key
    }
    guard let key = known else { return nil }
    let order = open[key]?.order
    let place = try #require(
      instruments.firstIndex {
        $0.terms.id == (open[key]?.instrument ?? memory.portfolio(key.portfolio)!.orders[Int(key.order) - 1].instrument)
      })
    let lot = instruments[place].terms.lot.raw
    let remaining = order?.remaining ?? instruments[place].terms.lot
    var quantity = remaining
    if random.chance(0.5) {
      quantity = Quantity(
        unchecked: max(Int64.random(in: 0...remaining.raw, using: &random) / lot * lot, min(lot, remaining.raw)))
    }
    if random.chance(0.02) { quantity = try remaining + instruments[place].terms.lot }
    let tick = instruments[place].terms.tickSize
    var price = max(
      try Price(prices[place] * Double.random(in: 0.98...1.03, using: &random)).rounded(toTick: tick), tick)
    if let limit = order?.terms.limitPrice, random.chance(0.95) {
      price = order?.side == .buy ? min(price, limit) : max(price, limit)
    }
    now = try now.advanced(byMicroseconds: 1)
    let rest = Quantity(unchecked: max(remaining.raw - quantity.raw, 0))
    var fill = PaperFill(
      key: key, side: order?.side ?? .buy, quantity: quantity, price: price, remaining: rest,
      filled: try (order?.filled ?? .zero) + quantity, liquidity: random.pick([.maker, .taker]), at: now)
    fill.changesOthers = random.chance(0.1)
    return fill
  }

  // MARK: Twins

  /// Both carry out the requests; what they answer must be the same.
  private mutating func ask(_ requests: [SessionRequest]) async throws {
    if requests.isEmpty { return }
    // Prices come with the first of them.
    let prices = news
    news = []
    for price in prices { memory.market.observe(price.instrument, price.price, at: price.time) }
    for (index, request) in requests.enumerated() {
      // What another request of this event has closed meanwhile is not asked for again by a session; here it may be.
      var mine: [SessionAnswer] = []
      try memory.answer([request], into: &mine)
      let theirs = try await sql.answers(to: [request], index == 0 ? prices : []).filter {
        if case .account = $0 { false } else { true }
      }
      let (ours, other) = (mine.map(Self.line).sorted(), theirs.map(Self.line).sorted())
      if ours != other {
        Issue.record(
          """
          at \(now) \(request)
          memory: \(ours.joined(separator: "\n"))
          SQL: \(other.joined(separator: "\n"))
          last reasons in memory: \(memory.portfolios.map { $0.orders.last?.reason ?? "none" })
          """)
        throw Differing()
      }
      learn(mine)
    }
  }

  struct Differing: Error {}

  private static func line(_ answer: SessionAnswer) -> String { "\(answer)" }

  private mutating func learn(_ answers: [SessionAnswer]) {
    for answer in answers {
      switch answer {
      case .accepted(let booked): keep(booked, "accepted")
      case .replaced(let key, let booked):
        forget(key)
        keep(booked, "replaced")
      case .rejected: counts["rejected", default: 0] += 1
      case .ended(let key, _): forget(key)
      case .filled(let fill, _):
        counts["filled", default: 0] += 1
        if fill.remaining.isZero { forget(fill.key) } else { refresh(fill.key) }
      case .refused(let fill, let isOpen):
        counts["refused", default: 0] += 1
        if !isOpen { forget(fill.key) }
      case .orders(let orders, let portfolio, _):
        for key in open.keys where key.portfolio == portfolio && !orders.contains(where: { $0.order.key == key }) {
          forget(key)
        }
        for booked in orders { open[booked.order.key] = booked }
      case .due(let duty):
        duties.append(duty)
        duties.sort { $0.at < $1.at }
      case .periods(let next): nextPeriod = next
      case .split: counts["split", default: 0] += 1
      default: break
      }
    }
  }

  private mutating func keep(_ booked: BookedOrder, _ what: String) {
    open[booked.order.key] = booked
    counts[what, default: 0] += 1
  }

  private mutating func refresh(_ key: OrderKey) {
    guard let books = memory.portfolio(key.portfolio), let booked = try? books.booked(Int(key.order) - 1) else {
      return
    }
    open[key] = booked
  }

  private mutating func forget(_ key: OrderKey) {
    if open.removeValue(forKey: key) != nil { closed.append(key) }
  }

  /// How often what happened.
  func tally() -> [String: Int] {
    var counts = counts
    for portfolio in memory.portfolios {
      for order in portfolio.orders {
        if let code = order.code { counts["\(order.status) \(code)", default: 0] += 1 }
      }
      for breach in portfolio.breaches { counts["breach \(breach.metric?.sql ?? breach.code)", default: 0] += 1 }
      for payment in portfolio.payments { counts["\(payment.kind)", default: 0] += 1 }
      counts["closures", default: 0] += portfolio.closures.count
    }
    return counts
  }

  /// Compares everything that both know.
  mutating func compare() async throws {
    // What waits for an answer is carried out with a question.
    _ = try await sql.answers(
      to: [.hours(exchange: instruments[0].terms.feeGroup.exchange, from: now, until: now)], [])
    let differences = TwinDump.differences(
      TwinDump.memory(memory, instruments), try await TwinDump.sql(connection))
    if !differences.isEmpty {
      Issue.record("at \(now)\n\(differences.joined(separator: "\n"))")
      throw Differing()
    }
  }
}
