import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct TransactionTests {
  private struct Stop: Error, Equatable {}

  private func count(_ connection: Connection) async throws -> Int {
    try await connection.query("SELECT count(*) FROM t").only()[0].int
  }

  @Test func aBodyThatReturnsCommits() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let value = try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        return "done"
      }
      #expect(value == "done")
      #expect(try await count(connection) == 1)
      await expectUsable(connection)
    }
  }

  @Test func aBodyThatThrowsRollsBackAndItsErrorIsThrown() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      await #expect(throws: Stop.self) {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          throw Stop()
        }
      }
      let failed = try await postgresError {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          try await connection.query("SELECT 1 / 0")
        }
      }
      #expect(failed.sqlState == .divisionByZero)
      #expect(failed.others.isEmpty)
      #expect(try await count(connection) == 0)
      await expectUsable(connection)
    }
  }

  @Test func whenTheRollbackFailsTooBothErrorsAreKept() async throws {
    for bodyIsPostgres in [true, false] {
      try await TestDatabase.with { database in
        let connection = try await database.connect()
        let killer = try await database.connect()
        let pid = await connection.backendPID
        do {
          try await connection.transaction { connection in
            let error = try? await postgresError { try await connection.query("SELECT 1 / 0") }
            try await killer.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
            if let error, bodyIsPostgres { throw error }
            throw Stop()
          }
        } catch let error as PostgresError {
          #expect(bodyIsPostgres)
          #expect(error.sqlState == .divisionByZero)
          let other = try #require(error.others.first as? PostgresError)
          #expect(other.code == .connectionLost)
          #expect(error.description.contains("connectionLost"))
        } catch let error as TransactionFailure {
          #expect(!bodyIsPostgres)
          #expect(error.body as? Stop == Stop())
          #expect((error.rollback as? PostgresError)?.code == .connectionLost)
        }
        await connection.close()
        await killer.close()
      }
    }
  }

  @Test func aCommitThatBecameARollbackIsAnError() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let error = try await postgresError {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          _ = try? await connection.query("SELECT 1 / 0")
        }
      }
      #expect(error.code == .commitRolledBack)
      #expect(try await count(connection) == 0)
      await expectUsable(connection)
    }
  }

  @Test func anErrorAtCommitSurfacesAndLeavesNoTransaction() async throws {
    try await withConnection { connection in
      try await connection.script(
        "CREATE TABLE p (i int PRIMARY KEY); CREATE TABLE t (i int REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
      let error = try await postgresError {
        try await connection.transaction { _ = try await $0.query("INSERT INTO t VALUES (1)") }
      }
      #expect(error.sqlState == .foreignKeyViolation)
      await expectUsable(connection)
    }
  }

  @Test(arguments: [IsolationLevel.readCommitted, .repeatableRead, .serializable])
  func isolationAndAccessAreWhatWasAskedFor(_ level: IsolationLevel) async throws {
    try await withConnection { connection in
      let shown = try await connection.transaction(isolation: level) { connection in
        let rows = try await connection.query(
          "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
        return try (rows.only()[0].string, rows.only()[1].string)
      }
      #expect(shown == (level.rawValue.lowercased(), "off"))
      let error = try await postgresError {
        try await connection.transaction(isolation: level, readOnly: true) {
          _ = try await $0.query("CREATE TABLE x ()")
        }
      }
      #expect(error.sqlState == .readOnlySQLTransaction)
    }
  }

  @Test func aSavepointUndoesOnlyItself() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        let error = try await postgresError {
          try await connection.savepoint { connection in
            try await connection.query("INSERT INTO t VALUES (2)")
            try await connection.savepoint { _ = try await $0.query("INSERT INTO t VALUES (3)") }
            try await connection.query("SELECT 1 / 0")
          }
        }
        #expect(error.sqlState == .divisionByZero)
        try await connection.savepoint { _ = try await $0.query("INSERT INTO t VALUES (4)") }
      }
      let rows = try await connection.query("SELECT i FROM t ORDER BY i")
      #expect(try rows.map { try $0[0].int } == [1, 4])
    }
  }

  @Test func aSavepointOutsideATransactionAndANestedTransactionAreErrors() async throws {
    try await withConnection { connection in
      let outside = try await postgresError { try await connection.savepoint { _ in } }
      #expect(outside.sqlState == .noActiveSQLTransaction)
      let nested = try await postgresError {
        try await connection.transaction { try await $0.transaction { _ in } }
      }
      #expect(nested.sqlState == .activeSQLTransaction)
      await expectUsable(connection)
    }
  }

  @Test func aConnectionLostDuringCommitLeavesTheOutcomeOpen() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let killer = try await database.connect()
      try await connection.script(
        """
        CREATE TABLE t (i int);
        CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_sleep(600); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION linger();
        """)
      let pid = await connection.backendPID
      async let outcome = postgresError {
        try await connection.transaction { _ = try await $0.query("INSERT INTO t VALUES (1)") }
      }
      try await killer.waitForActivity("query = 'COMMIT' AND wait_event = 'PgSleep'")
      try await killer.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
      let error = try await outcome
      #expect(error.code == .commitUnknown)
      #expect(error.isConnectionLoss)
      #expect(error.sqlState == .adminShutdown)
      await killer.close()
    }
  }

  @Test func aConnectionLostBeforeCommitHasCommittedNothing() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      try await connection.query("CREATE TABLE t (i int)")
      let error = try await postgresError {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          _ = try? await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
        }
      }
      #expect(error.code == .connectionLost)
      try await connection.reset()
      #expect(try await count(connection) == 0)
      await connection.close()
    }
  }

  @Test func aBodyThatEndsTheTransactionItselfIsAnError() async throws {
    try await withConnection { connection in
      for end in ["COMMIT", "ROLLBACK"] {
        let error = try await postgresError {
          try await connection.transaction { _ = try await $0.query(end) }
        }
        #expect(error.code == .invalidUse)
        await expectUsable(connection)
      }
      let reset = try await postgresError { try await connection.transaction { try await $0.reset() } }
      #expect(reset.code == .invalidUse)
    }
  }

  @Test func aTransactionThatAScriptHasBegunEndsByACallOfItsOwn() async throws {
    try await withConnection { connection in
      try await connection.script("CREATE TABLE t (i int)")
      try await connection.rollback()
      try await connection.script("BEGIN; INSERT INTO t VALUES (1)")
      try await connection.rollback()
      try await connection.script("BEGIN; INSERT INTO t VALUES (2)")
      try await connection.commit()
      #expect(try await count(connection) == 1)
      await expectUsable(connection)
      let nothing = try await postgresError { try await connection.commit() }
      #expect(nothing.code == .invalidUse)
      try await connection.script("BEGIN")
      _ = try? await connection.query("SELECT 1 / 0")
      let failed = try await postgresError { try await connection.commit() }
      #expect(failed.code == .commitRolledBack)
      try await connection.script("BEGIN")
      _ = try? await connection.query("SELECT 1 / 0")
      try await connection.rollback()
      await expectUsable(connection)
    }
  }

  @Test func otherTasksWaitUntilTheTransactionEnds() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let (started, signal) = AsyncStream.makeStream(of: Void.self)
      async let intruder = { () async throws -> Int in
        for await _ in started { break }
        return try await connection.query("SELECT count(*) FROM t").only()[0].int
      }()
      try await connection.transaction { connection in
        for number in 0..<10 {
          try await connection.query("INSERT INTO t VALUES ($1)", [.int4(Int32(number))])
          signal.yield()
          try await Task.sleep(for: .milliseconds(2))
          #expect(await connection.transactionStatus == .inTransaction)
        }
      }
      #expect(try await intruder == 10, "the count ran after the commit, not in the transaction")
    }
  }

  @Test func childTasksOfTheBodyAreInTheTransaction() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      try await connection.transaction { connection in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<20 {
            group.addTask { try await connection.query("INSERT INTO t VALUES ($1)", [.int4(Int32(number))]) }
          }
          try await group.waitForAll()
        }
        #expect(try await count(connection) == 20)
      }
      #expect(try await count(connection) == 20)
    }
  }

  @Test func aTaskThatOutlivesTheBodyQueuesUpLikeAStranger() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let straggler = try await connection.transaction { connection in
        let task = Task {
          try await Task.sleep(for: .milliseconds(30))
          return try await connection.query("INSERT INTO t VALUES (1)").commandTag
        }
        return task
      }
      #expect(try await straggler.value == "INSERT 0 1")
      #expect(try await count(connection) == 1)
      await expectUsable(connection)
    }
  }

  @Test func serializationFailuresAreRetriedUntilTheySucceed() async throws {
    try await TestDatabase.with { database in
      let setup = try await database.connect()
      try await setup.script("CREATE TABLE t (i int); INSERT INTO t VALUES (0)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            let connection = try await database.connect()
            for _ in 0..<10 {
              try await connection.retryingTransaction(
                isolation: .serializable,
                retry: RetryPolicy(
                  maximumAttempts: 1_000, maximumTime: patience, firstDelay: .milliseconds(1),
                  maximumDelay: .milliseconds(10))
              ) { connection in
                let old = try await connection.query("SELECT i FROM t").only()[0].int
                try await connection.query("UPDATE t SET i = $1", [.int4(Int32(old + 1))])
              }
            }
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      #expect(try await setup.query("SELECT i FROM t").only()[0].int == 40)
      await setup.close()
    }
  }

  @Test func retriesAreBoundedAndOtherErrorsAreNotRetried() async throws {
    try await withConnection { connection in
      for (code, expected) in [("40001", 3), ("40P01", 3), ("23505", 1)] {
        var attempts = 0
        let error = try await postgresError {
          try await connection.retryingTransaction(
            retry: RetryPolicy(maximumAttempts: 3, firstDelay: .milliseconds(1))
          ) { connection in
            attempts += 1
            try await connection.script("DO $$ BEGIN RAISE 'x' USING ERRCODE = '\(code)'; END $$")
          }
        }
        #expect(error.sqlState.rawValue == code)
        #expect(attempts == expected)
      }
    }
  }
}
