public enum OrderType: SQLSpelling {
  case market
  case limit
  case stop
  case stopLimit
  case trailingStop
  case limitIfTouched

  public var sql: String {
    switch self {
    case .market: "market"
    case .limit: "limit"
    case .stop: "stop"
    case .stopLimit: "stop_limit"
    case .trailingStop: "trailing_stop"
    case .limitIfTouched: "limit_if_touched"
    }
  }
}

/// An order's type with exactly the prices that the type has.
public enum OrderTerms: Sendable, Hashable {
  case market
  case limit(Price)
  case stop(Price)
  /// Becomes a limit order once the stop price has traded.
  case stopLimit(stop: Price, limit: Price)
  /// A stop that follows the best price since the order arrived; `stop` is where it stands now.
  case trailingStop(stop: Price, trail: Trail)
  /// Becomes a limit order once the price has come as far as `touch` from the favourable side: down to it for a buy, up to
  /// it for a sell.
  case limitIfTouched(touch: Price, limit: Price)

  /// - Parameter stopPrice: the stop, or the touch price of `limitIfTouched`.
  /// - Throws: `badOrder` when a price is missing, not positive, or not one that the type has.
  public init(
    _ type: OrderType, limitPrice: Price? = nil, stopPrice: Price? = nil, trail: Trail? = nil
  ) throws(ParameterError) {
    switch (type, limitPrice, stopPrice, trail) {
    case (.market, nil, nil, nil): self = .market
    case (.limit, let limit?, nil, nil): self = .limit(limit)
    case (.stop, nil, let stop?, nil): self = .stop(stop)
    case (.stopLimit, let limit?, let stop?, nil): self = .stopLimit(stop: stop, limit: limit)
    case (.trailingStop, nil, let stop?, let trail?): self = .trailingStop(stop: stop, trail: trail)
    case (.limitIfTouched, let limit?, let touch?, nil): self = .limitIfTouched(touch: touch, limit: limit)
    default: throw ParameterError(.badOrder, "a \(type) order with the wrong set of prices")
    }
    if let price = limitPrice, !price.isPositive { throw ParameterError(.badOrder, "limit price \(price)") }
    if let price = stopPrice, !price.isPositive { throw ParameterError(.badOrder, "stop price \(price)") }
  }

  public var type: OrderType {
    switch self {
    case .market: .market
    case .limit: .limit
    case .stop: .stop
    case .stopLimit: .stopLimit
    case .trailingStop: .trailingStop
    case .limitIfTouched: .limitIfTouched
    }
  }

  public var limitPrice: Price? {
    switch self {
    case .limit(let price), .stopLimit(_, let price), .limitIfTouched(_, let price): price
    case .market, .stop, .trailingStop: nil
    }
  }

  /// The stop, or the touch price of `limitIfTouched`.
  public var stopPrice: Price? {
    switch self {
    case .stop(let price), .stopLimit(let price, _), .trailingStop(let price, _), .limitIfTouched(let price, _): price
    case .market, .limit: nil
    }
  }

  public var trail: Trail? {
    if case .trailingStop(_, let trail) = self { trail } else { nil }
  }
}
