/// Why a builder, book, schedule or strategy cannot be made or changed as asked.
public struct ParameterError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    /// A number outside its range, or two that contradict each other.
    case outOfRange
    /// An order without the prices its type needs, or with prices it cannot have.
    case badOrder
    /// An order that is in the book already.
    case duplicateOrder
    /// An exported state that cannot have been produced with these parameters.
    case badState
    /// Text that is not the expected JSON.
    case malformedJSON
    /// A JSON key that has no meaning here.
    case unknownKey
    /// A JSON value of the wrong type.
    case wrongType
  }

  public let code: Code
  /// The JSON key that is at fault, if the parameters came as JSON.
  public let key: String?
  public let description: String

  init(_ code: Code, key: String? = nil, _ description: String) {
    self.code = code
    self.key = key
    self.description = description
  }

  static func badState(of type: String) -> Self { .init(.badState, "the state does not belong to such a \(type)") }
}
