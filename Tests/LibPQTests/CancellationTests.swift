import TestSupport
import Testing

@testable import LibPQ

@Suite(.needsServer, .commonTimeLimit)
struct CancellationTests {
  /// Starts `body` on a connection, cancels it once the server runs it, and expects a usable connection.
  private func cancelWhileRunning(
    _ filter: String = "query LIKE '%pg_sleep%'", prepare: String = "",
    _ body: @escaping @Sendable (Connection) async throws -> Void
  ) async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let observer = try await database.connect()
      try await connection.script(prepare)
      let task = Task { try await body(connection) }
      try await observer.waitForActivity("state = 'active' AND \(filter)")
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      await expectUsable(connection)
      await connection.close()
      await observer.close()
    }
  }

  @Test func aRunningQueryIsCancelledOnTheServer() async throws {
    try await cancelWhileRunning { try await $0.query("SELECT pg_sleep(600)") }
  }

  @Test func aRunningPreparedStatementIsCancelled() async throws {
    try await cancelWhileRunning { try await $0.execute("SELECT pg_sleep($1)", [.float8(600)]) }
  }

  @Test func aRunningScriptIsCancelled() async throws {
    try await cancelWhileRunning { try await $0.script("SELECT 1; SELECT pg_sleep(600)") }
  }

  @Test func aRunningPipelineIsCancelledAsAWhole() async throws {
    try await cancelWhileRunning { connection in
      let requests = (0..<5).map { _ in Request("SELECT pg_sleep(600)") }
      _ = try await connection.pipeline(requests, sync: .every(1))
    }
  }

  @Test func aRowStreamIsCancelledWhileItWaits() async throws {
    try await cancelWhileRunning { try await $0.forEachRow("SELECT pg_sleep(600)") { _ in .next } }
  }

  @Test func aTransactionIsRolledBackWhenItsTaskIsCancelled() async throws {
    try await cancelWhileRunning(prepare: "CREATE TABLE t (i int)") { connection in
      try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        try await connection.query("SELECT pg_sleep(600)")
      }
    }
  }

  @Test func aCopyBlockedByALockIsCancelled() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let holder = try await database.connect()
      try await holder.query("CREATE TABLE t (i int)")
      try await holder.script("BEGIN; LOCK TABLE t")
      let task = Task {
        try await connection.copyIn("COPY t FROM STDIN") { copy in
          for _ in 0..<1_000 { try await copy.send(text: String(repeating: "1\n", count: 10_000)) }
        }
      }
      let observer = try await database.connect()
      try await observer.waitForActivity("wait_event_type = 'Lock'")
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      await expectUsable(connection)
      for other in [connection, holder, observer] { await other.close() }
    }
  }

  @Test func aTaskCancelledBeforeItsCallSendsNothing() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        try await connection.query("INSERT INTO t VALUES (1)")
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func aTaskCancelledInTheQueueLeavesIt() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let observer = try await database.connect()
      // The slow statement lasts as long as the observer holds the lock.
      try await observer.query("SELECT pg_advisory_lock(4711)")
      async let slow = connection.query("SELECT pg_advisory_lock(4711)::text, 'slow'")
      try await observer.waitForActivity("query LIKE '%slow%'")
      let queued = Task { try await connection.query("SELECT 'queued'") }
      try await eventually { connection.innermostGate.waiterCount == 1 }
      queued.cancel()
      await #expect(throws: CancellationError.self) { try await queued.value }
      let stillRunning = try await observer.query(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%4711%slow%' AND state = 'active' "
          + "AND pid <> pg_backend_pid()")
      #expect(try stillRunning.only()[0].int == 1, "the queued task did not wait for the slow one")
      try await observer.query("SELECT pg_advisory_unlock(4711)")
      #expect(try await slow.only()[1].string == "slow")
      await connection.close()
      await observer.close()
    }
  }

  @Test func cancellingAtAnyMomentLeavesACleanConnection() async throws {
    try await withConnection { connection in
      for round in 0..<300 {
        let task = Task { try await connection.query("SELECT \(round)").only()[0].int }
        for _ in 0..<(round % 30) { await Task.yield() }
        task.cancel()
        switch await task.result {
        case .success(let number): #expect(number == round)
        case .failure(let error): #expect(error is CancellationError, "\(error)")
        }
        let next = try await connection.query("SELECT \(round + 1)").only()[0].int
        #expect(next == round + 1)
      }
    }
  }

  @Test func anotherTaskCanCancelWhatRuns() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let observer = try await database.connect()
      async let outcome = postgresError { try await connection.query("SELECT pg_sleep(600)") }
      try await observer.waitForActivity("state = 'active' AND query LIKE '%pg_sleep%'")
      connection.cancelRunning()
      #expect(try await outcome.sqlState == .queryCanceled)
      await expectUsable(connection)
      connection.cancelRunning()
      await expectUsable(connection)
      async let pipeline = postgresError {
        _ = try await connection.pipeline([Request("SELECT pg_sleep(600)"), Request("SELECT 1")], sync: .every(1))
      }
      try await observer.waitForActivity("state = 'active' AND query LIKE '%pg_sleep%'")
      connection.cancelRunning()
      #expect(try await pipeline.sqlState == .queryCanceled)
      await expectUsable(connection)
      await connection.close()
      await observer.close()
    }
  }

  @Test func aStatementTimeoutIsTheServersErrorAndNoCancellation() async throws {
    try await withConnection { connection in
      try await connection.query("SET statement_timeout = '20ms'")
      let error = try await postgresError { try await connection.query("SELECT pg_sleep(600)") }
      #expect(error.code == .server)
      #expect(error.sqlState == .queryCanceled)
    }
  }

  @Test func aBackendKilledInMidQueryIsAConnectionLossWithItsReason() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let killer = try await database.connect()
      let pid = await connection.backendPID
      async let outcome = postgresError { try await connection.query("SELECT pg_sleep(600)") }
      try await killer.waitForActivity("state = 'active' AND query LIKE '%pg_sleep%'")
      try await killer.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
      let error = try await outcome
      #expect(error.code == .connectionLost)
      #expect(error.sqlState == .adminShutdown)
      #expect(error.isConnectionLoss)
      #expect(await connection.isClosed)
      let later = try await postgresError { try await connection.query("SELECT 1") }
      #expect(later.isConnectionLoss)
      try await connection.reset()
      await expectUsable(connection)
      #expect(await connection.backendPID != pid)
      await connection.close()
      await killer.close()
    }
  }

  @Test func aBackendKilledBetweenQueriesShowsItsReasonAtTheNextOne() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let killer = try await database.connect()
      let pid = await connection.backendPID
      try await killer.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
      try await eventually {
        try await killer.query("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", [.int4(pid)]).only()[0].int == 0
      }
      let error = try await postgresError { try await connection.query("SELECT 1") }
      #expect(error.code == .connectionLost)
      #expect(error.sqlState == .adminShutdown)
      await killer.close()
    }
  }

  @Test func aBackendKilledInMidCopyIsAConnectionLoss() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let killer = try await database.connect()
      try await connection.query("CREATE TABLE t (i int)")
      let pid = await connection.backendPID
      let copy = try await connection.copyIn("COPY t FROM STDIN")
      try await copy.send(text: "1\n")
      try await killer.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
      let error = try await postgresError {
        for _ in 0..<1_000 { try await copy.send(text: String(repeating: "1\n", count: 10_000)) }
        try await copy.finish()
      }
      #expect(error.code == .connectionLost)
      try await connection.reset()
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
      await connection.close()
      await killer.close()
    }
  }
}
