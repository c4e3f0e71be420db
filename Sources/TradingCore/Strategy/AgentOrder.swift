/// An open order of an agent.
public struct AgentOrder: Sendable {
  /// What has been asked for, or is known to happen, and has not been reported.
  public enum Change: Sendable {
    case none
    /// A cancel was asked for.
    case cancel
    /// The books end it because orders that exclude it have filled.
    case end
    /// Another order is to take its place.
    case replacement(clientOrderID: String, price: Price)
  }

  public let clientOrderID: String
  public let role: OrderRole
  /// What is left to fill.
  public internal(set) var remaining: Quantity
  public internal(set) var hasFilled: Bool
  /// Where a stop or a target stands.
  public internal(set) var price: Price?
  public internal(set) var change: Change

  /// Nil when the identifier is not one of an ``OrderRequest``.
  public init?(
    clientOrderID: String, remaining: Quantity, hasFilled: Bool = false, price: Price? = nil, change: Change = .none
  ) {
    guard let role = OrderRole(ofClientOrderID: clientOrderID) else { return nil }
    if role == .target && Self.target(of: clientOrderID) == nil { return nil }
    self.init(
      role, clientOrderID: clientOrderID, remaining: remaining, hasFilled: hasFilled, price: price, change: change)
  }

  /// An order as the books have it.
  public init?(clientOrderID: String, _ order: PaperOrder) {
    self.init(
      clientOrderID: clientOrderID, remaining: order.remaining, hasFilled: order.filled.isPositive,
      price: order.terms.stopPrice ?? order.terms.limitPrice)
  }

  init(
    _ role: OrderRole, clientOrderID: String, remaining: Quantity, hasFilled: Bool = false, price: Price?,
    change: Change = .none
  ) {
    self.clientOrderID = clientOrderID
    self.role = role
    self.remaining = remaining
    self.hasFilled = hasFilled
    self.price = price
    self.change = change
  }

  /// Which target of the ladder it is, counted from 0; nil when it is none.
  var target: Int? { role == .target ? Self.target(of: clientOrderID) : nil }

  static func target(of clientOrderID: String) -> Int? {
    var number = 0
    var digits = 0
    for byte in clientOrderID.utf8.dropFirst(OrderRole.target.sql.utf8.count + 1) {
      guard byte >= 0x30, byte <= 0x39, digits < 4 else {
        return byte == 0x2D && digits > 0 && number > 0 ? number - 1 : nil
      }
      number = 10 * number + Int(byte - 0x30)
      digits += 1
    }
    return nil
  }

  /// Nothing about it is on its way.
  var isSettled: Bool { if case .none = change { true } else { false } }

  /// Its end is no surprise.
  var isEnding: Bool {
    switch change {
    case .cancel, .end: true
    case .none, .replacement: false
    }
  }

  func isReplaced(by clientOrderID: String) -> Bool {
    if case .replacement(let other, _) = change { isSame(other, clientOrderID) } else { false }
  }
}
