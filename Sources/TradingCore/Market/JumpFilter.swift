/// Tells absurd prices from moves of the market: a price beyond the collar around both trades before it is a jump. The
/// second of two prices that agree is no jump any more, so that a market that has really moved is followed.
public struct JumpFilter: Sendable {
  /// Largest plausible factor between two prices.
  public let collar: Double
  private var last: Double
  private var secondLast: Double

  /// - Parameters:
  ///   - last: the price before the first that will be asked for; nil when there is none.
  ///   - secondLast: one that was rejected as a jump since.
  public init(collar: Double, last: Double? = nil, secondLast: Double? = nil) {
    self.collar = collar
    self.last = last ?? .nan
    self.secondLast = secondLast ?? .nan
  }

  /// Whether this price is a jump after those that were asked for before it, jumps included.
  public mutating func isJump(_ price: Double) -> Bool {
    defer {
      secondLast = last
      last = price
    }
    // Before the second price there is nothing to compare with; comparisons with NaN are false.
    return isBeyond(price, last) && (secondLast.isNaN || isBeyond(price, secondLast))
  }

  /// The two prices before the latest, as text would show them: newest first, NaN where there was none.
  public var before: (Double, Double) { (last, secondLast) }

  private func isBeyond(_ price: Double, _ other: Double) -> Bool { price > other * collar || price < other / collar }
}
