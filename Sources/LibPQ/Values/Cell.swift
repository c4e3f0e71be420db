import CLibPQ

/// One value of a result, decoded when asked for.
///
/// The getters throw ``PostgresError/Code/unexpectedNull`` for NULL and ``PostgresError/Code/typeMismatch`` when the
/// value does not fit; for nullable columns write `try row["x"].ifPresent?.int`.
public struct Cell: Sendable {
  let handle: ResultHandle
  let row: Int
  let column: Int

  public var isNull: Bool { PQgetisnull(handle.pointer, Int32(row), Int32(column)) != 0 }
  /// This cell, or nil when it is NULL.
  public var ifPresent: Cell? { isNull ? nil : self }
  public var type: TypeOID { TypeOID(rawValue: PQftype(handle.pointer, Int32(column))) }
  public var format: Format { PQfformat(handle.pointer, Int32(column)) == 1 ? .binary : .text }

  /// The bytes as received, without a copy; nil for NULL. Valid inside the closure only.
  public func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer?) throws -> T) rethrows -> T {
    try withExtendedLifetime(handle) { try body(handle.cell(row, column)) }
  }

  public var int: Int { get throws { Int(try int64) } }
  public var int32: Int32 { get throws { try narrowed(int64) } }
  public var int64: Int64 { get throws { try decoded("an integer", CellDecoder.int64) } }
  public var double: Double { get throws { try decoded("a number", CellDecoder.double) } }
  /// A decimal number times 10⁸, exact: a number with more decimals or beyond the range of `Int64` is an error.
  public var numericE8: Int64 { get throws { try decoded("a number with 8 decimals", CellDecoder.numericE8) } }
  public var bool: Bool { get throws { try decoded("a boolean", CellDecoder.bool) } }
  /// The text form. In binary format only for textual types, integers, numeric, booleans, uuid, json and enums.
  public var string: String { get throws { try decoded("text", CellDecoder.string) } }
  /// Microseconds since 2000-01-01 00:00 UTC; `Int64.max` and `.min` are infinity and -infinity.
  /// A `timestamp` without time zone is read as UTC. Text format needs DateStyle ISO.
  public var timestamp: Int64 { get throws { try decoded("a timestamp", CellDecoder.microseconds) } }
  /// The contents of a bytea, or the bytes of any other type as they are in binary format.
  public var bytes: [UInt8] { get throws { try decoded("bytes", CellDecoder.bytes) } }

  private func narrowed(_ value: Int64) throws -> Int32 {
    guard let narrow = Int32(exactly: value) else { throw mismatch("a 32-bit integer") }
    return narrow
  }

  @inline(__always)
  private func decoded<T>(
    _ wanted: StaticString, _ decode: (UnsafeRawBufferPointer, TypeOID, Format) -> T?
  ) throws -> T {
    try withExtendedLifetime(handle) {
      guard let bytes = handle.cell(row, column) else {
        throw PostgresError(.unexpectedNull, "column \"\(columnName)\" is NULL where \(wanted) was expected")
      }
      guard let value = decode(bytes, type, format) else { throw mismatch("\(wanted)") }
      return value
    }
  }

  private var columnName: String { String(cString: PQfname(handle.pointer, Int32(column))) }

  private func mismatch(_ wanted: String) -> PostgresError {
    PostgresError(
      .typeMismatch,
      "column \"\(columnName)\" (type \(type.rawValue), \(format) format) cannot be read as \(wanted)")
  }
}
