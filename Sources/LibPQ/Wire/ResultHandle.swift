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

  var sqlState: SQLState { resultSQLState(pointer) }

  var isError: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }

  /// The error this result reports; `code` tells how it ended for the session.
  func error(_ code: PostgresError.Code) -> PostgresError { resultError(pointer, code) }
}

/// A field of an error or notice that libpq reports; `field` is its letter in the protocol.
func resultField(_ result: OpaquePointer, _ field: UnicodeScalar) -> String? {
  PQresultErrorField(result, Int32(field.value)).map { String(cString: $0) }
}

private func resultSQLState(_ result: OpaquePointer) -> SQLState {
  SQLState(rawValue: resultField(result, "C") ?? "")
}

func resultError(_ result: OpaquePointer, _ code: PostgresError.Code) -> PostgresError {
  let fields = ServerFields(
    severity: resultField(result, "V") ?? resultField(result, "S") ?? "", detail: resultField(result, "D"),
    hint: resultField(result, "H"), context: resultField(result, "W"), schema: resultField(result, "s"),
    table: resultField(result, "t"), column: resultField(result, "c"), dataType: resultField(result, "d"),
    constraint: resultField(result, "n"), position: resultField(result, "P").flatMap { Int($0) },
    routine: resultField(result, "R"))
  // Without a primary message the text comes from libpq itself, such as a cut connection.
  let message = resultField(result, "M") ?? trimmed(PQresultErrorMessage(result))
  return PostgresError(code, message, sqlState: resultSQLState(result), server: fields)
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
