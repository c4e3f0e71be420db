import TestSupport
import Testing
import TradingCore

/// Agents that want anything at any time, against a broker that answers late, in parts, and not always kindly.
@Suite struct AgentSimulationTests {
  private static let rule = AgentStory.rule

  private static func plans() throws -> [[ExitRule]] {
    let (fifth, half) = (try Ratio("20"), try Ratio("50"))
    let (two, three) = (try Ratio("2"), try Ratio("3"))
    return [
      [],
      [.stop(distance: rule)],
      [.stop(distance: rule), .trailingStop(distance: rule), .breakEven(atR: .one)],
      [.stopLevel(long: rule, short: rule), .when(rule, reason: .timeStop)],
      [
        .stop(distance: rule), .takeProfit(distance: rule, portionPercent: half),
        .takeProfitAtR(three, portionPercent: half),
      ],
      [
        .trailingStop(distance: rule), .takeProfitAtR(.one, portionPercent: fifth),
        .takeProfitAtR(two, portionPercent: fifth), .takeProfit(distance: rule, portionPercent: half),
        .expansion(of: rule, multiple: two),
      ],
      [.takeProfitAtR(.one, portionPercent: half), .takeProfit(distance: rule, portionPercent: half)],
    ]
  }

  @Test(arguments: seeds(84))
  func whateverComesTheAgentClosesOnlyWhatItOwnsAndProtectsIt(seed: UInt64) throws {
    let plans = try Self.plans()
    var world = try World(
      seed: seed, exits: plans[Int(seed % UInt64(plans.count))], isPersonTrading: seed % 3 == 0,
      isLate: seed % 2 == 0)
    for day in 0..<600 { try world.passDay(day) }
    #expect(world.fills > 100 && world.events > 650)
    #expect(world.closing > 20)
    try world.calmDown()
  }

  private struct World {
    var generator: SeededGenerator
    var agent: AgentRuntime
    var broker = AgentBroker()
    let isPersonTrading: Bool
    /// Other things happen before the agent has heard of what was.
    let isLate: Bool
    var hasFractions = false
    var scale = 1.0
    var price = 100.0
    var (events, fills, closing) = (0, 0, 0)
    /// What the portfolio holds, as far as the agent's side has heard.
    var position = Quantity.zero
    /// Something was refused, or ended unasked, in this bar: what is missing comes back with the next.
    var isHeldBack = false
    /// Where the stop of the present trade stood last, while nothing but candles has happened to it.
    var stop: Price?

    init(seed: UInt64, exits: [ExitRule], isPersonTrading: Bool, isLate: Bool) throws {
      generator = SeededGenerator(seed: seed)
      self.isPersonTrading = isPersonTrading
      self.isLate = isLate
      agent = AgentRuntime(
        AgentPlan(
          exits: exits, sizing: .fixedQuantity(try Quantity("97")),
          terms: try TradingTerms(tickSize: Price("0.01"), lot: Quantity("1"))))
    }

