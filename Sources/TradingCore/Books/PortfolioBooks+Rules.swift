/// The rules of risk that an order must pass: `internal.check_rules`.
extension PortfolioBooks {
  func hasRules(_ market: BooksMarket) -> Bool {
    !market.limits.isEmpty || !states.isEmpty || !locks.isEmpty
  }

  /// What the rules say of an order that opens this much.
  func judge(
    _ ticket: OrderTicket, opening: Quantity, reference: LastPrice, last: LastPrice?, _ market: BooksMarket
  ) throws(ArithmeticError) -> RiskRuling {
    var ruling = RiskRuling()
    // No rule keeps anybody in a position: what only reduces passes all but the price collar.
    if opening.isPositive {
      ruling.verdicts = forbiddingStates(ticket)
      ruling.code = ruling.verdicts.first?.code
      ruling.reason = ruling.verdicts.first?.reason
    }
    var figures = RiskFigures(
      books: self, market: market, ticket: ticket, opening: opening, reference: reference, last: last)
    for limit in market.limits where opening.isPositive || limit.metric == .priceCollar {
      guard concerns(limit.scope, ticket, market),
        limit.instrument == nil || limit.instrument == ticket.order.instrument
      else { continue }
      let figure = try figures.figure(of: limit)
      if let figure, try figure <= Figure(limit.bound) { continue }
      let rounded = try figure.map { figure throws(ArithmeticError) in try Money(raw: figure.rounded()) }
      let measured = rounded.map { "would be \($0.description)" } ?? "cannot be measured"
      let reason =
        "\(limit.metric.words) \(measured), the limit of the \(limit.scope.sql) is \(limit.bound.description)"
      ruling.verdicts.append(
        RiskRuling.Verdict(
          code: limit.metric.code, scope: limit.scope, limit: limit, figure: rounded, reason: reason))
      if limit.action != .warn, ruling.code == nil {
        ruling.code = limit.metric.code
        ruling.reason = reason
      }
    }
    ruling.peak = figures.newPeak
    return ruling
  }

  func concerns(_ scope: RiskScope, _ ticket: OrderTicket, _ market: BooksMarket) -> Bool {
    concerns(scope, agent: ticket.order.agent, ticket.place, market)
  }

  func concerns(_ scope: RiskScope, agent: Int32, _ place: Int, _ market: BooksMarket) -> Bool {
    switch scope {
    case .system: true
    case .user(let name): isSame(name, terms.owner)
    case .portfolio(let number): number == id
    case .strategy(let number): market.strategy(of: agent) == number
    case .agent(let number): agent == number
    case .instrument(let number): market.instruments[place].terms.id == number
    case .sector(let name): market.instruments[place].sector.map { isSame($0, name) } ?? false
    }
  }

  /// The states and pauses in force that concern an order, states first.
  private func forbiddingStates(_ ticket: OrderTicket) -> [RiskRuling.Verdict] {
    var verdicts: [RiskRuling.Verdict] = []
    for state in states where !state.isOver && (state.agent == nil || state.agent == ticket.order.agent) {
      if let expiresAt = state.expiresAt, expiresAt <= ticket.at { continue }
      let scope: RiskScope = state.agent.map { .agent($0) } ?? .portfolio(id)
      let word = state.isHalted ? "halted" : "reducing"
      verdicts.append(
        RiskRuling.Verdict(
          code: state.isHalted ? "TR301" : "TR308", scope: scope, limit: nil, figure: nil,
          reason: "\(scope.sql) \(word) since \(state.since.words): \(state.reason)"))
    }
    for lock in locks {
      if let expiresAt = lock.expiresAt, expiresAt <= ticket.at { continue }
      if let instrument = lock.instrument, instrument != ticket.order.instrument { continue }
      if let agent = lock.agent, agent != ticket.order.agent { continue }
      let end = lock.expiresAt.map { ", until \($0.words)" } ?? ", until a person releases it"
      verdicts.append(
        RiskRuling.Verdict(code: lock.code, scope: nil, limit: nil, figure: nil, reason: lock.reason + end))
    }
    return verdicts
  }

  // MARK: Breaches

  /// Keeps the rules that an order broke, and does what their actions say beyond refusing it.
  mutating func keep(_ ruling: RiskRuling, of ticket: OrderTicket, _ market: BooksMarket) throws(ArithmeticError) {
    for verdict in ruling.verdicts {
      breaches.append(
        BreachRecord(
          order: ticket.number, code: verdict.code, scope: verdict.scope?.sql, limit: verdict.limit?.id,
          metric: verdict.limit?.metric, figure: verdict.figure, bound: verdict.limit?.bound,
          action: verdict.limit?.action ?? .reject, reason: verdict.reason, at: ticket.at))
    }
    for verdict in ruling.verdicts {
      guard let limit = verdict.limit else { continue }
      switch limit.action {
      case .warn: break
      case .reject:
        if limit.metric == .drawdown {
          lock(nil, nil, limit.metric.code, limit.id, verdict.reason, at: ticket.at, until: nil)
        }
      case .reduceOnly, .halt:
        // What one portfolio did strikes nobody else.
        var agent: Int32?
        switch limit.scope {
        case .agent, .strategy: agent = ticket.order.agent
        default: break
        }
        let end = limit.action == .halt ? nil : end(of: limit.metric, ticket, market)
        put(limit.action == .halt, agent, verdict.reason, at: ticket.at, until: end)
      }
    }
    if let peak = ruling.peak { worth.limitPeak = max(worth.limitPeak, peak) }
  }

  /// A loss of the day or week ends with it.
  private func end(of metric: RiskMetric, _ ticket: OrderTicket, _ market: BooksMarket) -> Timestamp? {
    let calendar = market.calendar(of: ticket.place)
    switch metric {
    case .dailyLoss, .dailyLossShare: return calendar.nextStart(after: ticket.at)
    case .weeklyLoss, .weeklyLossShare:
      let monday = calendar.day(at: calendar.periodStart(at: ticket.at, isWeek: true))
      return calendar.start(ofDay: monday + 7)
    default: return nil
    }
  }

  /// The stricter state, and the longer time, stay.
  private mutating func put(
    _ isHalted: Bool, _ agent: Int32?, _ reason: String, at time: Timestamp, until end: Timestamp?
  ) {
    if let place = states.firstIndex(where: { !$0.isOver && $0.agent == agent }) {
      let isStricter = states[place].isHalted || !isHalted && states[place].expiresAt.map { $0 > time } ?? true
      if isStricter {
        if let known = states[place].expiresAt, end == nil || known < end ?? known {
          states[place].expiresAt = end
          states[place].reason = reason
        }
        return
      }
      states[place].isOver = true
    }
    states.append(
      RiskState(
        number: states.count + 1, agent: agent, isHalted: isHalted, reason: reason, since: time, expiresAt: end))
  }

  /// Pauses opening orders; a pause of the same cause that is in force gets longer instead.
  mutating func lock(
    _ instrument: Int32?, _ agent: Int32?, _ code: String, _ cause: Int32, _ reason: String, at time: Timestamp,
    until end: Timestamp?
  ) {
    for place in locks.indices {
      let lock = locks[place]
      let isInForce = lock.expiresAt.map { $0 > time } ?? true
      guard isInForce, lock.cause == cause, lock.instrument == instrument, lock.agent == agent, isSame(lock.code, code)
      else { continue }
      locks[place].reason = reason
      if let known = lock.expiresAt { locks[place].expiresAt = end.map { max($0, known) } }
      return
    }
    locks.append(
      RiskLock(instrument: instrument, agent: agent, code: code, cause: cause, reason: reason, expiresAt: end))
  }
}
