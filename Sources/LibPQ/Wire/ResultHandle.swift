import CLibPQ

/// Owns one `PGresult`. Immutable once received, so it may be read from any thread.
final class ResultHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }
  var rowCount: Int { Int(PQntuples(pointer)) }
  var columnCount: Int { Int(PQnfields(pointer)) }
  var commandTag: String { String(cString: PQcmdStatus(pointer)) }

  var affectedRows: Int {
    var rows = 0
    var digit = UnsafePointer(PQcmdTuples(pointer)!)
    while digit.pointee != 0 {
      rows = rows * 10 + Int(digit.pointee - 48)
      digit += 1
    }
    return rows
  }

  /// The cell's bytes, or nil for SQL NULL. Valid while this object lives.
  @inline(__always)
  func cell(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
    let row = Int32(truncatingIfNeeded: row)
    let column = Int32(truncatingIfNeeded: column)
    if PQgetisnull(pointer, row, column) != 0 { return nil }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column)))
  }

  func errorField(_ field: UnicodeScalar) -> String? {
    PQresultErrorField(pointer, Int32(field.value)).map { String(cString: $0) }
  }

  var sqlState: SQLState { SQLState(rawValue: errorField("C") ?? "") }

  var isError: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }

  /// The error this result reports; `code` tells how it ended for the session.
  func error(_ code: PostgresError.Code) -> PostgresError {
    let fields = ServerFields(
      severity: errorField("V") ?? errorField("S") ?? "", detail: errorField("D"), hint: errorField("H"),
      context: errorField("W"), schema: errorField("s"), table: errorField("t"), column: errorField("c"),
      dataType: errorField("d"), constraint: errorField("n"), position: errorField("P").flatMap { Int($0) },
      routine: errorField("R"))
    // Without a primary message the text comes from libpq itself, such as a cut connection.
    let message = errorField("M") ?? trimmed(PQresultErrorMessage(pointer))
    return PostgresError(code, message, sqlState: sqlState, server: fields)
  }
}

/// A C string of libpq without its trailing line breaks.
func trimmed(_ text: UnsafePointer<CChar>?) -> String {
  guard let text else { return "" }
  var string = String(cString: text)
  while let last = string.unicodeScalars.last, last == "\n" || last == "\r" || last == " " {
    string.unicodeScalars.removeLast()
  }
  return string
}
