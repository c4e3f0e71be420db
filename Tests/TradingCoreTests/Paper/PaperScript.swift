import TradingCore

/// A paper book whose actions are written down in words: `fill 1: 10 @ 97 taker`.
struct PaperScript {
  var book: PaperBook
  private var second: Int64 = 0

  init(
    slippage: String = "0", participation: String? = nil, position: String = "0", friction: PaperFriction = .none
  ) throws {
    book = PaperBook(
      rules: try PaperRules(
        tickSize: Price("0.01"), lot: Quantity("1"), slippageBasisPoints: Ratio(slippage),
        participation: participation.map { try Ratio($0) }, friction: friction))
    book.setPosition(try Quantity(position), of: 1)
  }

  /// The time that the next event will have.
  var now: Timestamp { get throws { try Self.time(second) } }

  static func time(_ second: Int64) throws -> Timestamp { try Timestamp(microseconds: second * 1_000_000) }

  /// Adds an order that arrives between the last event and the next.
  mutating func add(
    _ id: Int64, _ side: Side, _ terms: OrderTerms, _ quantity: String = "10", force: TimeInForce = .goodTillCancelled,
    expiresAt: Timestamp? = nil, conditions: OrderConditions = OrderConditions()
  ) throws {
    try book.add(
      PaperOrder(
        key: OrderKey(portfolio: 1, order: id), side: side, terms: terms, remaining: Quantity(quantity),
        timeInForce: force, expiresAt: expiresAt, arrival: id, arrivedAt: Self.time(max(second - 1, 0)),
        conditions: conditions))
  }

  mutating func tick(_ price: Double, size: Double = 1_000, goodFor: Int32 = .max) throws -> [String] {
    defer { second += 1 }
    var actions: [PaperAction] = []
    book.match(Tick(instrument: 1, time: try now, price: price, size: size, goodFor: goodFor), into: &actions)
    return actions.map(Self.words)
  }

  /// A bar from now on, of which the next event is the end.
  mutating func bar(_ open: Double, _ high: Double, _ low: Double, volume: Double = 1_000) throws -> [String] {
    try self.open(open, high, low, volume: volume) + range(open, high, low, volume: volume)
  }

  mutating func open(_ open: Double, _ high: Double, _ low: Double, volume: Double = 1_000) throws -> [String] {
    defer { second += 1 }
    var actions: [PaperAction] = []
    book.matchOpen(Self.candle(try now, open, high, low, volume), into: &actions)
    return actions.map(Self.words)
  }

  /// The rest of the bar whose open was the last event.
  mutating func range(_ open: Double, _ high: Double, _ low: Double, volume: Double = 1_000) throws -> [String] {
    var actions: [PaperAction] = []
    book.matchRange(Self.candle(try Self.time(second - 1), open, high, low, volume), at: try now, into: &actions)
    return actions.map(Self.words)
  }

  mutating func close(_ price: Double?) throws -> [String] {
    var actions: [PaperAction] = []
    book.matchClose(price, at: try now, into: &actions)
    return actions.map(Self.words)
  }

  private static func candle(
    _ bucket: Timestamp, _ open: Double, _ high: Double, _ low: Double, _ volume: Double
  ) -> Candle {
    Candle(bucket: bucket, open: open, high: high, low: low, close: open, volume: volume)
  }

  static func words(_ action: PaperAction) -> String {
    switch action {
    case .fill(let fill):
      "fill \(fill.key.order): \(fill.quantity) @ \(fill.price) \(fill.liquidity)"
        + (fill.remaining.isZero ? "" : " left \(fill.remaining)") + (fill.changesOthers ? " and others" : "")
    case .trigger(let key, _): "trigger \(key.order)"
    case .trail(let key, let stop, _): "trail \(key.order): \(stop)"
    case .expire(let key, _): "expire \(key.order)"
    case .reject(let key, _): "reject \(key.order)"
    case .cancel(let key, let reason, _): "cancel \(key.order): \(reason)"
    }
  }
}

extension OrderTerms {
  static func limit(_ limit: String) throws -> OrderTerms { .limit(try Price(limit)) }
  static func stop(_ stop: String) throws -> OrderTerms { .stop(try Price(stop)) }
  static func stopLimit(_ stop: String, _ limit: String) throws -> OrderTerms {
    .stopLimit(stop: try Price(stop), limit: try Price(limit))
  }
  static func touch(_ touch: String, _ limit: String) throws -> OrderTerms {
    .limitIfTouched(touch: try Price(touch), limit: try Price(limit))
  }
  static func trailing(_ stop: String, amount: String) throws -> OrderTerms {
    .trailingStop(stop: try Price(stop), trail: try Trail(amount: Price(amount)))
  }
  static func trailing(_ stop: String, percent: String) throws -> OrderTerms {
    .trailingStop(stop: try Price(stop), trail: try Trail(percent: Ratio(percent)))
  }
}
