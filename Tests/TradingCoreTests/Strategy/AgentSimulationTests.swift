import TestSupport
import Testing
import TradingCore

/// Agents against a broker that answers late, in parts, and not always kindly.
@Suite struct AgentSimulationTests {
  /// Orders as the broker has them, a world that the agent only hears of.
  struct Broker {
    struct Order {
      let request: OrderRequest
      var left: Quantity
      var isCancelAsked = false
    }
    var orders: [Order] = []
    var position = Quantity.zero
    var submitted: Set<String> = []

    /// The most that the open sell orders could sell.
    var sellable: Quantity {
      get throws {
        var sum = Quantity.zero
        for order in orders where order.request.side == .sell { try sum += order.left }
        return sum
      }
    }
  }

  @Test(arguments: seeds(30))
  func killedAfterEveryEventTheAgentActsAsIfItHadLived(seed: UInt64) throws {
    try simulate(seed: seed, isPersonTrading: seed % 2 == 0)
  }

  private func simulate(seed: UInt64, isPersonTrading: Bool) throws {
    var generator = SeededGenerator(seed: seed)
    let parameters = TrendStrategyTests.parameters
    let terms = try TradingTerms(tickSize: Price("0.01"), lot: Quantity("1"))
    var survivor = try AgentRuntime(parameters, terms: terms)
    var broker = Broker()
    var hasFractions = false
    var scale = 1.0
    var events = 0
    var fills = 0

    /// Lets the event happen to the agent that lives on and to one that is made anew from what is stored.
    func happen(_ event: (inout AgentRuntime, inout [AgentAction]) throws -> Void) throws {
      events += 1
      var reborn = try AgentRuntime(parameters, terms: terms, state: survivor.state, orders: survivor.orders)
      var actions: [AgentAction] = []
      var again: [AgentAction] = []
      try event(&survivor, &actions)
      try event(&reborn, &again)
      try #require(actions.map { "\($0)" } == again.map { "\($0)" })
      #expect(survivor.state == reborn.state)
      for action in actions {
        switch action {
        case .signal: break
        case .submit(let request):
          #expect(broker.submitted.insert(request.clientOrderID).inserted, "two orders \(request.clientOrderID)")
          #expect(request.quantity.isPositive)
          broker.orders.append(Broker.Order(request: request, left: request.quantity))
        case .cancel(let id):
          let index = try #require(broker.orders.firstIndex { $0.request.clientOrderID == id })
          #expect(!broker.orders[index].isCancelAsked)
          broker.orders[index].isCancelAsked = true
        }
      }
      #expect(broker.orders.count { $0.request.role == .entry } <= 1)
      if !isPersonTrading {
        #expect(try broker.sellable <= broker.position)
        // What a reverse split leaves below a lot cannot be sold and is written off.
        #expect(hasFractions ? survivor.owned <= broker.position : survivor.owned == broker.position)
      }
    }

    for unsplit in TrendStrategyTests.randomBars(1000, &generator) {
      let bar = Bar(
        bucket: unsplit.bucket, open: unsplit.open * scale, high: unsplit.high * scale, low: unsplit.low * scale,
        close: unsplit.close * scale, volume: unsplit.volume / scale)
      let position = broker.position
      let account = AccountView(equity: try Money("100000"), cash: try Money("50000"), position: position)
      try happen { agent, actions throws in try agent.barClosed(bar, account: account, into: &actions) }

      while let index = broker.orders.indices.randomElement(using: &generator), generator.next() % 4 != 0 {
        let order = broker.orders[index]
        let id = order.request.clientOrderID
        switch Int.random(in: 0..<12, using: &generator) {
        case 0:
          broker.orders.remove(at: index)
          try happen { agent, actions throws in try agent.orderRejected(id, into: &actions) }
        case 1:
          broker.orders.remove(at: index)
          try happen { agent, actions throws in try agent.orderClosed(id, into: &actions) }
        case 2, 3, 4, 5:
          guard order.isCancelAsked else { continue }
          broker.orders.remove(at: index)
          try happen { agent, actions throws in try agent.orderClosed(id, into: &actions) }
        default:
          let isWhole = Bool.random(using: &generator)
          let lots = order.left.raw / terms.lot.raw
          let quantity =
            try isWhole || lots == 0 ? order.left : Quantity(Int(Int64.random(in: 1...lots, using: &generator)))
          // A sale beyond the position is what the venue would refuse.
          if order.request.side == .sell && quantity > broker.position { continue }
          fills += 1
          try broker.position += order.request.side == .buy ? quantity : -quantity
          try broker.orders[index].left -= quantity
          let left = broker.orders[index].left
          if left.isZero { broker.orders.remove(at: index) }
          let price = try Price(bar.close).rounded(toTick: terms.tickSize)
          let held = broker.position
          try happen { agent, actions throws in
            try agent.filled(
              id, role: order.request.role, quantity: quantity, price: price, remaining: left, position: held,
              into: &actions)
          }
        }
      }

      if isPersonTrading, generator.next() % 8 == 0 {
        let change = try Quantity(Int.random(in: -200...100, using: &generator))
        broker.position = try max(broker.position + change, .zero)
      }
      if generator.next() % 60 == 0 {
        let (new, old) = [(2, 1), (1, 2), (3, 2), (2, 3)].randomElement(using: &generator)!
        let split = try StockSplit(numerator: new, denominator: old)
        scale *= split.priceRatio
        hasFractions = hasFractions || old > 1
        broker.position = try split.quantity(broker.position)
        for index in broker.orders.indices {
          broker.orders[index].left = try split.quantity(broker.orders[index].left)
        }
        try happen { agent, _ throws in try agent.apply(split) }
      }
    }
    #expect(events > 1100 && fills > 60)

    // When the market calms down and every order is answered, the agent ends flat or protected.
    for day in 1000..<1020 {
      let bar = TrendStrategyTests.bar(day, 100 - Double(day - 1000), spread: 1)
      let account = AccountView(equity: try Money("100000"), cash: .zero, position: broker.position)
      try happen { agent, actions throws in try agent.barClosed(bar, account: account, into: &actions) }
      while let order = broker.orders.first {
        broker.orders.removeFirst()
        let id = order.request.clientOrderID
        if order.isCancelAsked || order.request.role == .stop {
          try happen { agent, actions throws in try agent.orderClosed(id, into: &actions) }
          continue
        }
        let quantity = min(order.left, order.request.side == .sell ? broker.position : order.left)
        try broker.position += order.request.side == .buy ? quantity : -quantity
        let held = broker.position
        try happen { agent, actions throws in
          try agent.filled(
            id, role: order.request.role, quantity: quantity, price: Price(bar.close), remaining: .zero,
            position: held, into: &actions)
        }
      }
    }
    #expect(survivor.owned == .zero && survivor.orders.isEmpty)
  }
}
