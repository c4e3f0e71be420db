public enum OrderType: SQLSpelling {
  case market
  case limit
  case stop
  case stopLimit

  public var sql: String {
    switch self {
    case .market: "market"
    case .limit: "limit"
    case .stop: "stop"
    case .stopLimit: "stop_limit"
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

  /// - Throws: `badOrder` when a price is missing, not positive, or not one that the type has.
  public init(_ type: OrderType, limitPrice: Price? = nil, stopPrice: Price? = nil) throws(ParameterError) {
    switch (type, limitPrice, stopPrice) {
    case (.market, nil, nil): self = .market
    case (.limit, let limit?, nil): self = .limit(limit)
    case (.stop, nil, let stop?): self = .stop(stop)
    case (.stopLimit, let limit?, let stop?): self = .stopLimit(stop: stop, limit: limit)
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
    }
  }

  public var limitPrice: Price? {
    switch self {
    case .limit(let price), .stopLimit(_, let price): price
    case .market, .stop: nil
    }
  }

  public var stopPrice: Price? {
    switch self {
    case .stop(let price), .stopLimit(let price, _): price
    case .market, .limit: nil
    }
  }
}
