/// Why an indicator cannot be made.
public struct IndicatorError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// A period that is not a whole number in 1...`IndicatorError.largestPeriod`.
    case badPeriod
    /// A factor (width, acceleration…) that is not a usable number.
    case badFactor
    /// An exported state that no indicator with these parameters can have produced.
    case badState
  }

  /// The longest period accepted: a limit on memory, far above any use.
  public static let largestPeriod = 100_000

  public let code: Code
  /// The parameter that was refused; NaN for a state.
  public let value: Double

  init(_ code: Code, _ value: Double) {
    self.code = code
    self.value = value
  }

  // Made on demand: the PostgreSQL extension words its own messages and links no string code.
  public var description: String {
    switch code {
    case .badPeriod: "period \(value) is not a whole number between 1 and \(Self.largestPeriod)"
    case .badFactor: "factor \(value) is not a positive finite number"
    case .badState: "the state does not belong to an indicator with these parameters"
    }
  }

  /// Refuses a period outside 1...`largestPeriod`.
  static func checkPeriod(_ period: Int) throws(IndicatorError) {
    guard period >= 1, period <= largestPeriod else { throw .init(.badPeriod, Double(period)) }
  }

  /// Refuses a factor that is not positive and finite.
  static func checkFactor(_ factor: Double) throws(IndicatorError) {
    guard factor > 0, factor.isFinite else { throw .init(.badFactor, factor) }
  }

  static var badState: Self { .init(.badState, .nan) }
}

/// The whole number in `value` when it lies in `range`: how counters come back out of a `[Double]` state.
func counter(_ value: Double, in range: ClosedRange<Int>) throws(IndicatorError) -> Int {
  guard let count = Int(exactly: value), range.contains(count) else { throw .badState }
  return count
}