    /// Lets the event happen to the agent that lives on and to one that is made anew from what is stored, and has what they
    /// want carried out.
    mutating func happen(
      isChecked: Bool = true, _ event: (inout AgentRuntime, inout [AgentAction]) throws -> Void
    ) throws {
      events += 1
      var reborn = try AgentRuntime(agent.plan, state: agent.state, orders: agent.orders)
      var (actions, again): ([AgentAction], [AgentAction]) = ([], [])
      try event(&agent, &actions)
      try event(&reborn, &again)
      try #require(actions.map(AgentStory.text) == again.map(AgentStory.text))
      #expect(agent.state == reborn.state)
      let isInformed = broker.news.isEmpty
      var isUnkind = false
      for action in actions {
        let rejects = generator.next() % 20 == 0
        switch action {
        case .signal, .enterLeg: continue
        case .submit(let request):
          #expect(broker.names.insert(request.clientOrderID).inserted, "two orders \(request.clientOrderID)")
          #expect(request.quantity.isPositive)
          #expect(request.isReduceOnly == !request.role.isEntry)
          try broker.submit(request, rejects: rejects)
        case .replace(let id, let request):
          #expect(broker.names.insert(request.clientOrderID).inserted, "two orders \(request.clientOrderID)")
          try broker.replace(id, by: request, rejects: rejects)
        case .cancel(let id): broker.askCancel(id)
        }
        isUnkind = isUnkind || rejects
      }
      // Who knows all that has happened asks for nothing that cannot be.
      if isInformed && !isUnkind && !isPersonTrading { #expect(broker.excesses == []) }
      broker.excesses = []
      // What a split leaves of orders below a lot goes with the next candle.
      if isChecked && broker.news.isEmpty { try check() }
    }

    /// What must hold whenever the agent knows all that has happened.
    private mutating func check() throws {
      let sellable = try agent.owned.magnitude.roundedDown(toLot: agent.plan.terms.lot)
      let side: Side = agent.owned.isNegative ? .buy : .sell
      let exits = broker.orders.filter { !$0.role.isEntry }
      #expect(broker.orders.count { $0.role.isEntry } <= 1)
      if !isPersonTrading {
        // What a reverse split leaves below a lot cannot be closed and is written off.
        #expect(hasFractions || agent.owned == broker.position)
        #expect(try broker.exits(.buy) <= max(-broker.position, .zero))
        #expect(try broker.exits(.sell) <= max(broker.position, .zero))
      }
      #expect(agent.orders.map(\.clientOrderID).sorted() == broker.orders.map(\.id).sorted())
      if !isLate {
        #expect(
          agent.orders.map { "\($0.clientOrderID) \($0.remaining)" }.sorted()
            == broker.orders.map { "\($0.id) \($0.left)" }.sorted())
      }
      // Of what late news made it take for ended it hears with the next candle.
      let ended = agent.orders.filter { if case .end = $0.change { true } else { false } }.map(\.clientOrderID)
      #expect(isLate || ended == [])
      if sellable.isZero { #expect(exits.allSatisfy { $0.isCancelAsked || ended.contains($0.id) }, "an orphan") }
      #expect(exits.allSatisfy { $0.side == side || sellable.isZero })

      let stop = exits.first { $0.role == .stop }
      let isLeaving = exits.contains { $0.role == .exit || $0.isCancelAsked || ended.contains($0.id) }
      let hasStops = agent.plan.exits.contains {
        switch $0 {
        case .stop, .trailingStop, .stopLevel: true
        default: false
        }
      }
      if hasStops && sellable.isPositive && !isLeaving && !isHeldBack
        && !broker.orders.contains(where: { $0.isCancelAsked })
      {
        #expect(stop != nil, "no stop")
        // One that is at work is left alone, and what an entry adds to the position meanwhile waits for its end.
        let isAtWork = agent.orders.contains { $0.role == .stop && $0.hasFilled }
        if !isPersonTrading, !isAtWork, let stop { #expect(stop.left == sellable) }
      }
    }

    mutating func hear() throws {
      let news = broker.news.removeFirst()
      let time = try Timestamp(AgentStory.day)
      switch news {
      case .position(let position): self.position = position
      case .filled(let id, let quantity, let price, let left, let position):
        self.position = position
        if OrderRole(ofClientOrderID: id)!.isEntry { stop = nil } else { closing += 1 }
        try happen { agent, actions throws in
          try agent.filled(
            id, quantity: quantity, price: price, remaining: left, position: position, at: time, into: &actions)
        }
      case .rejected(let id):
        isHeldBack = true
        stop = nil
        try happen { agent, actions throws in try agent.orderRejected(id, into: &actions) }
      case .replaced(let id, let new, let left):
        try happen { agent, actions throws in
          try agent.orderReplaced(id, by: new, remaining: left, into: &actions)
        }
      case .resized(let id, let left, let position):
        try happen { agent, actions throws in
          try agent.orderResized(id, to: left, position: position, into: &actions)
        }
      case .closed(let id):
        switch agent.orders.first(where: { $0.clientOrderID == id })?.change {
        case .cancel, .end: break
        default: isHeldBack = true
        }
        try happen { agent, actions throws in try agent.orderClosed(id, into: &actions) }
      }
    }

    mutating func passDay(_ day: Int) throws {
      let actions: [StrategyIntent.Action?] = [nil, nil, nil, .enterLong, .enterShort, .exit(.rule)]
      while !isLate && !broker.news.isEmpty { try hear() }
      try close(day, actions.randomElement(using: &generator)!)
      while generator.next() % 12 != 0 {
        if !broker.news.isEmpty, !isLate || generator.next() % 3 != 0 {
          try hear()
          continue
        }
        guard let index = broker.orders.indices.randomElement(using: &generator) else {
          if broker.news.isEmpty { break }
          continue
        }
        switch Int.random(in: 0..<24, using: &generator) {
        case 0: broker.end(index)
        case 1...9: if broker.orders[index].isCancelAsked { broker.end(index) }
        default: try fill(index)
        }
      }
      if isPersonTrading, generator.next() % 8 == 0 {
        let change = try Quantity(Int.random(in: -60...60, using: &generator))
        let position = try broker.position + change
        let isSameSide = position.isNegative == broker.position.isNegative
        try broker.trade(to: isSameSide ? position : .zero)
        isHeldBack = true
      }
      if generator.next() % 40 == 0 {
        while !broker.news.isEmpty { try hear() }
        let (new, old) = (scale < 1 ? [(1, 2), (2, 3)] : [(2, 1), (3, 2)]).randomElement(using: &generator)!
        let split = try StockSplit(numerator: new, denominator: old)
        scale *= split.priceRatio
        hasFractions = hasFractions || old > 1
        try broker.apply(split)
        position = broker.position
        stop = nil
        isHeldBack = true
        try happen(isChecked: false) { agent, _ throws in try agent.apply(split) }
      }
    }

    private mutating func fill(_ index: Int) throws {
      let order = broker.orders[index]
      let lots = Int(order.left.raw / 100_000_000)
      let isWhole = Bool.random(using: &generator) || lots == 0
      let quantity = try isWhole ? order.left : Quantity(Int.random(in: 1...lots, using: &generator))
      let price = try order.price ?? Price(self.price * scale).rounded(toTick: Price("0.01"))
      if try broker.fill(index, quantity, at: price) { fills += 1 }
    }

    mutating func close(_ day: Int, _ action: StrategyIntent.Action?) throws {
      price *= .random(in: 0.97...1.03, using: &generator)
      price = min(max(price, 50), 200)
      let close = price * scale
      let spread = close * .random(in: 0...0.02, using: &generator)
      let values: [Double] = agent.plan.exits.flatMap { exit -> [Double] in
        let distance =
          Bool.random(using: &generator) || agent.owned.isZero
          ? close * .random(in: 0.01...0.2, using: &generator) : .nan
        switch exit {
        case .stopLevel: return [close - distance, close + distance]
        case .when: return [generator.next() % 30 == 0 ? 1 : 0]
        default: return [distance]
        }
      }
      let bucket = try Timestamp(AgentStory.day).advanced(byMicroseconds: Int64(day) * 86_400_000_000)
      let candle = Candle(
        bucket: bucket, open: close, high: close + spread, low: close - spread, close: close, volume: 1000)
      let intent = StrategyIntent(action: action, price: close, exitValues: values, averageTrueRange: 1, deviation: 1)
      let account = AccountView(
        equity: try Money("1000000"), cash: try Money("1000000"), position: position)
      isHeldBack = false
      let before = agent.trade
      try happen { agent, actions throws in
        try agent.act(on: intent, bar: candle, at: bucket, account: account, into: &actions)
      }
      // A candle moves a stop towards the price only.
      let wanted = agent.orders.first { $0.role == .stop }.flatMap { order -> Price? in
        if case .replacement(_, let price) = order.change { price } else { order.price }
      }
      if let stop, let wanted, before.side != 0, agent.trade.barsSinceEntry == before.barsSinceEntry + 1 {
        #expect(before.side > 0 ? wanted >= stop : wanted <= stop, "a stop went back")
      }
      // While one is at work the average may move.
      let isAtWork = agent.orders.contains { $0.role == .stop && $0.hasFilled }
      stop = isAtWork && stop == nil ? nil : wanted
    }

    /// When every order is answered, the agent ends flat.
    mutating func calmDown() throws {
      for day in 600..<640 {
        while !broker.news.isEmpty { try hear() }
        try close(day, .exit(.rule))
        for _ in 0..<20 {
          while !broker.news.isEmpty { try hear() }
          guard let index = broker.orders.firstIndex(where: { $0.isCancelAsked || $0.role == .exit }) else { break }
          if broker.orders[index].isCancelAsked {
            broker.end(index)
          } else if !(try broker.fill(index, broker.orders[index].left, at: Price("50"))) {
            broker.end(index)
          }
        }
      }
      while !broker.news.isEmpty { try hear() }
      #expect(agent.owned == .zero && agent.orders.isEmpty && broker.orders.isEmpty)
    }
  }
}
