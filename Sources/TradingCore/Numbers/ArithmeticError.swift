/// Why an exact computation has no result. Nothing in fixed point traps or wraps: it answers or throws this.
public struct ArithmeticError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// The result lies outside what the type, and its `numeric` column, can hold.
    case overflow
    case divisionByZero
    /// NaN or an infinity where a number is needed.
    case notFinite
    /// The text is not a plain decimal number.
    case malformed
    /// The text has more than eight decimals that matter.
    case inexact
    /// A tick size or lot that is zero or negative.
    case badIncrement
  }

  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  static var divisionByZero: Self { .init(.divisionByZero, "division by zero") }

  static func overflow(_ type: String) -> Self { .init(.overflow, "result is outside the range of \(type)") }
}
