import LibPQ
import TestSupport
import Testing

@testable import Migrator

@Suite struct LockLimitTests {
  /// 86 backends are those of the private cluster; 64 is PostgreSQL's default.
  @Test(arguments: [(0, 64), (200, 64), (300, 128), (2_000, 448), (2_300, 512), (3_650, 832)])
  func manyDaysNeedRoomForTheirLocks(days: Int, limit: Int) {
    #expect(Migrator.lockLimit(days: days, backends: 86) == limit)
  }
}

@Suite(.needsServer, .commonTimeLimit)
struct MigrationTests {
  private static let files = [
    "sql/migrations/0001_create_a.sql": "CREATE SCHEMA app; CREATE TABLE app.a (x int);",
    "sql/migrations/0002_create_b.sql": "CREATE TABLE app.b (x int);",
    "sql/reference/0001_a.sql": "INSERT INTO app.a SELECT 1 WHERE NOT EXISTS (SELECT FROM app.a);",
    "sql/grants.sql": "GRANT USAGE ON SCHEMA app TO PUBLIC;",
  ]

  @Test func aFreshDatabaseGetsAllOfIt() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      let report = try await tree.migrate(database)
      #expect(report.applied == ["0001_create_a.sql", "0002_create_b.sql"])
      #expect(report.installedCode)
      try await TestServer.expect("SELECT x FROM app.a", gives: ["1"], on: database)
      #expect(try await TestServer.column("SELECT name FROM ops.migrations ORDER BY 1", on: database) == report.applied)
    }
  }

  @Test func asecondRunDoesNothing() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      #expect(try await tree.migrate(database) == Migrator.Report())
      #expect(try await tree.migrate(database, force: true) == Migrator.Report(installedCode: true))
    }
  }

  @Test func statusAndPlanChangeNothing() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      let migrator = Migrator(tree: try tree.load(), database: database)
      let before = try await migrator.status()
      #expect(before.pending.map(\.number) == [1, 2] && before.applied.isEmpty && before.code == .missing)
      #expect(
        before.filesToRun(of: try tree.load()) == [
          "sql/bootstrap.sql", "sql/migrations/0001_create_a.sql", "sql/migrations/0002_create_b.sql",
          "sql/reference/0001_a.sql", "sql/grants.sql",
        ])
      try await TestServer.expect("SELECT to_regnamespace('ops') IS NULL", gives: ["t"], on: database)
      try await tree.migrate(database)
      #expect(try await migrator.status().isUpToDate)
      try tree.write("sql/migrations/0003_create_c.sql", "SELECT 1;")
      let after = try await Migrator(tree: try tree.load(), database: database).status()
      #expect(after.pending.map(\.name) == ["0003_create_c.sql"] && after.code == .outdated)
    }
  }

  @Test func anEditedMigrationIsRefusedWithBothChecksums() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.write("sql/migrations/0001_create_a.sql", "CREATE SCHEMA app; -- edited")
      try tree.write("sql/migrations/0003_create_c.sql", "CREATE TABLE app.c (x int);")
      let error = try await tree.failure(database)
      #expect(error.code == .edited && error.isRefusal)
      let recorded = try await TestServer.column("SELECT checksum FROM ops.migrations WHERE number = 1", on: database)[
        0]
      #expect(error.message.contains("0001_create_a.sql") && error.message.contains(recorded))
      try await TestServer.expect("SELECT to_regclass('app.c') IS NULL", gives: ["t"], on: database)
    }
  }

  @Test func renamedMigrationIsRefused() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.remove("sql/migrations/0002_create_b.sql")
      try tree.write("sql/migrations/0002_create_other.sql", Self.files["sql/migrations/0002_create_b.sql"]!)
      let error = try await tree.failure(database)
      #expect(error.code == .renamed)
    }
  }

  @Test func aSchemaNewerThanTheFolderIsRefused() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.remove("sql/migrations/0002_create_b.sql")
      let error = try await tree.failure(database)
      #expect(error.code == .newerSchema && error.message.contains("0002_create_b.sql"))
    }
  }

  @Test func aRecordMissingInBetweenIsRefused() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try await TestServer.run("DELETE FROM ops.migrations WHERE number = 1", on: database)
      let error = try await tree.failure(database)
      #expect(error.code == .missing)
    }
  }

  @Test func aFailingMigrationLeavesNothingAndNamesItsLine() async throws {
    var files = Self.files
    files["sql/migrations/0002_create_b.sql"] =
      "CREATE TABLE app.b (x int);\n-- größe\nCREATE TABLE app.wrong (x nosuchtype);"
    let tree = try TestTree(files)
    try await TestServer.withDatabase { database in
      let error = try await tree.failure(database)
      #expect(error.code == .statementFailed && error.sqlState == "42704" && !error.isRefusal)
      #expect(error.message.contains("sql/migrations/0002_create_b.sql:3: "))
      try await TestServer.expect("SELECT to_regclass('app.b') IS NULL", gives: ["t"], on: database)
      try await TestServer.expect("SELECT number FROM ops.migrations", gives: ["1"], on: database)
      try tree.write("sql/migrations/0002_create_b.sql", Self.files["sql/migrations/0002_create_b.sql"]!)
      #expect(try await tree.migrate(database).applied == ["0002_create_b.sql"])
    }
  }

  @Test func aMigrationCutOffByItsConnectionLeavesNothing() async throws {
    var files = Self.files
    files["sql/migrations/0002_create_b.sql"] =
      "CREATE TABLE app.b (x int); SELECT pg_terminate_backend(pg_backend_pid());"
    let tree = try TestTree(files)
    try await TestServer.withDatabase { database in
      await #expect(throws: (any Error).self) { try await tree.migrate(database) }
      try await TestServer.expect("SELECT number FROM ops.migrations", gives: ["1"], on: database)
      try await TestServer.expect("SELECT to_regclass('app.b') IS NULL", gives: ["t"], on: database)
    }
  }

  @Test func aMigrationThatCommitsByItselfIsReported() async throws {
    let tree = try TestTree([
      "sql/migrations/0001_a.sql": "CREATE SCHEMA app; COMMIT; BEGIN; CREATE TABLE app.a (x int);"
    ])
    try await TestServer.withDatabase { database in
      let error = try await tree.failure(database)
      #expect(error.code == .leftTransaction)
      try await TestServer.expect("SELECT to_regclass('app.a') IS NULL", gives: ["t"], on: database)
    }
  }

  @Test func unqualifiedNamesAreRefused() async throws {
    let tree = try TestTree(["sql/migrations/0001_a.sql": "CREATE TABLE a (x int);"])
    try await TestServer.withDatabase { database in
      let error = try await tree.failure(database)
      #expect(error.sqlState == "3F000")
    }
  }

  @Test func installersAtTheSameTimeShareTheWork() async throws {
    var files = Self.files
    files["sql/migrations/0001_create_a.sql"]! += "SELECT pg_sleep(0.3);"
    let tree = try TestTree(files)
    try await TestServer.withDatabase { database in
      let loaded = try tree.load()
      let reports = try await withThrowingTaskGroup(of: Migrator.Report.self) { group in
        for _ in 0..<4 { group.addTask { try await Migrator(tree: loaded, database: database).migrate() } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(reports.flatMap(\.applied).sorted() == ["0001_create_a.sql", "0002_create_b.sql"])
      #expect(reports.filter(\.installedCode).count == 1)
    }
  }

  @Test func installersOfDifferentDatabasesMakeTheSameRoles() async throws {
    let role = "migrator_role_\(UInt32.random(in: 0 ... .max))"
    let tree = try TestTree([
      "sql/roles.sql": """
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role)') THEN PERFORM pg_sleep(0.1); CREATE ROLE \(role); END IF;
      END $$;
      GRANT pg_read_all_settings TO \(role);
      """
    ])
    let loaded = try tree.load()
    try await withThrowingTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          try await TestServer.withDatabase { try await _ = Migrator(tree: loaded, database: $0).migrate() }
        }
      }
      try await group.waitForAll()
    }
    let maintenance = try TestServer.options()
    try await TestServer.expect(
      "SELECT count(*) FROM pg_roles WHERE rolname = '\(role)'", gives: ["1"], on: maintenance)
    try await TestServer.run("DROP ROLE \(role)", on: maintenance)
  }

  @Test func aRoleThatMayNotCreateRolesIsToldWhatToDo() async throws {
    let login = "migrator_login_\(UInt32.random(in: 0 ... .max))"
    let tree = try TestTree(["sql/roles.sql": "CREATE ROLE migrator_never_made;"])
    let maintenance = try TestServer.options()
    try await TestServer.run("CREATE ROLE \(login) LOGIN", on: maintenance)
    try await TestServer.withDatabase { database in
      try await TestServer.run("GRANT CREATE ON DATABASE \(database.keywords["dbname"]!) TO \(login)", on: maintenance)
      var asLogin = database
      asLogin.keywords["user"] = login
      let error = try await tree.failure(asLogin)
      #expect(error.code == .notPermitted && error.hint.contains("CREATEROLE"))
    }
    try await TestServer.run("DROP ROLE \(login)", on: maintenance)
  }

  @Test func aDatabaseInAnotherEncodingIsRefused() async throws {
    let tree = try TestTree()
    try await TestServer.withDatabase(encoding: "LATIN1") { database in
      let error = try await tree.failure(database)
      #expect(error.code == .unsuitableServer)
    }
  }
}

