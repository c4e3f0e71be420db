import CLibPQ

extension Session {
  /// One statement by the extended protocol, without preparing it under a name.
  func query(_ sql: String, _ values: [Value], _ format: Format) throws -> Rows {
    try sendQuery(sql, values, format)
    try flush()
    return try rows(try checked(try finishCommand()))
  }

  func sendQuery(_ sql: String, _ values: [Value], _ format: Format) throws {
    try settle()
    try checkStatement(sql)
    try parameters.encode(values)
    try parameters.withArrays { count, types, values, lengths, formats in
      try wire.check(
        PQsendQueryParams(wire.pointer, sql, count, types, values, lengths, formats, format.rawValue))
    }
  }

  /// All statements of a script by the simple protocol.
  @discardableResult
  func script(_ sql: String) throws -> [Rows] {
    try settle()
    try checkStatement(sql)
    try wire.check(PQsendQuery(wire.pointer, sql))
    try flush()
    let results = try checked(try finishCommand())
    results.forEach(noteCommand)
    return results.map(Rows.init)
  }

  func rows(_ results: [ResultHandle]) throws -> Rows {
    noteCommand(results[0])
    return Rows(results[0])
  }

  /// Forgets prepared statements that the user dropped by SQL.
  func noteCommand(_ result: ResultHandle) {
    let tag = PQcmdStatus(result.pointer)!
    guard tag[0] == CChar(UInt8(ascii: "D")), result.status == PGRES_COMMAND_OK else { return }
    let command = String(cString: tag)
    if command == "DISCARD ALL" || command == "DEALLOCATE ALL" { statements.removeAll() }
  }

  func checkStatement(_ sql: String) throws {
    if sql.utf8.contains(0) { throw PostgresError(.invalidParameter, "the statement contains a NUL byte") }
  }

  // MARK: Prepared statements

  /// Prepares on first use, then executes by name. A statement the server has forgotten, or whose result type changed,
  /// is prepared anew and run once more where that is possible: outside a transaction, which the error has not failed.
  func execute(_ sql: String, _ values: [Value], _ format: Format) throws -> Rows {
    try settle()
    do {
      return try executeOnce(sql, values, format)
    } catch let error as PostgresError where Self.isStale(error) {
      statements.remove(StatementCache.Key(sql, values))
      if wire.transactionStatus != PQTRANS_IDLE { throw error }
      return try executeOnce(sql, values, format)
    }
  }

  /// Server function names are stable across versions and languages; 0A000 alone says only "not supported".
  private static func isStale(_ error: PostgresError) -> Bool {
    error.sqlState == .invalidSQLStatementName
      || error.sqlState == .featureNotSupported && error.serverFields?.routine == "RevalidateCachedQuery"
  }

  func forgetIfStale(_ request: Request, _ error: PostgresError) {
    guard request.isPrepared, Self.isStale(error) else { return }
    statements.remove(StatementCache.Key(request.sql, request.parameters))
  }

  private func executeOnce(_ sql: String, _ values: [Value], _ format: Format) throws -> Rows {
    let name = try statements.name(sql, values) ?? prepareAnew(StatementCache.Key(sql, values))
    try parameters.encode(values)
    try parameters.withArrays { count, _, values, lengths, formats in
      try wire.check(PQsendQueryPrepared(wire.pointer, name, count, values, lengths, formats, format.rawValue))
    }
    try flush()
    return try rows(try checked(try finishCommand()))
  }

  private func prepareAnew(_ key: StatementCache.Key) throws -> String {
    try checkStatement(key.sql)
    let name = statements.newName()
    let types = key.types.map(\.rawValue)
    try wire.check(PQsendPrepare(wire.pointer, name, key.sql, Int32(types.count), types))
    try flush()
    _ = try checked(try finishCommand())
    statements.insert(key, name: name)
    try evictStatements()
    return name
  }

  /// Keeps the cache within its bound. In a failed transaction nothing can be deallocated: it waits for another time.
  func evictStatements() throws {
    while wire.transactionStatus != PQTRANS_INERROR, let evicted = statements.evict() {
      try wire.check(PQsendQuery(wire.pointer, "DEALLOCATE \(evicted)"))
      try flush()
      _ = try finishCommand()
    }
  }
}

extension Session {
  func prepare(_ sql: String, _ types: [TypeOID]) throws {
    try settle()
    let key = StatementCache.Key(sql: sql, types: types)
    if statements.name(of: key) == nil { _ = try prepareAnew(key) }
  }
}
