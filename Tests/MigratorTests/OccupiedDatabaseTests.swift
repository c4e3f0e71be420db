import LibPQ
import TestSupport
import Testing

@testable import Migrator

/// Databases in which somebody else has been, or which come from elsewhere.
@Suite(.needsServer, .commonTimeLimit)
struct OccupiedDatabaseTests {
  private static let files = [
    "sql/migrations/0001_create_a.sql": "CREATE SCHEMA app;\nCREATE TABLE app.a (x int);",
    "sql/migrations/0002_create_b.sql": "CREATE SCHEMA other;\nCREATE TABLE other.b (x int);",
    "sql/grants.sql": "GRANT USAGE ON SCHEMA app TO PUBLIC;",
  ]

  @Test(arguments: [
    ("CREATE SCHEMA app", "app (owner bourse, empty)"),
    ("CREATE SCHEMA other; CREATE TABLE other.b (y int); CREATE TYPE other.kind AS ENUM ('x')", "holds b, kind"),
    (
      "CREATE SCHEMA other; CREATE TABLE other.a (); CREATE TABLE other.c (); CREATE TABLE other.d (); CREATE VIEW other.e AS SELECT 1",
      "a, c, d and 1 more"
    ),
    ("CREATE SCHEMA ops; CREATE FUNCTION ops.f() RETURNS int RETURN 1", "holds f()"),
    ("CREATE SCHEMA ops; CREATE TABLE ops.migrations (id int, name text)", "ops (owner"),
    ("CREATE SCHEMA app; CREATE SCHEMA other", "schemas of somebody else"),
  ])
  func schemasOfSomebodyElseAreRefusedBeforeAnythingIsWritten(theirs: String, words: String) async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await TestServer.run(theirs, on: database)
      let everything = """
        SELECT string_agg(n.nspname || '.' || c.relname, ' ' ORDER BY 1) || ' ' || (SELECT string_agg(nspname, ' ' ORDER BY 1) FROM pg_namespace)
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        """
      let before = try await TestServer.column(everything, on: database)
      let error = try await tree.failure(database)
      #expect(error.code == .foreignSchema && error.isRefusal && error.message.contains(words), "\(error)")
      #expect(error.hint.contains("CREATE DATABASE"))
      #expect(try await TestServer.column(everything, on: database) == before)
      await #expect(throws: MigrationError.self) {
        try await Migrator(tree: try tree.load(), database: database).status()
      }
    }
  }

  @Test func aSchemaThatALaterMigrationNeedsIsRefusedToo() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try await TestServer.run("CREATE SCHEMA third", on: database)
      try tree.write("sql/migrations/0003_create_c.sql", "CREATE TABLE app.c (x int);")
      try tree.write("sql/migrations/0004_create_third.sql", "CREATE SCHEMA third;")
      #expect(try await tree.failure(database).code == .foreignSchema)
      try await TestServer.expect("SELECT to_regclass('app.c') IS NULL", gives: ["t"], on: database)
    }
  }

  /// A dump writes the record of the code anew, and leaves out what belongs to the server.
  @Test func whatCameFromADumpGetsItsGrantsAgain() async throws {
    let tree = try TestTree(Self.files)
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try await TestServer.run(
        "REVOKE USAGE ON SCHEMA app FROM PUBLIC; UPDATE ops.installed_code SET checksum = checksum", on: database)
      let migrator = Migrator(tree: try tree.load(), database: database)
      let plan = try await migrator.status()
      #expect(plan.code == .restored && !plan.isUpToDate)
      #expect(try await tree.migrate(database) == Migrator.Report(installedCode: true))
      try await TestServer.expect(
        "SELECT nspacl::text LIKE '%=U/%' FROM pg_namespace WHERE nspname = 'app'", gives: ["t"], on: database)
      #expect(try await migrator.status().isUpToDate)
      #expect(try await tree.migrate(database) == Migrator.Report())
    }
  }
}
