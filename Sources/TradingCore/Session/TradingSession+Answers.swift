extension TradingSession {
  /// What the books said, in the order of the requests. Answers may lead to further requests.
  public mutating func answer(_ answers: [SessionAnswer]) throws(ParameterError) {
    for answer in answers {
      switch answer {
      case .account(let portfolio, let account):
        if let index = index(ofPortfolio: portfolio) { portfolios[index].account = account }
      case .accepted(let booked):
        try book(booked)
        endIfUnwanted(booked)
      case .replaced(let key, let booked): try replace(key, by: booked)
      case .rejected(let order):
        if let (lane, slot) = find(agent: order.agent, instrument: order.instrument) {
          react(lane, slot, order.at) { runtime, actions throws(ArithmeticError) in
            try runtime.orderRejected(order.request.clientOrderID, into: &actions)
          }
        }
      case .ended(let key, let at): ended(key, at)
      case .filled(let fill, let holding): filled(fill, holding)
      case .refused(let fill, let isOpen):
        // Somebody else has changed the order meanwhile. The books are right.
        needsReload = true
        if let home = homes[fill.key], let portfolio = index(ofPortfolio: fill.key.portfolio) {
          hold(lanes[home.lane].held[portfolio], home.lane, portfolio)
        }
        if !isOpen { ended(fill.key, fill.at) }
      case .orders(let orders, let portfolio, let at): try restate(orders, portfolio, at)
      case .split(let split, let orders): try apply(split, orders)
      case .due(let duty):
        add(duty)
        findNextAction()
      case .span(let calendar, let span): open(span, of: calendar)
      case .hours(let hours): know(hours)
      case .recollected(let agent, let instrument, let memory):
        if let (lane, slot) = find(agent: agent, instrument: instrument) {
          lanes[lane].slots[slot].hasChanged = true
          lanes[lane].slots[slot].agent.memory = memory
        }
      case .periods(let next): nextPeriod = next.microseconds
      case .position(let portfolio, let instrument, let holding):
        if let portfolio = index(ofPortfolio: portfolio), let lane = index(ofInstrument: instrument) {
          hold(holding, lane, portfolio)
        }
      }
    }
  }

  // MARK: Answers

  /// Puts an open order into its book and remembers whose it is.
  mutating func book(_ booked: BookedOrder) throws(ParameterError) {
    let key = booked.order.key
    guard let lane = index(ofInstrument: booked.instrument), let portfolio = index(ofPortfolio: key.portfolio) else {
      return
    }
    try lanes[lane].books[portfolio].add(booked.order)
    lanes[lane].countOrders()
    if booked.order.timeInForce == .atClose, let activeAt = booked.order.conditions.activeAt {
      nextClose = min(nextClose, activeAt)
    }
    if let at = booked.squareOffAt { squareOff(key.portfolio, at) }
    // An order that a person submitted for an agent is not in that agent's memory.
    let slot = lanes[lane].slots.indices.first { slot in
      booked.agent == lanes[lane].slots[slot].agent.id
        && booked.clientOrderID.utf8.starts(with: lanes[lane].slots[slot].prefix.utf8)
    }
    homes[key] = Home(lane: lane, slot: slot, clientOrderID: booked.clientOrderID)
  }

  /// Cancels an order that its agent has given up while it was on its way.
  private mutating func endIfUnwanted(_ booked: BookedOrder) {
    guard let home = homes[booked.order.key], let slot = home.slot else { return }
    for order in lanes[home.lane].slots[slot].agent.runtime.orders {
      if case .cancel = order.change, isSame(order.clientOrderID, suffix(of: home.clientOrderID, home.lane, slot)) {
        requests.append(.end(booked.order.key, .cancelled, at: time ?? booked.order.arrivedAt))
      }
    }
  }

  private mutating func ended(_ key: OrderKey, _ at: Timestamp) {
    guard let home = homes.removeValue(forKey: key), let portfolio = index(ofPortfolio: key.portfolio) else { return }
    lanes[home.lane].books[portfolio].remove(key)
    lanes[home.lane].countOrders()
    guard let slot = home.slot else { return }
    let suffix = suffix(of: home.clientOrderID, home.lane, slot)
    react(home.lane, slot, at) { runtime, actions throws(ArithmeticError) in
      try runtime.orderClosed(suffix, into: &actions)
    }
  }

  private mutating func replace(_ key: OrderKey, by booked: BookedOrder) throws(ParameterError) {
    guard let home = homes.removeValue(forKey: key), let portfolio = index(ofPortfolio: key.portfolio) else { return }
    lanes[home.lane].books[portfolio].remove(key)
    try book(booked)
    guard let slot = home.slot else { return }
    let old = suffix(of: home.clientOrderID, home.lane, slot)
    let new = suffix(of: booked.clientOrderID, home.lane, slot)
    react(home.lane, slot, booked.order.arrivedAt) { runtime, actions throws(ArithmeticError) in
      try runtime.orderReplaced(old, by: new, remaining: booked.order.remaining, into: &actions)
    }
  }

  /// Makes memory agree with the open orders that the books have. What rests in memory keeps its place and what it knows.
  private mutating func restate(
    _ orders: [BookedOrder], _ portfolio: Int32, _ at: Timestamp
  ) throws(ParameterError) {
    var open: Set<OrderKey> = []
    for booked in orders {
      let key = booked.order.key
      open.insert(key)
      guard let lane = index(ofInstrument: booked.instrument), let portfolio = index(ofPortfolio: key.portfolio) else {
        continue
      }
      if let home = homes[key] {
        if !lanes[lane].books[portfolio].resize(key, to: booked.order.remaining) {
          try lanes[lane].books[portfolio].add(booked.order)
        }
        if let slot = home.slot { resized(booked, lane, slot, at) }
      } else {
        try book(booked)
      }
      lanes[lane].countOrders()
    }
    let gone = homes.keys.filter { $0.portfolio == portfolio && !open.contains($0) }
    for key in gone.sorted(by: { $0.order < $1.order }) { ended(key, at) }
  }

  /// Tells an agent of an order that the books have changed, unless it knows.
  private mutating func resized(_ booked: BookedOrder, _ lane: Int, _ slot: Int, _ at: Timestamp) {
    let suffix = suffix(of: booked.clientOrderID, lane, slot)
    let runtime = lanes[lane].slots[slot].agent.runtime
    let known = runtime.orders.first { isSame($0.clientOrderID, suffix) }
    guard let known, known.remaining != booked.order.remaining else { return }
    let position = lanes[lane].held[lanes[lane].slots[slot].portfolio].quantity
    react(lane, slot, at) { runtime, actions throws(ArithmeticError) in
      try runtime.orderResized(suffix, to: booked.order.remaining, position: position, into: &actions)
    }
  }

  mutating func hold(_ holding: SessionHolding, _ lane: Int, _ portfolio: Int) {
    lanes[lane].held[portfolio] = holding
    lanes[lane].books[portfolio].setPosition(holding.quantity, of: portfolios[portfolio].id)
  }

  private mutating func filled(_ fill: PaperFill, _ holding: SessionHolding) {
    guard let home = homes[fill.key], let portfolio = index(ofPortfolio: fill.key.portfolio) else { return }
    if fill.remaining.isZero { homes[fill.key] = nil }
    hold(holding, home.lane, portfolio)
    guard let slot = home.slot else { return }
    let suffix = suffix(of: home.clientOrderID, home.lane, slot)
    react(home.lane, slot, fill.at) { runtime, actions throws(ArithmeticError) in
      try runtime.filled(
        suffix, quantity: fill.quantity, price: fill.price, remaining: fill.remaining, position: holding.quantity,
        at: fill.at, into: &actions)
    }
  }

  private mutating func apply(_ split: SessionSplit, _ orders: [BookedOrder]) throws(ParameterError) {
    guard let lane = index(ofInstrument: split.instrument) else { return }
    // The books have decided how terms round; they replace what rests here.
    for order in orders {
      if let portfolio = index(ofPortfolio: order.order.key.portfolio) {
        lanes[lane].books[portfolio].replace(order.order)
      }
    }
    if let price = lanes[lane].lastPrice {
      // The books restate their quote, as of then.
      lanes[lane].lastPrice = price * split.split.priceRatio
      lanes[lane].lastTime = max(lanes[lane].lastTime, split.effectiveAt)
    }
    restateCandles(split)
    for slot in lanes[lane].slots.indices {
      var restated: [AgentOrder] = []
      for booked in orders where homes[booked.order.key]?.slot == slot {
        let suffix = suffix(of: booked.clientOrderID, lane, slot)
        if let order = AgentOrder(clientOrderID: suffix, booked.order) { restated.append(order) }
      }
      do throws(ArithmeticError) {
        try lanes[lane].slots[slot].agent.runtime.apply(split.split, orders: restated)
      } catch {
        fail(lane, slot, error.description, split.effectiveAt)
      }
    }
  }

  // MARK: Agents

  mutating func react(
    _ lane: Int, _ slot: Int, _ at: Timestamp,
    _ body: (inout AgentRuntime, inout [AgentAction]) throws(ArithmeticError) -> Void
  ) {
    lanes[lane].slots[slot].change(at: at)
    agentActions.removeAll(keepingCapacity: true)
    do throws(ArithmeticError) {
      try body(&lanes[lane].slots[slot].agent.runtime, &agentActions)
    } catch {
      fail(lane, slot, error.description, at)
    }
    carryOut(lane, slot, at)
  }

  /// Turns what an agent does into requests.
  mutating func carryOut(_ lane: Int, _ slot: Int, _ at: Timestamp) {
    if agentActions.isEmpty { return balanceLegs(lane, slot, at) }
    let (agent, portfolio, instrument) = (
      lanes[lane].slots[slot].agent.id, lanes[lane].slots[slot].agent.portfolio,
      lanes[lane].slots[slot].agent.instrument
    )
    let prefix = lanes[lane].slots[slot].prefix
    func order(_ request: OrderRequest) -> SessionOrder {
      SessionOrder(
        portfolio: portfolio, agent: agent, instrument: instrument, clientOrderID: prefix + request.clientOrderID,
        request: request, at: at)
    }
    var legs: [(index: Int, quantity: Quantity)] = []
    for action in agentActions {
      switch action {
      case .signal(let signal):
        if signal.action == .exit, let reason = signal.reason { exits?.append((instrument, reason, at)) }
        requests.append(
          .signal(
            SessionSignal(
              portfolio: portfolio, agent: agent, instrument: instrument, signal: signal,
              clientOrderID: signal.clientOrderID.map { prefix + $0 },
              operands: lanes[lane].slots[slot].agent.memory.map { ($0.program, $0.operands) }, at: at)))
      case .submit(let request): requests.append(.submit(order(request)))
      case .replace(let suffix, let request):
        if let key = key(of: prefix + suffix, lane, slot) {
          requests.append(.replace(key, by: order(request)))
        }
      case .cancel(let suffix):
        if let key = key(of: prefix + suffix, lane, slot) { requests.append(.end(key, .cancelled, at: at)) }
      case .enterLeg(let index, let quantity): legs.append((index, quantity))
      }
    }
    agentActions.removeAll(keepingCapacity: true)
    for (index, quantity) in legs { enterLeg(index, quantity, of: (lane, slot), at) }
    balanceLegs(lane, slot, at)
  }

  /// The open order of an agent with this whole name.
  private func key(of clientOrderID: String, _ lane: Int, _ slot: Int) -> OrderKey? {
    homes.first {
      $0.value.lane == lane && $0.value.slot == slot && isSame($0.value.clientOrderID, clientOrderID)
    }?.key
  }

  /// An agent fails as a whole, on all its instruments, and alone.
  mutating func fail(_ lane: Int, _ slot: Int, _ reason: String, _ at: Timestamp) {
    if lanes[lane].slots[slot].hasFailed { return }
    let agent = lanes[lane].slots[slot].agent
    for lane in lanes.indices {
      for slot in lanes[lane].slots.indices where lanes[lane].slots[slot].agent.id == agent.id {
        lanes[lane].slots[slot].hasFailed = true
      }
    }
    needsReload = true
    requests.append(.fail(agent: agent.id, portfolio: agent.portfolio, reason: reason, at: at))
  }

  func find(agent: Int32, instrument: Int32) -> (lane: Int, slot: Int)? {
    guard let lane = index(ofInstrument: instrument),
      let slot = lanes[lane].slots.firstIndex(where: { $0.agent.id == agent })
    else { return nil }
    return (lane, slot)
  }

  private func suffix(of clientOrderID: String, _ lane: Int, _ slot: Int) -> String {
    String(decoding: Array(clientOrderID.utf8.dropFirst(lanes[lane].slots[slot].prefix.utf8.count)), as: UTF8.self)
  }
}
