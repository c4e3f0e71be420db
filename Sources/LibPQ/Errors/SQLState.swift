/// A five-character SQLSTATE, or the prefix of a family of them when made by ``class(_:)``.
///
/// An open set: servers and procedures define their own. Match in a `switch`:
/// ```swift
/// switch error.sqlState {
/// case .uniqueViolation: …
/// case .class("TR3"): …   // every code that starts with TR3
/// default: …
/// }
/// ```
public struct SQLState: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The characters as big-endian bytes, so that a family is a range of equal leading bytes.
  private let packed: UInt64

  /// The state of an error that never came from a server.
  public static let none = SQLState(rawValue: "")

  /// Takes the first five bytes of `rawValue`; a longer text is cut, because no SQLSTATE is longer.
  public init(rawValue: String) {
    self.init(bytes: rawValue.utf8)
  }

  public init(stringLiteral value: String) { self.init(rawValue: value) }

  init(bytes: some Sequence<UInt8>) {
    var packed: UInt64 = 0
    var shift: UInt64 = 56
    for byte in bytes.prefix(5) {
      packed |= UInt64(byte) << shift
      shift -= 8
    }
    self.packed = packed
  }

  public var rawValue: String {
    var text = ""
    var rest = packed
    while rest != 0 {
      text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: rest >> 56)))
      rest <<= 8
    }
    return text
  }

  public var description: String { rawValue }

  /// A pattern that matches each SQLSTATE starting with `prefix` (two characters are an SQL class).
  public static func `class`(_ prefix: String) -> SQLState { SQLState(rawValue: prefix) }

  /// Whether `value` is this state, or belongs to the family this prefix names. `none` matches only itself.
  public func matches(_ value: SQLState) -> Bool {
    if packed == 0 { return value.packed == 0 }
    let unusedBits = UInt64(packed.trailingZeroBitCount / 8 * 8)
    return packed >> unusedBits == value.packed >> unusedBits
  }

  public static func ~= (pattern: SQLState, value: SQLState) -> Bool { pattern.matches(value) }
}

extension SQLState {
  public static let successfulCompletion: SQLState = "00000"
  public static let connectionException: SQLState = "08000"
  public static let connectionDoesNotExist: SQLState = "08003"
  public static let connectionFailure: SQLState = "08006"
  public static let protocolViolation: SQLState = "08P01"
  public static let featureNotSupported: SQLState = "0A000"
  public static let stringDataRightTruncation: SQLState = "22001"
  public static let numericValueOutOfRange: SQLState = "22003"
  public static let divisionByZero: SQLState = "22012"
  public static let invalidParameterValue: SQLState = "22023"
  public static let invalidTextRepresentation: SQLState = "22P02"
  public static let badCopyFileFormat: SQLState = "22P04"
  public static let notNullViolation: SQLState = "23502"
  public static let foreignKeyViolation: SQLState = "23503"
  public static let uniqueViolation: SQLState = "23505"
  public static let checkViolation: SQLState = "23514"
  public static let exclusionViolation: SQLState = "23P01"
  public static let activeSQLTransaction: SQLState = "25001"
  public static let readOnlySQLTransaction: SQLState = "25006"
  public static let noActiveSQLTransaction: SQLState = "25P01"
  public static let inFailedSQLTransaction: SQLState = "25P02"
  public static let idleInTransactionSessionTimeout: SQLState = "25P03"
  public static let invalidSQLStatementName: SQLState = "26000"
  public static let invalidAuthorizationSpecification: SQLState = "28000"
  public static let invalidPassword: SQLState = "28P01"
  public static let invalidCatalogName: SQLState = "3D000"
  public static let invalidSchemaName: SQLState = "3F000"
  public static let serializationFailure: SQLState = "40001"
  public static let deadlockDetected: SQLState = "40P01"
  public static let insufficientPrivilege: SQLState = "42501"
  public static let syntaxError: SQLState = "42601"
  public static let undefinedColumn: SQLState = "42703"
  public static let undefinedFunction: SQLState = "42883"
  public static let undefinedTable: SQLState = "42P01"
  public static let duplicateSchema: SQLState = "42P06"
  public static let duplicateTable: SQLState = "42P07"
  public static let duplicateDatabase: SQLState = "42P04"
  public static let duplicateObject: SQLState = "42710"
  public static let indeterminateDatatype: SQLState = "42P18"
  public static let diskFull: SQLState = "53100"
  public static let outOfMemory: SQLState = "53200"
  public static let tooManyConnections: SQLState = "53300"
  public static let objectInUse: SQLState = "55006"
  public static let lockNotAvailable: SQLState = "55P03"
  public static let queryCanceled: SQLState = "57014"
  public static let adminShutdown: SQLState = "57P01"
  public static let crashShutdown: SQLState = "57P02"
  public static let cannotConnectNow: SQLState = "57P03"
  public static let raiseException: SQLState = "P0001"
  public static let internalError: SQLState = "XX000"
}
