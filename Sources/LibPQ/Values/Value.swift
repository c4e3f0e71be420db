/// One parameter of a statement: a value in its wire form and the type the server is told.
///
/// Times are microseconds since 2000-01-01 00:00 UTC, PostgreSQL's own epoch. Each factory takes an optional; nil is
/// NULL of that type.
public struct Value: Sendable, Hashable {
  enum Payload: Sendable, Hashable {
    case null
    case bool(Bool)
    case int2(Int16)
    case int4(Int32)
    case int8(Int64)
    case float8(Double)
    /// Sent in text format, so that the server's input function of any type can read it.
    case text(String)
    /// Sent in binary format as it is.
    case bytes([UInt8])
    case bools([Bool?])
    case int4s([Int32?])
    case int8s([Int64?])
    case float8s([Double?])
    case texts([String?])
    case numerics([String?])
    /// Numerics in 10⁻⁸.
    case numericE8(Int64)
    case numericE8s([Int64?])
  }

  let payload: Payload
  /// The type the server is told; ``TypeOID/inferred`` leaves it to the server.
  public let type: TypeOID

  /// NULL of a type the server infers.
  public static let null = Value(payload: .null, type: .inferred)

  public static func null(_ type: TypeOID) -> Value { Value(payload: .null, type: type) }

  public static func bool(_ value: Bool?) -> Value { Value(value.map(Payload.bool), .bool) }
  public static func int2(_ value: Int16?) -> Value { Value(value.map(Payload.int2), .int2) }
  public static func int4(_ value: Int32?) -> Value { Value(value.map(Payload.int4), .int4) }
  public static func int8(_ value: Int64?) -> Value { Value(value.map(Payload.int8), .int8) }
  public static func int(_ value: Int?) -> Value { int8(value.map(Int64.init)) }
  public static func float8(_ value: Double?) -> Value { Value(value.map(Payload.float8), .float8) }

  /// Text of a type the server infers, like a quoted literal in SQL: it may become an enum, a date, a domain…
  /// Where nothing determines the type use `.text(x).typed(.text)`. A NUL byte is an error when sent.
  public static func text(_ value: String?) -> Value { Value(value.map(Payload.text), .inferred) }

  public static func bytea(_ value: [UInt8]?) -> Value { Value(value.map(Payload.bytes), .bytea) }

  public static func timestamptz(_ microseconds: Int64?) -> Value {
    Value(microseconds.map(Payload.int8), .timestamptz)
  }

  /// A decimal number written out, such as "-12.50" or "NaN"; exact.
  public static func numeric(_ text: String?) -> Value { Value(text.map(Payload.text), .numeric) }
  /// The exact decimal number `units` / 10⁸.
  public static func numericE8(_ units: Int64?) -> Value { Value(units.map(Payload.numericE8), .numeric) }

  public static func json(_ text: String?) -> Value { Value(text.map(Payload.text), .json) }
  public static func jsonb(_ text: String?) -> Value { Value(text.map(Payload.text), .jsonb) }

  public static func bools(_ values: [Bool?]?) -> Value { Value(values.map(Payload.bools), .boolArray) }
  public static func int4s(_ values: [Int32?]?) -> Value { Value(values.map(Payload.int4s), .int4Array) }
  public static func int8s(_ values: [Int64?]?) -> Value { Value(values.map(Payload.int8s), .int8Array) }
  public static func float8s(_ values: [Double?]?) -> Value { Value(values.map(Payload.float8s), .float8Array) }
  public static func texts(_ values: [String?]?) -> Value { Value(values.map(Payload.texts), .textArray) }
  public static func numerics(_ values: [String?]?) -> Value { Value(values.map(Payload.numerics), .numericArray) }

  /// The exact decimal numbers `units` / 10⁸.
  public static func numericE8s(_ units: [Int64?]?) -> Value { Value(units.map(Payload.numericE8s), .numericArray) }

  public static func timestamptzs(_ values: [Int64?]?) -> Value {
    Value(values.map(Payload.int8s), .timestamptzArray)
  }

  /// Bytes in the binary form of `type`.
  public static func binary(_ bytes: [UInt8]?, type: TypeOID) -> Value { Value(bytes.map(Payload.bytes), type) }

  /// The same value announced as another type, for instance a domain's array or ``TypeOID/inferred``.
  public func typed(_ type: TypeOID) -> Value { Value(payload: payload, type: type) }

  private init(payload: Payload, type: TypeOID) {
    self.payload = payload
    self.type = type
  }

  private init(_ payload: Payload?, _ type: TypeOID) { self.init(payload: payload ?? .null, type: type) }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .int8(value) }
  public init(floatLiteral value: Double) { self = .float8(value) }
  public init(stringLiteral value: String) { self = .text(value) }
}
