import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct PipelineTests {
  @Test func answersComeInTheOrderOfTheRequests() async throws {
    try await withConnection { connection in
      let requests = (0..<10).map { Request("SELECT $1::int", [.int4($0)], isPrepared: $0 % 2 == 0) }
      let results = try await connection.pipeline(requests)
      #expect(try results.map { try $0.get().only()[0].int } == Array(0..<10))
      #expect(try await connection.pipeline([]).isEmpty)
      await expectUsable(connection)
    }
  }

  @Test func theFirstAnswerAfterARowStreamIsWhole() async throws {
    try await withConnection { connection in
      for _ in 0..<20 {
        try await connection.forEachRow("SELECT generate_series(1, 300)") { _ in .next }
        let results = try await connection.pipeline([Request("SELECT 0"), Request("SELECT generate_series(1, 3)")])
        #expect(try results.map { try $0.get().count } == [1, 3])
      }
    }
  }

  @Test(arguments: [PipelineSync.once, .every(1), .every(7)])
  func tenThousandRequestsAllAnswer(_ sync: PipelineSync) async throws {
    try await withConnection { connection in
      let requests = (0..<10_000).map { (i: Int32) in
        Request("SELECT $1::int, $2::text", [.int4(i), .text("n\(i)")])
      }
      let results = try await connection.pipeline(requests, sync: sync)
      #expect(results.count == requests.count)
      for (index, result) in results.enumerated() {
        let row = try result.get().only()
        #expect(try row[0].int == index && row[1].string == "n\(index)")
      }
      let prepared = try await connection.query("SELECT count(*) FROM pg_prepared_statements")
      #expect(try prepared.only()[0].int == 1)
    }
  }

  @Test func largeRequestsAndLargeAnswersDoNotDeadlock() async throws {
    try await withConnection { connection in
      let large = String(repeating: "x", count: 1_000_000)
      let requests = (0..<60).map { _ in Request("SELECT $1::text || $1::text", [.text(large)]) }
      let results = try await connection.pipeline(requests)
      for result in results {
        #expect(try result.get().only()[0].withUnsafeBytes { $0?.count } == 2_000_000)
      }
    }
  }

  @Test func aFailureIsToldApartFromWhatItAborted() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int PRIMARY KEY)")
      let results = try await connection.pipeline([
        Request("INSERT INTO t VALUES (1)"), Request("INSERT INTO t VALUES (1)"), Request("INSERT INTO t VALUES (2)"),
        Request("SELECT nonsense"),
      ])
      #expect(results.map(Self.code) == [nil, .server, .pipelineAborted, .pipelineAborted])
      #expect(Self.error(results[1])?.sqlState == .uniqueViolation)
      #expect(Self.error(results[2])?.sqlState == SQLState.none)
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0, "a unit is undone as a whole")
      #expect(await connection.transactionStatus == .idle)
    }
  }

  @Test func aSyncPointEndsTheDamage() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int PRIMARY KEY)")
      let requests = [1, 1, 2, 3, 3, 4].map { Request("INSERT INTO t VALUES (\($0))") }
      let each = try await connection.pipeline(requests, sync: .every(1))
      #expect(each.map(Self.code) == [nil, .server, nil, nil, .server, nil])
      try await connection.query("TRUNCATE t")
      let pairs = try await connection.pipeline(requests, sync: .every(2))
      #expect(pairs.map(Self.code) == [nil, .server, nil, nil, .server, .pipelineAborted])
      #expect(try await connection.query("SELECT sum(i) FROM t").only()[0].int == 2 + 3)
    }
  }

  @Test func aStatementThatCannotBePreparedHasItsOwnErrorAndIsTriedAnew() async throws {
    try await withConnection { connection in
      let insert = Request("INSERT INTO late VALUES (1)")
      let results = try await connection.pipeline(
        [insert, Request("CREATE TABLE late (i int)"), insert, insert], sync: .every(1))
      #expect(results.map(Self.code) == [.server, nil, nil, nil])
      #expect(Self.error(results[0])?.sqlState == .undefinedTable)
      let together = try await connection.pipeline([Request("SELECT missing"), Request("SELECT missing")])
      #expect(together.map(Self.code) == [.server, .pipelineAborted])
      #expect(Self.error(together[0])?.sqlState == .undefinedColumn)
    }
  }

  @Test func aForgottenStatementFailsItsRequestAndWorksTheNextTime() async throws {
    try await withConnection { connection in
      #expect(try await connection.pipeline([Request("SELECT 1")]).map(Self.code) == [nil])
      try await connection.query("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
      let stale = try await connection.pipeline([Request("SELECT 1")])
      #expect(Self.error(stale[0])?.sqlState == .invalidSQLStatementName)
      #expect(try await connection.pipeline([Request("SELECT 1")]).map(Self.code) == [nil])
    }
  }

  @Test(arguments: [
    "COPY t FROM STDIN", "copy t to stdout", "-- c\n COPY t TO STDOUT", "/* a /* b */ */ ;COPY (SELECT 1) TO STDOUT",
    "COPY(SELECT 1) TO STDOUT", "\tCopy\"t\" FROM STDIN",
  ])
  func copyIsRefusedBeforeAnythingIsSent(_ sql: String) async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let error = try await postgresError {
        _ = try await connection.pipeline([Request("INSERT INTO t VALUES (1)"), Request(sql)])
      }
      #expect(error.code == .unexpectedCopy)
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func namesThatBeginWithCopyAreNoCopy() async throws {
    try await withConnection { connection in
      let results = try await connection.pipeline([Request("copyx"), Request("SELECT 1")], sync: .every(1))
      #expect(Self.error(results[0])?.sqlState == .syntaxError)
      #expect(Self.code(results[1]) == nil)
    }
  }

  @Test func aPipelineInATransactionSharesItsFate() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      try await connection.transaction { connection in
        let results = try await connection.pipeline(
          (0..<100).map { Request("INSERT INTO t VALUES ($1)", [.int4($0)]) }, sync: .every(10))
        #expect(results.allSatisfy { Self.code($0) == nil })
      }
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 100)
    }
  }

  @Test func notificationsDuringAPipelineAreKeptInOrder() async throws {
    try await withConnection { connection in
      try await connection.listen("bell")
      let requests = (0..<500).map { Request("SELECT pg_notify('bell', $1)", [.text("\($0)")]) }
      _ = try await connection.pipeline(requests, sync: .every(1))
      let notifications = try await connection.takeNotifications()
      expectEqual(notifications.map(\.payload), (0..<500).map { "\($0)" })
      #expect(try await connection.takeNotifications().isEmpty)
    }
  }

  @Test func aBackendKilledInMidPipelineIsAConnectionLoss() async throws {
    try await withConnection { connection in
      let requests =
        (0..<100).map { _ in Request("SELECT 1") } + [Request("SELECT pg_terminate_backend(pg_backend_pid())")]
        + (0..<5_000).map { _ in Request("SELECT repeat('x', 1000)") }
      let error = try await postgresError { _ = try await connection.pipeline(requests, sync: .every(1)) }
      #expect(error.code == .connectionLost)
      #expect(error.sqlState == .adminShutdown)
      #expect(await connection.isClosed)
      try await connection.reset()
      await expectUsable(connection)
    }
  }

  private static func error(_ result: Result<Rows, PostgresError>) -> PostgresError? {
    if case .failure(let error) = result { error } else { nil }
  }

  private static func code(_ result: Result<Rows, PostgresError>) -> PostgresError.Code? { error(result)?.code }
}
