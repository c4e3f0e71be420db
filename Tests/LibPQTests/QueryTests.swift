import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct QueryTests {
  @Test func aQueryReturnsItsRowsByIndexAndByName() async throws {
    try await withConnection { connection in
      let rows = try await connection.query("SELECT i, 'n' || i AS name FROM generate_series(1, 3) i")
      #expect(rows.count == 3)
      #expect(try rows.map { try $0[0].int } == [1, 2, 3])
      #expect(try rows.map { try $0["name"].string } == ["n1", "n2", "n3"])
      #expect(rows.columns.map(\.name) == ["i", "name"])
      #expect(rows.columns.map(\.type) == [.int4, .text])
      #expect(rows.commandTag == "SELECT 3")
    }
  }

  @Test func affectedRowsAndCommandTagTellWhatAStatementDid() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TEMP TABLE t (i int)")
      let inserted = try await connection.query("INSERT INTO t SELECT generate_series(1, 5)")
      #expect(inserted.affectedRows == 5)
      #expect(inserted.commandTag == "INSERT 0 5")
      #expect(try await connection.query("DELETE FROM t WHERE i > 3").affectedRows == 2)
      #expect(try await connection.query("TRUNCATE t").affectedRows == 0)
    }
  }

  @Test(arguments: ["", "  ", ";", "-- nothing", "/* nothing */"])
  func anEmptyQueryIsAnEmptyResult(_ sql: String) async throws {
    try await withConnection { connection in
      for rows in [try await connection.query(sql), try await connection.execute(sql)] {
        #expect(rows.isEmpty)
        #expect(rows.columns.isEmpty)
        #expect(rows.commandTag == "")
      }
      #expect(try await connection.script(sql).count == 1)
      await expectUsable(connection)
    }
  }

  @Test func aServerErrorCarriesAllItsFieldsAndLeavesTheConnectionUsable() async throws {
    try await withConnection { connection in
      try await connection.script("CREATE SCHEMA s; CREATE TABLE s.t (i int CONSTRAINT positive CHECK (i > 0))")
      let error = try await postgresError { try await connection.query("INSERT INTO s.t VALUES (-4711)") }
      #expect(error.code == .server)
      #expect(error.sqlState == .checkViolation)
      #expect(error.severity == "ERROR")
      #expect(error.schema == "s")
      #expect(error.table == "t")
      #expect(error.constraint == "positive")
      #expect(error.detail?.contains("-4711") == true)
      #expect(error.callSite?.file.hasSuffix("QueryTests.swift") == true)
      #expect(!error.isConnectionLoss)
      #expect(!error.description.contains("4711"))
      #expect(error.fullDescription.contains("4711"))
      await expectUsable(connection)
    }
  }

  @Test func descriptionsDoNotQuoteParameters() async throws {
    try await withConnection { connection in
      let error = try await postgresError {
        try await connection.query("SELECT $1::int", [.text("secret-value")])
      }
      #expect(error.sqlState == .invalidTextRepresentation)
      #expect(error.message.contains("secret-value"))
      #expect(!error.description.contains("secret-value"))
      #expect(!"\(String(reflecting: error))".contains("secret-value"))
    }
  }

  @Test func raisedErrorsCarryCodeDetailAndHint() async throws {
    try await withConnection { connection in
      let error = try await postgresError {
        try await connection.script(
          "DO $$ BEGIN RAISE 'no funds' USING ERRCODE = 'TR401', DETAIL = 'short by 3', HINT = 'sell'; END $$")
      }
      #expect(error.sqlState == "TR401")
      #expect(error.message == "no funds")
      #expect(error.detail == "short by 3")
      #expect(error.hint == "sell")
      switch error.sqlState {
      case .class("TR4"): break
      default: Issue.record("TR401 is of class TR4")
      }
    }
  }

  @Test func aScriptGivesOneResultPerStatement() async throws {
    try await withConnection { connection in
      let results = try await connection.script("SELECT 1; CREATE TEMP TABLE t (i int); SELECT 2, 3")
      #expect(results.map(\.commandTag) == ["SELECT 1", "CREATE TABLE", "SELECT 1"])
      #expect(try results[2].only()[1].int == 3)
    }
  }

  @Test func theFirstErrorOfAScriptUndoesAllOfIt() async throws {
    try await withConnection { connection in
      let error = try await postgresError {
        try await connection.script("CREATE TABLE a (); SELECT 1/0; CREATE TABLE b ()")
      }
      #expect(error.sqlState == .divisionByZero)
      #expect(try await connection.query("SELECT to_regclass('a') IS NULL").only()[0].bool)
      #expect(await connection.transactionStatus == .idle)
    }
  }

  @Test func anErrorAtTheImplicitCommitOfAScriptSurfaces() async throws {
    try await withConnection { connection in
      try await connection.script(
        "CREATE TABLE p (i int PRIMARY KEY); "
          + "CREATE TABLE c (i int REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
      let error = try await postgresError { try await connection.script("INSERT INTO c VALUES (1); SELECT 1") }
      #expect(error.sqlState == .foreignKeyViolation)
    }
  }

  @Test func copyInAQueryIsRefusedAndTheConnectionStaysUsable() async throws {
    try await withConnection { connection in
      try await connection.script("CREATE TEMP TABLE t (i int); INSERT INTO t VALUES (1)")
      for sql in ["COPY t FROM STDIN", "COPY t TO STDOUT"] {
        for run in 0..<4 {
          let error = try await postgresError {
            switch run {
            case 0: try await connection.query(sql)
            case 1: try await connection.script("SELECT 1; \(sql); SELECT 2")
            case 2: try await connection.execute(sql)
            default: try await connection.forEachRow(sql) { _ in .next }
            }
          }
          #expect(error.code == .unexpectedCopy)
          #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 1)
        }
      }
    }
  }

  @Test(arguments: ["plain", "with space", "quo\"te", "semi;colon", "'; DROP TABLE x; --", "Ünï", "a\nb", "$1", "\\"])
  func hostileIdentifiersAreTakenLiterally(_ name: String) async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE \(quotedIdentifier(name)) (\(quotedIdentifier(name)) int)")
      let found = try await connection.query("SELECT relname FROM pg_class WHERE relname = $1", [.text(name)])
      #expect(found.count == 1)
      let rows = try await connection.query("TABLE \(quotedIdentifier(name))")
      #expect(rows.columns.map(\.name) == [name])
      try await connection.listen(name)
      try await connection.notify(name, name)
      let notification = try await connection.waitForNotification(timeout: patience)
      #expect(notification?.channel == name)
      #expect(notification?.payload == name)
    }
  }

  @Test func aNulByteInTheStatementIsAnError() async throws {
    try await withConnection { connection in
      let error = try await postgresError { try await connection.query("SELECT 1\0; DROP TABLE x") }
      #expect(error.code == .invalidParameter)
    }
  }

  @Test func aCallOnAClosedConnectionSaysSo() async throws {
    try await withConnection { connection in
      await connection.close()
      #expect(await connection.isClosed)
      let error = try await postgresError { try await connection.query("SELECT 1") }
      #expect(error.code == .closed)
      #expect(error.isConnectionLoss)
      #expect(await connection.backendPID == 0)
    }
  }

  @Test func noticesReachTheirHandler() async throws {
    try await TestDatabase.with { database in
      let (notices, continuation) = AsyncStream.makeStream(of: Notice.self)
      let connection = try await database.connect { $0.onNotice = { continuation.yield($0) } }
      try await connection.script("DO $$ BEGIN RAISE NOTICE 'hello' USING HINT = 'wave'; END $$")
      await connection.close()
      continuation.finish()
      let seen = await notices.reduce(into: []) { $0.append($1) }
      #expect(seen.map(\.message) == ["hello"])
      #expect(seen.map(\.severity) == ["NOTICE"])
      #expect(seen.map(\.hint) == ["wave"])
    }
  }
}
