import LibPQ

extension SQLFile {
  /// Runs all statements of the file in the present transaction. An error names the file and, when known, the line.
  func run(on connection: Connection) async throws {
    do {
      try await connection.script(text)
    } catch let error as PostgresError where error.sqlState != .none {
      throw MigrationError(error, in: self)
    }
  }
}

extension MigrationError {
  init(_ error: PostgresError, in file: SQLFile) {
    let place = error.position.map { "\(file.path):\(file.line(ofCharacter: $0))" } ?? file.path
    var message = "\(place): \(error.message) (SQLSTATE \(error.sqlState))"
    if let detail = error.detail { message += ": " + detail.replacing("\n", with: " ") }
    // The innermost frame says where inside a DO block or a procedure it happened.
    if error.position == nil, let frame = error.context?.split(separator: "\n").first { message += " [\(frame)]" }
    switch error.sqlState {
    case .insufficientPrivilege:
      self.init(
        .notPermitted, message,
        hint: "connect as the owner of the database or as a superuser, or have one grant what is missing")
    case .lockNotAvailable:
      self.init(
        .inUse, "\(place): waited 30 seconds for a table that another session holds",
        hint: "stop the runner, end open transactions (see pg_stat_activity), and repeat")
    default:
      self.init(
        .statementFailed, message,
        hint: error.hint ?? "nothing of this transaction was kept; correct the file and repeat",
        sqlState: error.sqlState.rawValue)
    }
  }

  /// Two installers that create or grant the same role at the same time, which PostgreSQL reports in three ways.
  var isRoleCollision: Bool {
    sqlState == SQLState.uniqueViolation.rawValue || sqlState == SQLState.duplicateObject.rawValue
      || sqlState == SQLState.internalError.rawValue
  }
}
