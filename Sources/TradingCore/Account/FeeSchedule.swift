/// What a broker charges for one order, as a function of all of it that has filled: `trading.order_fees` in Swift, to the
/// last digit.
///
/// Rows of one component add up to one line. No line ever falls as an order fills. Charging the growth of each at every
/// fill makes the order's total independent of how it was cut into fills.
public struct FeeSchedule: Sendable, Hashable {
  /// In the order of their components, so that what is a percentage of others finds them complete.
  public let lines: [FeeLine]

  public static let free = FeeSchedule(sorted: [.free])

  private init(sorted lines: [FeeLine]) { self.lines = lines }

  public init(lines: [FeeLine]) {
    var sorted: [FeeLine] = []
    for component in FeeComponent.allCases {
      for line in lines where line.component == component { sorted.append(line) }
    }
    self.init(sorted: sorted)
  }

  /// Brokerage alone, on any side and product.
  ///
  /// - Throws: `outOfRange` for a negative part or a maximum below the minimum.
  public init(
    perShare: Price = .zero, perOrder: Money = .zero, percent: Ratio = .zero, minimum: Money = .zero,
    maximum: Money? = nil
  ) throws(ParameterError) {
    self.init(sorted: [
      try FeeLine(
        .brokerage, perShare: perShare, perOrder: perOrder, percent: percent, minimum: minimum, maximum: maximum)
    ])
  }

  /// The lines of the fee of an order of which `quantity` units worth `value` have filled, each at its component's
  /// ``FeeComponent/index``; lines after the schedule's last component are left out.
  ///
  /// - Parameter makerValue: the part of `value` that rested in the book when it filled.
  public func fees(
    side: Side, product: Product, quantity: Quantity, value: Money, makerValue: Money = .zero
  ) throws(ArithmeticError) -> [Money] {
    if quantity.isZero { return [.zero] }
    var fees = [Money](repeating: .zero, count: (lines.last?.component.index ?? 0) + 1)
    for line in lines where line.isDue(side, product) {
      try fees[line.component.index] += line.amount(quantity, value, makerValue, fees)
    }
    return fees
  }

  /// The sum of ``fees(side:product:quantity:value:makerValue:)``. Never decreases in quantity and value.
  public func fee(
    side: Side = .buy, product: Product = .delivery, cumulativeQuantity quantity: Quantity,
    cumulativeNotional value: Money, makerValue: Money = .zero
  ) throws(ArithmeticError) -> Money {
    var sum = Money.zero
    for fee in try fees(side: side, product: product, quantity: quantity, value: value, makerValue: makerValue) {
      try sum += fee
    }
    return sum
  }

  /// What one fill costs: the fee with it less the fee before it.
  public func charge(
    side: Side = .buy, product: Product = .delivery, quantity: Quantity, notional: Money,
    afterQuantity priorQuantity: Quantity, afterNotional priorNotional: Money
  ) throws(ArithmeticError) -> Money {
    let before = try fee(
      side: side, product: product, cumulativeQuantity: priorQuantity, cumulativeNotional: priorNotional)
    let after = try fee(
      side: side, product: product, cumulativeQuantity: priorQuantity + quantity,
      cumulativeNotional: priorNotional + notional)
    return try after - before
  }
}