@Suite(.needsServer, .commonTimeLimit)
struct CheckoutTests {
  @Test func theEngineInstallsWithoutASuperuser() async throws {
    let login = "migrator_login_\(UInt32.random(in: 0 ... .max))"
    let maintenance = try TestServer.options()
    // As deploy/README.md has it.
    try await TestServer.run("CREATE ROLE \(login) LOGIN CREATEROLE", on: maintenance)
    let tree = try SQLTree(root: checkout)
    try await TestServer.withDatabase { database in
      let name = try #require(database.keywords["dbname"])
      try await TestServer.run("ALTER DATABASE \(name) OWNER TO \(login)", on: maintenance)
      var asLogin = database
      asLogin.keywords["user"] = login
      let migrator = Migrator(tree: tree, database: asLogin)
      let report = try await migrator.migrate()
      #expect(report.applied == tree.migrations.map(\.name) && report.installedCode)
      #expect(try await migrator.status().isUpToDate)
    }
    try await TestServer.run("DROP OWNED BY \(login); DROP ROLE \(login)", on: maintenance)
  }
}

@Suite(.needsServer, .commonTimeLimit)
struct ServerFactsTests {
  @Test func anOrdinaryRoleMayAskWhatTheServerOffers() async throws {
    let login = "migrator_login_\(UInt32.random(in: 0 ... .max))"
    let maintenance = try TestServer.options()
    try await TestServer.run("CREATE ROLE \(login) LOGIN", on: maintenance)
    try await TestServer.withDatabase { database in
      var asLogin = database
      asLogin.keywords["user"] = login
      let facts = try await ServerFacts(of: asLogin)
      #expect(facts.role == login && !facts.isSuperuser && facts.encoding == "UTF8" && !facts.isStandby)
      #expect(facts.durability["full_page_writes"] == "on")
      let unrestricted = try await ServerFacts(of: database)
      #expect(unrestricted.isSuperuser && unrestricted.extensions["plpgsql_check"]?.installed == nil)
    }
    try await TestServer.run("DROP ROLE \(login)", on: maintenance)
  }
}
