import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct PreparedStatementTests {
  private func preparedCount(_ connection: Connection) async throws -> Int {
    try await connection.query("SELECT count(*) FROM pg_prepared_statements").only()[0].int
  }

  @Test func aStatementIsPreparedOncePerTextAndTypes() async throws {
    try await withConnection { connection in
      for i in 0..<5 {
        let row = try await connection.execute("SELECT $1", [.int4(Int32(i))]).only()
        #expect(try row[0].int == i)
      }
      #expect(try await preparedCount(connection) == 1)
      try await connection.execute("SELECT $1", [.int8(1)])
      #expect(try await preparedCount(connection) == 2)
      try await connection.prepare("SELECT $1", [.int4])
      #expect(try await preparedCount(connection) == 2)
    }
  }

  @Test func theLeastRecentlyUsedStatementIsDeallocated() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect { $0.statementCapacity = 3 }
      for i in 0..<10 {
        #expect(try await connection.execute("SELECT \(i)").only()[0].int == i)
        #expect(try await connection.execute("SELECT 0").only()[0].int == 0)
      }
      _ = try await connection.pipeline((0..<10).map { Request("SELECT 1\($0)") })
      #expect(try await preparedCount(connection) == 3)
      try await connection.execute("SELECT 8")
      try await connection.execute("SELECT 9")
      try await connection.execute("SELECT 0")
      let kept = try await connection.query("SELECT statement FROM pg_prepared_statements ORDER BY 1")
      #expect(try kept.map { try $0[0].string } == ["SELECT 0", "SELECT 8", "SELECT 9"])
      await connection.close()
    }
  }

  @Test(arguments: ["DEALLOCATE ALL", "DISCARD ALL", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"])
  func aForgottenStatementIsPreparedAnew(_ forget: String) async throws {
    try await withConnection { connection in
      #expect(try await connection.execute("SELECT 5").only()[0].int == 5)
      try await connection.query(forget)
      #expect(try await connection.execute("SELECT 5").only()[0].int == 5)
    }
  }

  @Test func aChangedResultTypeIsPreparedAnew() async throws {
    try await withConnection { connection in
      try await connection.script("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
      #expect(try await connection.execute("SELECT * FROM t").columns.count == 1)
      try await connection.query("ALTER TABLE t ADD b text DEFAULT 'x'")
      #expect(try await connection.execute("SELECT * FROM t").columns.count == 2)
    }
  }

  @Test func aChangedResultTypeInATransactionSurfacesOnceAndIsForgotten() async throws {
    try await withConnection { connection in
      try await connection.script("CREATE TABLE t (a int)")
      try await connection.execute("SELECT * FROM t")
      try await connection.query("ALTER TABLE t ADD b text")
      let error = try await postgresError {
        _ = try await connection.transaction { try await $0.execute("SELECT * FROM t") }
      }
      #expect(error.sqlState == .featureNotSupported)
      let columns = try await connection.transaction { try await $0.execute("SELECT * FROM t").columns.count }
      #expect(columns == 2)
    }
  }

  @Test func statementsSurviveARollbackAndAreForgottenByAReset() async throws {
    try await withConnection { connection in
      _ = try? await connection.transaction { connection in
        _ = try await connection.execute("SELECT 6")
        throw CancellationError()
      }
      #expect(try await connection.execute("SELECT 6").only()[0].int == 6)
      #expect(try await preparedCount(connection) == 1)
      try await connection.reset()
      #expect(try await preparedCount(connection) == 0)
      #expect(try await connection.execute("SELECT 6").only()[0].int == 6)
    }
  }

  @Test func aStatementThatCannotBePreparedIsNotKept() async throws {
    try await withConnection { connection in
      for _ in 0..<2 {
        let error = try await postgresError { try await connection.execute("SELECT * FROM missing") }
        #expect(error.sqlState == .undefinedTable)
      }
      try await connection.query("CREATE TABLE missing ()")
      #expect(try await connection.execute("SELECT * FROM missing").isEmpty)
    }
  }
}
