/// Why an indicator cannot be made.
public struct IndicatorError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// A period below 1 or above `IndicatorError.largestPeriod`, or periods in an order that makes no sense.
    case badPeriod
    /// A factor (width, acceleration…) that is not a usable number.
    case badFactor
    /// An exported state that no indicator with these parameters can have produced.
    case badState
  }

  /// The longest period accepted: a limit on memory, far above any use.
  public static let largestPeriod = 100_000

  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Refuses a period outside 1...`largestPeriod`.
  static func checkPeriod(_ period: Int) throws(IndicatorError) {
    guard period >= 1, period <= largestPeriod else {
      throw .init(.badPeriod, "period \(period) is not between 1 and \(largestPeriod)")
    }
  }

  static var badState: Self { .init(.badState, "the state does not belong to an indicator with these parameters") }
}

/// The whole number in `value` when it lies in `range`: how counters come back out of a `[Double]` state.
func counter(_ value: Double, in range: ClosedRange<Int>) throws(IndicatorError) -> Int {
  guard let count = Int(exactly: value), range.contains(count) else { throw .badState }
  return count
}
