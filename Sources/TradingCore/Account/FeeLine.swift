/// One part of what an order costs: a row of `trading.fee_components`, or the brokerage of `trading.fee_schedules`.
///
/// `clamp(per order + round(per share × quantity, 8) + round(base × percent ÷ 100, 8))`, rounded to `decimals`, all of it
/// half away from zero. The base is the traded value, or the sum of other components.
public struct FeeLine: Sendable, Hashable {
  public let component: FeeComponent
  /// The side that pays it; nil: both.
  public let side: Side?
  /// The product that pays it; nil: any.
  public let product: Product?
  public let perShare: Price
  public let perOrder: Money
  /// Of the base: 0.1 is a tenth of a percent.
  public let percent: Ratio
  /// The same for value that rested in the book when it filled; nil: `percent`.
  public let makerPercent: Ratio?
  public let minimum: Money
  /// Nil: no upper limit. It counts also below the minimum.
  public let maximum: Money?
  /// An upper limit in percent of the value; nil: none. It counts also below the minimum.
  public let maximumPercent: Ratio?
  /// Of the result, 0 to 8.
  public let decimals: Int
  /// The components whose sum is the base, all of them before this one; nil: the traded value is the base.
  public let percentOf: [FeeComponent]?

  /// - Throws: `outOfRange` for a negative part, a maximum below the minimum, decimals other than 0 to 8, or a base that
  ///   comes later.
  public init(
    _ component: FeeComponent, side: Side? = nil, product: Product? = nil, perShare: Price = .zero,
    perOrder: Money = .zero, percent: Ratio = .zero, makerPercent: Ratio? = nil, minimum: Money = .zero,
    maximum: Money? = nil, maximumPercent: Ratio? = nil, decimals: Int = 8, percentOf: [FeeComponent]? = nil
  ) throws(ParameterError) {
    var isNegative = perShare.isNegative || perOrder.isNegative || percent.isNegative || minimum.isNegative
    if let makerPercent, makerPercent.isNegative { isNegative = true }
    if let maximumPercent, maximumPercent.isNegative { isNegative = true }
    if isNegative { throw ParameterError(.outOfRange, "a negative fee") }
    if let maximum, maximum < minimum {
      throw ParameterError(.outOfRange, "maximum fee \(maximum) below minimum fee \(minimum)")
    }
    guard decimals >= 0, decimals <= 8 else { throw ParameterError(.outOfRange, "decimals of a fee are 0 to 8") }
    if let percentOf {
      var isEarlier = makerPercent == nil
      for base in percentOf where base.index >= component.index { isEarlier = false }
      if !isEarlier { throw ParameterError(.outOfRange, "a fee that is a percentage of itself or of a later one") }
    }
    self.component = component
    self.side = side
    self.product = product
    self.perShare = perShare
    self.perOrder = perOrder
    self.percent = percent
    self.makerPercent = makerPercent
    self.minimum = minimum
    self.maximum = maximum
    self.maximumPercent = maximumPercent
    self.decimals = decimals
    self.percentOf = percentOf
  }

  private init() {
    component = .brokerage
    side = nil
    product = nil
    perShare = .zero
    perOrder = .zero
    percent = .zero
    makerPercent = nil
    minimum = .zero
    maximum = nil
    maximumPercent = nil
    decimals = 8
    percentOf = nil
  }

  static let free = FeeLine()

  func isDue(_ side: Side, _ product: Product) -> Bool {
    (self.side ?? side) == side && (self.product ?? product) == product
  }

  /// - Parameter fees: the lines of earlier components.
  func amount(
    _ quantity: Quantity, _ value: Money, _ makerValue: Money, _ fees: [Money]
  ) throws(ArithmeticError) -> Money {
    var sum = try perOrder + perShare.value(of: quantity)
    if let percentOf {
      var base = Money.zero
      for component in percentOf where component.index < fees.count { try base += fees[component.index] }
      try sum += base.percent(percent)
    } else if let makerPercent {
      try sum += (value - makerValue).percent(percent)
      try sum += makerValue.percent(makerPercent)
    } else {
      try sum += value.percent(percent)
    }
    sum = max(sum, minimum)
    if let maximum { sum = min(sum, maximum) }
    if let maximumPercent { sum = min(sum, try value.percent(maximumPercent)) }
    return try sum.rounded(toDecimals: decimals)
  }
}
