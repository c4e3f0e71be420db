import TestSupport
import Testing
import TradingCore

/// An agent's days, told one event at a time. At each event an agent that is made anew from what is stored does the same as
/// the one that has lived all along.
struct AgentStory {
  static let rule = Rule.number(RuleNumber(digits: 0))
  /// The bar of the first day, which is 2013-10-04.
  static let day = "2013-10-04T00:00:00Z"

  var runtime: AgentRuntime
  /// What it has signalled: number, action, reason or code, price, order.
  var signals: [String] = []
  /// What the portfolio holds of the instrument.
  var position = Quantity.zero
  var equity: Money
  var cash: Money
  private var bars = 0
  private var time: Timestamp

  init(
    _ exits: [ExitRule] = [.stop(distance: rule)], sizing: PositionSizing? = nil, capital: Money? = nil,
    lot: String = "1", isOnTicks: Bool = false
  ) throws {
    let terms = try TradingTerms(tickSize: Price("0.01"), lot: Quantity(lot))
    runtime = AgentRuntime(
      AgentPlan(
        exits: exits, sizing: try sizing ?? .fixedQuantity(Quantity("100")), terms: terms, capitalPerTrade: capital,
        isOnTicks: isOnTicks))
    equity = try Money("40000")
    cash = try Money("40000")
    time = try Timestamp(Self.day)
  }

  /// The bar of a day of October 2013.
  static func on(_ day: Int) -> String { "2013-10-\(day < 10 ? "0" : "")\(day)T00:00:00Z" }

  /// Closes the candle of the next day.
  mutating func bar(
    _ close: Double, _ action: StrategyIntent.Action? = nil, high: Double? = nil, low: Double? = nil,
    values: [Double] = [4], refusal: Signal.Refusal? = nil, ratios: [Double] = [], legPrices: [Double] = [],
    days: Int = 1
  ) throws -> [String] {
    let bucket = try Timestamp(Self.day).advanced(byMicroseconds: Int64(bars) * 86_400_000_000)
    bars += days
    time = try bucket.advanced(byMicroseconds: 72_000_000_000)
    let candle = Candle(
      bucket: bucket, open: close, high: high ?? close, low: low ?? close, close: close, volume: 1000)
    let intent = StrategyIntent(
      action: action, price: close, exitValues: values, averageTrueRange: 2, deviation: 1.5, legRatios: ratios)
    let (account, time) = (AccountView(equity: equity, cash: cash, position: position), time)
    return try happen { agent, actions throws in
      try agent.act(
        on: intent, bar: candle, at: time, account: account, entryRefusal: refusal, legPrices: legPrices,
        into: &actions)
    }
  }

  mutating func perform(_ action: StrategyIntent.Action, _ price: Double, values: [Double] = [4]) throws -> [String] {
    let intent = StrategyIntent(action: action, price: price, exitValues: values)
    let (account, time) = (AccountView(equity: equity, cash: cash, position: position), time)
    return try happen { agent, actions throws in
      try agent.perform(intent, at: time, account: account, into: &actions)
    }
  }

  mutating func enterLeg(_ quantity: String, bar: String, price: Double) throws -> [String] {
    let (position, time) = (position, time)
    return try happen { agent, actions throws in
      try agent.enterLeg(
        Quantity(quantity), bar: Timestamp(bar), at: time, price: price, position: position, into: &actions)
    }
  }

  mutating func requestExit(_ reason: ExitReason, _ price: Double) throws -> [String] {
    try happen { agent, actions throws in try agent.requestExit(reason, price: price, into: &actions) }
  }

  /// Fills a part of an order; `left` is what remains of it.
  mutating func fill(_ id: String, _ quantity: String, at price: String, left: String = "0") throws -> [String] {
    let isEntry = OrderRole(ofClientOrderID: id)!.isEntry
    let isBuy = (runtime.trade.side >= 0) == isEntry
    try position += isBuy ? Quantity(quantity) : -Quantity(quantity)
    let (position, time) = (position, time)
    return try happen { agent, actions throws in
      try agent.filled(
        id, quantity: Quantity(quantity), price: Price(price), remaining: Quantity(left), position: position,
        at: time, into: &actions)
    }
  }

  mutating func closed(_ id: String) throws -> [String] {
    try happen { agent, actions throws in try agent.orderClosed(id, into: &actions) }
  }

  mutating func rejected(_ id: String) throws -> [String] {
    try happen { agent, actions throws in try agent.orderRejected(id, into: &actions) }
  }

  mutating func replaced(_ id: String, by new: String, left: String = "100") throws -> [String] {
    try happen { agent, actions throws in
      try agent.orderReplaced(id, by: new, remaining: Quantity(left), into: &actions)
    }
  }

  mutating func resized(_ id: String, to left: String) throws -> [String] {
    let position = position
    return try happen { agent, actions throws in
      try agent.orderResized(id, to: Quantity(left), position: position, into: &actions)
    }
  }

  mutating func happen(_ event: (inout AgentRuntime, inout [AgentAction]) throws -> Void) throws -> [String] {
    var reborn = try AgentRuntime(runtime.plan, state: runtime.state, orders: runtime.orders)
    var (actions, again): ([AgentAction], [AgentAction]) = ([], [])
    try event(&runtime, &actions)
    try event(&reborn, &again)
    #expect(again.map(Self.text) == actions.map(Self.text))
    #expect(reborn.state == runtime.state)
    var told: [String] = []
    for action in actions {
      if case .signal = action { signals.append(Self.text(action)) } else { told.append(Self.text(action)) }
    }
    return told
  }

  static func text(_ action: AgentAction) -> String {
    switch action {
    case .signal(let signal):
      "\(signal.number) \(signal.action) \(signal.reason?.sql ?? signal.refusal?.code ?? "-") \(signal.price) "
        + (signal.clientOrderID ?? "-")
    case .submit(let request): text(request)
    case .replace(let old, let request): "\(old) -> \(text(request))"
    case .cancel(let clientOrderID): "cancel \(clientOrderID)"
    case .enterLeg(let leg, let quantity): "leg \(leg) \(quantity)"
    }
  }

  static func text(_ request: OrderRequest) -> String {
    var text = "\(request.clientOrderID) \(request.side) \(request.quantity)"
    if let price = request.terms.stopPrice ?? request.terms.limitPrice { text += " \(request.terms.type) \(price)" }
    if let leg = request.ocoLeg { text += " leg \(leg)" }
    return text
  }
}
