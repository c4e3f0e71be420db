import TradingCore

/// Books for a session in memory: no fees, no limits, and refusals on demand. Writes down what happened.
struct SessionBooks {
  var log: [String] = []
  var open: [OrderKey: BookedOrder] = [:]
  var positions: [[Int32]: Quantity] = [:]
  var cash: [Int32: Money]
  /// Latest prices as the session reported them, and what they were at each fill.
  var prices: [Int32: Double] = [:]
  var last: [Int32: Tick] = [:]
  var pricesAtFills: [[Int32: Double]] = []
  var snapshots: [String] = []
  var periods: [String] = []
  /// Client order ids (their ends) that are rejected, and whose fills are refused because the order is gone.
  var rejects: [String] = []
  var refusesFillsOf: [String] = []
  /// Orders that come to life, as large as its fills, with the order that they hang on.
  var children: [(parent: OrderKey, booked: BookedOrder)] = []
  /// What was shown to the session, and the splits since: memories are made anew of it.
  var bars: [BarEvent] = []
  var ticks: [Tick] = []
  private var splits: [SessionSplit] = []
  /// What became of what outside programs wanted.
  var handled: [String] = []
  /// Codes, reasons and operands of signals.
  var signals: [SessionSignal] = []
  /// Where trailing stops stand.
  var stops: [String] = []
  /// Portfolios whose open orders a request of this round has changed.
  private var changed: [Int32: Timestamp] = [:]
  private var nextOrder: [Int32: Int64] = [:]

  init(cash: [Int32: Money]) { self.cash = cash }

  /// Does what the session wants until it wants nothing more.
  mutating func settle(_ session: inout TradingSession) throws {
    while session.hasRequests {
      let requests = session.takeRequests()
      note(session.takePrices())
      var answers: [SessionAnswer] = []
      for request in requests { answers += try carryOut(request) }
      for (portfolio, at) in changed.sorted(by: { $0.key < $1.key }) {
        let orders = open.values.filter { $0.order.key.portfolio == portfolio }
        answers.append(
          .orders(
            orders.sorted { $0.order.key.order < $1.order.key.order }, portfolio: portfolio, at: at))
      }
      changed = [:]
      let accounts = cash.map { SessionAnswer.account(portfolio: $0, SessionAccount(cash: $1, available: $1)) }
      try session.answer(accounts + answers)
      session.proceed()
    }
    note(session.takePrices())
  }

  private mutating func note(_ news: [(instrument: Int32, time: Timestamp, price: Double, size: Double)]) {
    for new in news {
      prices[new.instrument] = new.price
      last[new.instrument] = Tick(instrument: new.instrument, time: new.time, price: new.price, size: new.size)
    }
  }

  /// Books an order that a person submitted.
  mutating func submit(
    _ clientOrderID: String, portfolio: Int32, instrument: Int32, _ side: Side, _ terms: OrderTerms,
    _ quantity: Quantity, agent: Int32? = nil, force: TimeInForce = .goodTillCancelled,
    conditions: OrderConditions = OrderConditions(), parent: Int64? = nil, squareOffAt: Timestamp? = nil
  ) throws {
    let key = OrderKey(portfolio: portfolio, order: number(portfolio))
    let order = try PaperOrder(
      key: key, side: side, terms: terms, remaining: quantity, timeInForce: force, arrival: key.order,
      conditions: conditions)
    let booked = BookedOrder(
      order: order, instrument: instrument, clientOrderID: clientOrderID, agent: agent, squareOffAt: squareOffAt)
    if let parent {
      children.append((OrderKey(portfolio: portfolio, order: parent), booked))
    } else {
      open[key] = booked
    }
  }

  private mutating func resize(_ key: OrderKey, to remaining: Quantity, at time: Timestamp) throws {
    guard let booked = open[key], remaining != booked.order.remaining else { return }
    if !remaining.isPositive {
      log.append("\(key.portfolio) \(booked.clientOrderID) gone")
      open[key] = nil
    } else {
      open[key] = BookedOrder(
        order: try Self.resized(booked.order, remaining, booked.order.filled), instrument: booked.instrument,
        clientOrderID: booked.clientOrderID, agent: booked.agent, squareOffAt: booked.squareOffAt)
    }
    changed[key.portfolio] = time
  }

  private static func resized(_ order: PaperOrder, _ remaining: Quantity, _ filled: Quantity) throws -> PaperOrder {
    try PaperOrder(
      key: order.key, side: order.side, terms: order.terms, remaining: remaining, filled: filled,
      timeInForce: order.timeInForce, expiresAt: order.expiresAt, arrival: order.arrival, arrivedAt: order.arrivedAt,
      isTriggered: order.isTriggered, conditions: order.conditions)
  }

