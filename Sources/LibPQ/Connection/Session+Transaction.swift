import CLibPQ

extension Session {
  func begin(_ sql: String) throws {
    guard wire.transactionStatus == PQTRANS_IDLE || unfinished != nil || !wire.isAlive else {
      throw PostgresError(
        .invalidUse, "a transaction is open already; use savepoint()", sqlState: .activeSQLTransaction)
    }
    try script(sql)
  }

  func rollback() throws {
    try settle()
    // Nothing is left to undo when the server has ended the transaction by itself.
    if wire.transactionStatus == PQTRANS_IDLE, wire.isAlive { return }
    try script("ROLLBACK")
  }

  /// COMMIT of a failed transaction is answered with ROLLBACK and no error.
  func commit() throws {
    try settle()
    if wire.transactionStatus == PQTRANS_IDLE, wire.isAlive {
      throw PostgresError(
        .invalidUse, "the transaction was ended by its own body", sqlState: .noActiveSQLTransaction)
    }
    guard wire.isAlive else { throw wire.failure() }
    let results: [Rows]
    do {
      results = try script("COMMIT")
    } catch let error as PostgresError where error.code == .connectionLost {
      throw error.recoded(.commitUnknown)
    }
    if results.last?.commandTag == "ROLLBACK" {
      throw PostgresError(
        .commitRolledBack, "the transaction was rolled back, because a statement in it had failed",
        sqlState: .inFailedSQLTransaction)
    }
  }
}
