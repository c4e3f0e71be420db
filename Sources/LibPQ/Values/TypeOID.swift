/// The object identifier of a PostgreSQL type. An open set; 0 lets the server infer the type.
public struct TypeOID: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public init(integerLiteral value: UInt32) { rawValue = value }

  public static let inferred: TypeOID = 0
  public static let bool: TypeOID = 16
  public static let bytea: TypeOID = 17
  public static let char: TypeOID = 18
  public static let name: TypeOID = 19
  public static let int8: TypeOID = 20
  public static let int2: TypeOID = 21
  public static let int4: TypeOID = 23
  public static let text: TypeOID = 25
  public static let oid: TypeOID = 26
  public static let xid: TypeOID = 28
  public static let json: TypeOID = 114
  public static let xid8: TypeOID = 5069
  public static let float4: TypeOID = 700
  public static let float8: TypeOID = 701
  public static let unknown: TypeOID = 705
  public static let bpchar: TypeOID = 1042
  public static let varchar: TypeOID = 1043
  public static let date: TypeOID = 1082
  public static let timestamp: TypeOID = 1114
  public static let timestamptz: TypeOID = 1184
  public static let numeric: TypeOID = 1700
  public static let uuid: TypeOID = 2950
  public static let jsonb: TypeOID = 3802

  public static let boolArray: TypeOID = 1000
  public static let int4Array: TypeOID = 1007
  public static let textArray: TypeOID = 1009
  public static let int8Array: TypeOID = 1016
  public static let float8Array: TypeOID = 1022
  public static let timestamptzArray: TypeOID = 1185
  public static let numericArray: TypeOID = 1231
}

/// How values travel: as text that the type's input and output functions know, or in its binary form.
public enum Format: Int32, Sendable {
  case text = 0
  case binary = 1
}