  /// What a fill means for other orders.
  private mutating func settleOthers(_ booked: BookedOrder, _ fill: PaperFill, _ held: Quantity) throws {
    let others = open.values.filter { $0.order.key.portfolio == fill.key.portfolio && $0.order.key != fill.key }
      .sorted { $0.order.key.order > $1.order.key.order }
    if let own = booked.order.conditions.exclusion {
      let isDone = fill.remaining.isZero && !others.contains { $0.order.conditions.exclusion == own }
      var left: [Int16: Quantity] = [:]
      for other in others {
        guard let leg = other.order.conditions.exclusion, leg.group == own.group, leg != own else { continue }
        let taken = min(left[leg.leg] ?? fill.quantity, other.order.remaining)
        left[leg.leg] = try (left[leg.leg] ?? fill.quantity) - taken
        try resize(other.order.key, to: isDone ? .zero : other.order.remaining - taken, at: fill.at)
      }
    }
    for other in others where other.order.conditions.isReduceOnly && other.instrument == booked.instrument {
      guard let order = open[other.order.key]?.order else { continue }
      try resize(order.key, to: min(order.remaining, max(order.side == .sell ? held : -held, .zero)), at: fill.at)
    }
    for child in children where child.parent == fill.key {
      let key = child.booked.order.key
      log.append("\(key.portfolio) \(child.booked.clientOrderID) wakes")
      open[key] = BookedOrder(
        order: try Self.resized(child.booked.order, fill.filled, .zero), instrument: child.booked.instrument,
        clientOrderID: child.booked.clientOrderID, agent: child.booked.agent)
      changed[key.portfolio] = fill.at
    }
    children.removeAll { $0.parent == fill.key }
  }

  private mutating func number(_ portfolio: Int32) -> Int64 {
    nextOrder[portfolio, default: 0] += 1
    return nextOrder[portfolio]!
  }

  private mutating func carryOut(_ request: SessionRequest) throws -> [SessionAnswer] {
    switch request {
    case .submit(let order):
      let key = OrderKey(portfolio: order.portfolio, order: number(order.portfolio))
      let terms = order.request.terms
      log.append(
        "\(order.portfolio) \(order.clientOrderID) \(terms.type) \(order.request.quantity)"
          + (terms.stopPrice.map { " at \($0)" } ?? ""))
      if rejects.contains(where: { order.clientOrderID.hasSuffix($0) }) {
        log.append("\(order.portfolio) rejected")
        return [.rejected(order)]
      }
      var conditions = OrderConditions(isReduceOnly: order.request.isReduceOnly)
      if let leg = order.request.ocoLeg {
        let groups = open.values.filter { $0.agent == order.agent && $0.instrument == order.instrument }
          .compactMap(\.order.conditions.exclusion?.group)
        conditions.exclusion = .init(group: groups.max() ?? key.order, leg: leg)
      }
      let booked = BookedOrder(
        order: try PaperOrder(
          key: key, side: order.request.side, terms: terms, remaining: order.request.quantity, arrival: key.order,
          conditions: conditions),
        instrument: order.instrument, clientOrderID: order.clientOrderID, agent: order.agent)
      open[key] = booked
      return [.accepted(booked)]
    case .replace(let old, let order):
      let price = order.request.terms.stopPrice ?? order.request.terms.limitPrice
      log.append("\(order.portfolio) \(order.clientOrderID) takes over \(order.request.quantity) at \(price!)")
      if rejects.contains(where: { order.clientOrderID.hasSuffix($0) }) {
        log.append("\(order.portfolio) rejected")
        return [.rejected(order)]
      }
      guard let before = open.removeValue(forKey: old) else { return [.rejected(order)] }
      let key = OrderKey(portfolio: order.portfolio, order: number(order.portfolio))
      let booked = BookedOrder(
        order: try PaperOrder(
          key: key, side: before.order.side, terms: order.request.terms, remaining: order.request.quantity,
          arrival: key.order, conditions: before.order.conditions),
        instrument: order.instrument, clientOrderID: order.clientOrderID, agent: order.agent)
      open[key] = booked
      return [.replaced(old, by: booked)]
    case .end(let key, let ending, let at):
      log.append("\(key.portfolio) \(open[key]?.clientOrderID ?? "?") \(ending)")
      open[key] = nil
      return [.ended(key, at: at)]
    case .fill(let fill):
      pricesAtFills.append(prices)
      guard let booked = open[fill.key], !refusesFillsOf.contains(booked.clientOrderID) else {
        open[fill.key] = nil
        log.append("\(fill.key.portfolio) refused")
        return [.refused(fill, isOpen: false)]
      }
      log.append("\(fill.key.portfolio) \(booked.clientOrderID) filled \(fill.quantity) at \(fill.price) \(fill.at)")
      open[fill.key] =
        fill.remaining.isZero
        ? nil
        : BookedOrder(
          order: try Self.resized(booked.order, fill.remaining, fill.filled), instrument: booked.instrument,
          clientOrderID: booked.clientOrderID, agent: booked.agent, squareOffAt: booked.squareOffAt)
      let value = try fill.price.value(of: fill.quantity)
      cash[fill.key.portfolio] = try cash[fill.key.portfolio]! + (fill.side == .buy ? -value : value)
      let held =
        try (positions[[fill.key.portfolio, booked.instrument]] ?? .zero)
        + (fill.side == .buy ? fill.quantity : -fill.quantity)
      positions[[fill.key.portfolio, booked.instrument]] = held
      try settleOthers(booked, fill, held)
      return [.filled(fill, SessionHolding(quantity: held, cost: .zero))]
    case .trigger: return []
    case .trail(let trailed):
      stops.append("\(trailed.key.portfolio) \(open[trailed.key]?.clientOrderID ?? "?") \(trailed.stop)")
      return []
    case .squareOff(let portfolio, let at):
      log.append("\(portfolio) squared off \(at)")
      for (place, held) in positions where place[0] == portfolio && !held.isZero {
        try submit(
          "square-off", portfolio: portfolio, instrument: place[1], held.isNegative ? .buy : .sell, .market,
          held.magnitude, force: .atClose, conditions: OrderConditions(isReduceOnly: true, activeAt: at))
      }
      changed[portfolio] = at
      return []
    case .signal(let signal):
      signals.append(signal)
      log.append("\(signal.portfolio) \(signal.signal.action) \(signal.at) \(signal.clientOrderID ?? "-")")
      return []
    case .snapshot(let portfolios, let at):
      snapshots.append("\(portfolios) \(at)")
      return []
    case .periods(let portfolios, let at):
      periods.append("\(portfolios) \(at) at \(last[1]?.price ?? .nan)")
      return [.periods(next: try at.advanced(byMicroseconds: 86_400_000_000))]
    case .split(let split): return try apply(split)
    case .duty(let duty):
      log.append("\(duty.kind) \(duty.at)")
      guard case .settlement = duty.kind else { return [] }
      return [.due(SessionDuty(duty.kind, at: try duty.at.advanced(byMicroseconds: 86_400_000_000)))]
    case .span(let calendar, let at):
      return [.span(calendar, try SessionScene.span(at))]
    case .hours(let exchange, let from, let until):
      return [.hours(SessionScene.hours(exchange, from, until))]
    case .recollect(let agent, let before):
      guard let memory = try recollected(agent, before) else { return [] }
      return [.recollected(agent: agent.id, instrument: agent.instrument, memory)]
    case .handled(let signal, let number, let at):
      handled.append("\(signal.id) \(number.map { "\($0)" } ?? "-") \(at)")
      return []
    case .fail(let agent, let portfolio, _, _):
      log.append("\(portfolio) agent \(agent) failed")
      return []
    }
  }

