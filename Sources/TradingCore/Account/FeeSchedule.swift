/// What a broker charges for one order, as a function of all of it that has filled.
///
/// `clamp(per order + round(per share × quantity, 8) + round(notional × percent ÷ 100, 8), minimum, maximum)`; nothing
/// for a quantity of zero. Charging the growth of this sum at each fill makes the order's total independent of how it
/// was cut into fills.
public struct FeeSchedule: Sendable, Hashable {
  public let perShare: Price
  public let perOrder: Money
  /// Of the notional: 0.1 is a tenth of a percent.
  public let percent: Ratio
  public let minimum: Money
  /// Nil: no upper limit.
  public let maximum: Money?

  public static let free = FeeSchedule()

  private init() {
    perShare = .zero
    perOrder = .zero
    percent = .zero
    minimum = .zero
    maximum = nil
  }

  /// - Throws: `outOfRange` for a negative part or a maximum below the minimum.
  public init(
    perShare: Price = .zero, perOrder: Money = .zero, percent: Ratio = .zero, minimum: Money = .zero,
    maximum: Money? = nil
  ) throws(ParameterError) {
    let isNegative = perShare.isNegative || perOrder.isNegative || percent.isNegative || minimum.isNegative
    if isNegative { throw ParameterError(.outOfRange, "a negative fee") }
    if let maximum, maximum < minimum {
      throw ParameterError(.outOfRange, "maximum fee \(maximum) below minimum fee \(minimum)")
    }
    self.perShare = perShare
    self.perOrder = perOrder
    self.percent = percent
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The fee of an order of which `quantity` units worth `notional` have filled. Never decreases in either.
  public func fee(cumulativeQuantity quantity: Quantity, cumulativeNotional notional: Money)
    throws(ArithmeticError) -> Money
  {
    if quantity.isZero { return .zero }
    let sum = try (perOrder + perShare.value(of: quantity)) + notional.percent(percent)
    let raised = max(sum, minimum)
    return maximum.map { min(raised, $0) } ?? raised
  }

  /// What one fill costs: the fee with it less the fee before it.
  public func charge(
    quantity: Quantity, notional: Money, afterQuantity priorQuantity: Quantity, afterNotional priorNotional: Money
  ) throws(ArithmeticError) -> Money {
    let before = try fee(cumulativeQuantity: priorQuantity, cumulativeNotional: priorNotional)
    let after = try fee(
      cumulativeQuantity: priorQuantity + quantity, cumulativeNotional: priorNotional + notional)
    return try after - before
  }
}
