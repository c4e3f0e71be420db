import CLibPQ

extension Session {
  func begin(_ sql: String) throws {
    guard wire.transactionStatus == PQTRANS_IDLE || unfinished != nil || !wire.isAlive else {
      throw PostgresError(.invalidUse, "a transaction is open already; use savepoint()", sqlState: .activeSQLTransaction)
    }
    try script(sql)
  }

  /// COMMIT of a failed transaction is answered with ROLLBACK and no error.
  func commit() throws {
    let results = try script("COMMIT")
    if results.last?.commandTag == "ROLLBACK" {
      throw PostgresError(
        .commitRolledBack, "the transaction was rolled back, because a statement in it had failed",
        sqlState: .inFailedSQLTransaction)
    }
  }
}