  /// The agent's rules after all that its series had seen by `before`, at the prices of then.
  private func recollected(_ agent: SessionAgent, _ before: Timestamp) throws -> StrategyMemory? {
    guard var memory = agent.memory.map({ StrategyMemory($0.program) }) else { return nil }
    func restated(_ candle: Candle, _ instrument: Int32, _ at: Timestamp) -> Candle {
      var candle = candle
      for split in splits where split.instrument == instrument && at < split.effectiveAt {
        candle.rescale(by: split.split.priceRatio)
      }
      return candle
    }
    for bar in bars where bar.closesAt <= before {
      for (index, other) in agent.others.enumerated() where other.instrument == bar.instrument {
        memory.update(
          series: index + 1, restated(bar.bar, bar.instrument, bar.opensAt), closedAt: bar.closesAt,
          clock: SessionScene.hours(0, bar.opensAt, bar.closesAt).clock(at: bar.closesAt))
      }
      if bar.instrument == agent.instrument {
        memory.warmUp(
          restated(bar.bar, bar.instrument, bar.opensAt), closedAt: bar.closesAt,
          clock: SessionScene.hours(0, bar.opensAt, bar.closesAt).clock(at: bar.closesAt))
      }
    }
    var builder = try CandleBuilder(resolution: max(agent.builder.resolution, 1))
    for tick in ticks where tick.instrument == agent.instrument && tick.time < before {
      if case .closed(let candle) = builder.update(tick) {
        memory.warmUp(restated(candle, tick.instrument, candle.bucket), closedAt: tick.time, clock: nil)
      }
    }
    return memory
  }

  private mutating func apply(_ split: SessionSplit) throws -> [SessionAnswer] {
    splits.append(split)
    log.append("split of \(split.instrument) \(split.effectiveAt)")
    var changed: [BookedOrder] = []
    for (key, booked) in open where booked.instrument == split.instrument {
      let order = booked.order
      let new = BookedOrder(
        order: try PaperOrder(
          key: key, side: order.side, terms: split.split.terms(order.terms, order.side, tickSize: Price("0.01")),
          remaining: split.split.quantity(order.remaining), arrival: order.arrival, conditions: order.conditions),
        instrument: booked.instrument, clientOrderID: booked.clientOrderID, agent: booked.agent)
      open[key] = new
      changed.append(new)
    }
    if let price = prices[split.instrument] {
      prices[split.instrument] = price * split.split.priceRatio
      last[split.instrument]?.price = price * split.split.priceRatio
    }
    var answers = [SessionAnswer.split(split, orders: changed)]
    for (place, held) in positions where place[1] == split.instrument {
      positions[place] = try split.split.quantity(held)
      answers.append(
        .position(
          portfolio: place[0], instrument: place[1], SessionHolding(quantity: positions[place]!, cost: .zero)))
    }
    return answers
  }
}
