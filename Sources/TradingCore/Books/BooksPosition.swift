/// What a portfolio has of one instrument: a row of `trading.positions` with its lots and open orders.
public struct BooksPosition: Sendable {
  /// Negative when short.
  public internal(set) var quantity = Quantity.zero
  /// With the sign of the quantity; of a future its value at the last settlement.
  public internal(set) var cost = Money.zero
  /// Money in the margin account for it.
  public internal(set) var margin = Money.zero
  /// At average cost, before fees.
  public internal(set) var realised = Money.zero
  /// First in first out.
  public internal(set) var realisedFirstIn = Money.zero
  public internal(set) var fees = Money.zero
  /// What it counted when it was last valued; of a future its gain since the last settlement.
  public internal(set) var marketValue = Money.zero
  /// What open orders would buy and sell; of orders that exclude each other the larger leg counts.
  public internal(set) var openBuys = Quantity.zero
  public internal(set) var openSells = Quantity.zero
  /// An order or a fill has concerned it.
  var isKnown = false
  /// Places of its open orders, in the order of their numbers.
  var openOrders: [Int] = []
  var lots = Lots()
  /// Of a contract: what is settled.
  var settlement = SettlementState()

  var holding: SessionHolding { SessionHolding(quantity: quantity, cost: cost) }

  /// The average price of what is held; nil when nothing is.
  func averagePrice(_ multiplier: Ratio) throws(ArithmeticError) -> Price? {
    quantity.isZero ? nil : try cost.price(per: quantity, multiplier: multiplier)
  }

  /// What it counts at a price, at cost without one; a future its gain since the last settlement.
  func value(at last: LastPrice?, _ terms: SessionInstrument) throws(ArithmeticError) -> Money {
    if quantity.isZero { return .zero }
    let value = try last?.value(of: quantity, multiplier: terms.multiplier) ?? cost
    return terms.isFuture ? try value - cost : value
  }

  func open(_ side: Side) -> Quantity { side == .buy ? openBuys : openSells }

  mutating func keepOpen(_ delta: Quantity, _ side: Side) throws(ArithmeticError) {
    isKnown = true
    switch side {
    case .buy: try openBuys += delta
    case .sell: try openSells += delta
    }
  }
}

/// What a fill of some quantity and value does to a position, at average cost and before fees: it closes first, and opens
/// the rest.
struct PositionMove {
  /// What is held then.
  let held: Quantity
  let closed: Quantity
  let closedValue: Money
  /// Negative: short.
  let opened: Quantity
  let openedCost: Money
  let costChange: Money
  let realised: Money
  let marginChange: Money
  /// Change of the cash, what is reserved not considered.
  let cash: Money

  init(
    _ side: Side, _ quantity: Quantity, _ value: Money, of position: BooksPosition, _ instrument: BooksInstrument
  ) throws(ArithmeticError) {
    let size = position.quantity.magnitude
    let isClosing = side == .buy ? position.quantity.isNegative : position.quantity.isPositive
    closed = isClosing ? min(size, quantity) : .zero
    var closedCost = Money.zero
    var released = Money.zero
    if closed.isPositive {
      let cost = position.cost.isNegative ? -position.cost : position.cost
      closedValue = closed == quantity ? value : try value.share(of: closed, in: quantity)
      closedCost = closed == size ? cost : try cost.share(of: closed, in: size)
      released = closed == size ? position.margin : try position.margin.share(of: closed, in: size)
    } else {
      closedValue = .zero
    }
    let isFuture = instrument.terms.isFuture
    let openedValue = try value - closedValue
    let openedSize = try quantity - closed
    let collateral =
      openedSize.isPositive && (isFuture || side == .sell)
      ? try instrument.openingMoney(side, openedSize, openedValue) : .zero
    func signed(_ money: Money) -> Money { side == .buy ? money : -money }
    held = side == .buy ? try position.quantity + quantity : try position.quantity - quantity
    opened = side == .buy ? openedSize : -openedSize
    openedCost = signed(openedValue)
    costChange = signed(try closedCost + openedValue)
    realised = signed(try closedCost - closedValue)
    if isFuture {
      // Nothing is paid for a future: collateral comes and goes, and what closes is settled.
      marginChange = try collateral - released
      cash = try realised - marginChange
    } else if side == .buy {
      // What is bought back is paid out of the margin of the short first.
      marginChange = -released
      cash = try released - value
    } else {
      // The proceeds of a short sale stay in the margin account, with the collateral.
      marginChange = try openedValue + collateral
      cash = try closedValue - collateral
    }
  }
}

extension BooksInstrument {
  var isFuture: Bool { terms.isFuture }
  var isOption: Bool { terms.feeGroup.kind == .option }

  /// Cash that opening this quantity for this value takes: a purchase its value; a short sale and a future their initial
  /// margin; a written option the margin on its strike.
  func openingMoney(_ side: Side, _ quantity: Quantity, _ value: Money) throws(ArithmeticError) -> Money {
    if side == .buy && !isFuture { return value }
    if isOption, let strike = contract?.strike {
      return try Money(
        raw: (Figure(quantity) * Figure(strike) * Figure(terms.multiplier) * Figure(terms.initialMargin)).rounded())
    }
    return try value.times(terms.initialMargin)
  }
}
