/// Isolation levels of PostgreSQL.
public enum IsolationLevel: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  case serializable = "SERIALIZABLE"
}

extension Connection {
  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
  ///
  /// Calls on this connection by other tasks wait until the end; those of the body and its child tasks go through.
  /// (A detached task that the body waits for is no child: its calls would wait for ever.)
  /// The end is not cancellable: a COMMIT on its way is not torn, a ROLLBACK always happens.
  ///
  /// Throws the body's error; if the rollback fails too, a ``PostgresError`` that has the other one in
  /// ``PostgresError/others``, or a ``TransactionFailure`` if the body's was none. When the server answers COMMIT with
  /// ROLLBACK, because the body hid the failure of a statement: ``PostgresError/Code/commitRolledBack``. When the
  /// connection is lost before COMMIT is answered: ``PostgresError/Code/commitUnknown``.
  public nonisolated(nonsending) func transaction<T>(
    isolation: IsolationLevel? = nil, readOnly: Bool = false, deferrable: Bool = false, file: String = #fileID,
    line: Int = #line, _ body: nonisolated(nonsending) (Connection) async throws -> T
  ) async throws -> T {
    var begin = "BEGIN"
    if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
    if readOnly { begin += " READ ONLY" }
    if deferrable { begin += " DEFERRABLE" }
    let start = begin
    return try await scope(
      file, line, begin: { try $0.begin(start) }, commit: { try $0.commit() }, rollback: { try $0.rollback() },
      body)
  }

  /// Runs `body` within a savepoint of the present transaction: its changes are undone when it throws, and the
  /// transaction goes on.
  public nonisolated(nonsending) func savepoint<T>(
    file: String = #fileID, line: Int = #line, _ body: nonisolated(nonsending) (Connection) async throws -> T
  ) async throws -> T {
    try await scope(
      file, line, begin: { _ = try $0.script("SAVEPOINT bourse") },
      commit: { _ = try $0.script("RELEASE SAVEPOINT bourse") },
      rollback: { _ = try $0.script("ROLLBACK TO SAVEPOINT bourse; RELEASE SAVEPOINT bourse") }, body)
  }

  /// Runs the transaction again, after a short random pause, while it fails with a serialization failure or deadlock.
  /// The body must have no effect outside the transaction, since it may run several times.
  public nonisolated(nonsending) func retryingTransaction<T>(
    isolation: IsolationLevel? = nil, readOnly: Bool = false,
    retry: RetryPolicy = RetryPolicy(
      maximumAttempts: 5, firstDelay: .milliseconds(5), maximumDelay: .milliseconds(500)),
    file: String = #fileID, line: Int = #line, _ body: nonisolated(nonsending) (Connection) async throws -> T
  ) async throws -> T {
    let start = ContinuousClock.now
    var attempt = 1
    while true {
      do {
        return try await transaction(isolation: isolation, readOnly: readOnly, file: file, line: line, body)
      } catch let error as PostgresError
        where error.isTransient && error.others.isEmpty && attempt < retry.maximumAttempts
      {
        let pause = retry.delay(afterAttempt: attempt)
        if ContinuousClock.now - start + pause > retry.maximumTime { throw error }
        try await Task.sleep(for: pause)
        attempt += 1
      }
    }
  }

  /// Commits a transaction that a script has begun, for an owner of the connection whose transaction outlives a call. Others
  /// who use the connection are not kept out of it: prefer ``transaction(isolation:readOnly:deferrable:file:line:_:)``, whose
  /// errors these are.
  public nonisolated(nonsending) func commit(file: String = #fileID, line: Int = #line) async throws {
    try await holding(file, line) { try await self.perform(cancellable: false) { try $0.commit() } }
  }

  /// Rolls back a transaction that a script has begun; nothing happens when there is none.
  public nonisolated(nonsending) func rollback(file: String = #fileID, line: Int = #line) async throws {
    try await holding(file, line) { try await self.perform(cancellable: false) { try $0.rollback() } }
  }

  private nonisolated(nonsending) func scope<T>(
    _ file: String, _ line: Int, begin: @Sendable (Session) throws -> Void,
    commit: @Sendable (Session) throws -> Void, rollback: @Sendable (Session) throws -> Void,
    _ body: nonisolated(nonsending) (Connection) async throws -> T
  ) async throws -> T {
    try await holding(file, line) {
      try await self.perform(begin)
      let scope = Scope(self)
      let outcome: Result<T, any Error>
      do {
        outcome = .success(try await Scope.$current.withValue(scope) { try await body(self) })
      } catch {
        outcome = .failure(error)
      }
      // Calls of the body that outlive it (in unstructured tasks) end first; later ones queue up as strangers.
      await scope.gate.closeAfterCalls()
      switch outcome {
      case .success(let value):
        try await self.perform(cancellable: false, commit)
        return value
      case .failure(let error):
        do {
          try await self.perform(cancellable: false, rollback)
        } catch let rollbackError {
          throw TransactionFailure.combining(error, rollbackError)
        }
        throw error
      }
    }
  }
}

/// The body of a transaction failed, and so did its rollback.
public struct TransactionFailure: Error, CustomStringConvertible {
  public let body: any Error
  public let rollback: any Error

  public var description: String { "\(body); then the rollback failed: \(rollback)" }

  static func combining(_ body: any Error, _ rollback: any Error) -> any Error {
    if let error = body as? PostgresError { return error.adding(others: [rollback]) }
    return TransactionFailure(body: body, rollback: rollback)
  }
}
