import LibPQ
import TestSupport
import Testing

@testable import Migrator

@Suite(.needsServer, .commonTimeLimit)
struct CodeInstallerTests {
  private static let files = [
    "sql/migrations/0001_create_a.sql": """
    CREATE SCHEMA app; CREATE TABLE app.a (x int);
    CREATE FUNCTION app.kept() RETURNS int LANGUAGE sql IMMUTABLE RETURN 1;
    """
  ]
  private static func function(_ name: String, returns type: String = "int", _ body: String = "1") -> String {
    "CREATE OR REPLACE FUNCTION app.\(name) RETURNS \(type) LANGUAGE sql RETURN \(body);"
  }

  private func routines(_ database: ConnectionOptions) async throws -> [String] {
    try await TestServer.column(
      "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'app'::regnamespace ORDER BY 1", on: database)
  }

  @Test func whatThisBundleNoLongerHasIsDropped() async throws {
    let tree = try TestTree(Self.files)
    try tree.procedures([
      "one.sql": Self.function("one()"), "two.sql": Self.function("two(x int, y text)"),
      "shown.sql": "CREATE OR REPLACE VIEW app.shown AS SELECT app.one() AS n;",
      "tg.sql": """
      CREATE OR REPLACE FUNCTION app.tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON app.a FOR EACH ROW EXECUTE FUNCTION app.tg();
      """,
      "do.sql": "CREATE OR REPLACE PROCEDURE app.act(x int) LANGUAGE sql AS 'SELECT 1';",
    ])
    try await TestServer.withDatabase { database in
      #expect(try await tree.migrate(database).dropped == [])
      try await TestServer.run("CREATE FUNCTION app.of_the_user() RETURNS int LANGUAGE sql RETURN 1", on: database)
      try tree.procedures(["two.sql": Self.function("two(x int, y text)")])
      #expect(
        try await tree.migrate(database).dropped == [
          "routine app.act(integer)", "routine app.one()", "routine app.tg()", "trigger guard ON app.a",
          "view app.shown",
        ])
      #expect(try await routines(database) == ["app.kept()", "app.of_the_user()", "app.two(integer,text)"])
      #expect(try await tree.migrate(database) == Migrator.Report())
    }
  }

  @Test func grantsDoNotMakeAFunctionPartOfTheBundle() async throws {
    let tree = try TestTree(Self.files)
    try tree.write("sql/grants.sql", "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO PUBLIC;")
    try tree.procedures(["one.sql": Self.function("one()")])
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try await TestServer.expect("SELECT identity FROM ops.installed_objects", gives: ["app.one()"], on: database)
    }
  }

  @Test func aFunctionThatCannotBeReplacedInPlaceIsMadeAnew() async throws {
    let tree = try TestTree(Self.files)
    try tree.procedures([
      "one.sql": Self.function("one(x int)"),
      "shown.sql": "CREATE OR REPLACE VIEW app.shown AS SELECT app.one(1) AS n, 2 AS m;",
    ])
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.procedures([
        "one.sql": Self.function("one(renamed int)", returns: "text", "'1'"),
        "shown.sql": "CREATE OR REPLACE VIEW app.shown AS SELECT app.one(1) AS n;",
      ])
      #expect(try await tree.migrate(database) == Migrator.Report(installedCode: true))
      try await TestServer.expect("SELECT pg_typeof(n) FROM app.shown", gives: ["text"], on: database)
    }
  }

  @Test func anOverloadThatWouldBeAmbiguousIsReplacedByTheNewOne() async throws {
    let tree = try TestTree(Self.files)
    try tree.procedures(["one.sql": Self.function("one(x int)"), "two.sql": Self.function("two()", "app.one(1)")])
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.procedures([
        "one.sql": Self.function("one(x int, y int DEFAULT 2)"), "two.sql": Self.function("two()", "app.one(1)"),
      ])
      #expect(try await tree.migrate(database).dropped == ["routine app.one(integer)"])
      #expect(try await routines(database) == ["app.kept()", "app.one(integer,integer)", "app.two()"])
    }
  }

  @Test func viewsOfOthersSurviveWhatCanBeReplacedAndBlockWhatIsDropped() async throws {
    let tree = try TestTree(Self.files)
    try tree.procedures(["one.sql": Self.function("one()")])
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try await TestServer.run("CREATE VIEW public.theirs AS SELECT app.one() AS n", on: database)
      try tree.procedures(["one.sql": Self.function("one()", "42")])
      try await tree.migrate(database)
      try await TestServer.expect("SELECT n FROM public.theirs", gives: ["42"], on: database)
      try tree.procedures([:])
      let error = try await tree.failure(database)
      #expect(error.code == .inUse && error.message.contains("theirs"))
      try await TestServer.expect("SELECT n FROM public.theirs", gives: ["42"], on: database)
    }
  }

  @Test func aFailingFileLeavesTheEarlierBundleInPlace() async throws {
    let tree = try TestTree(Self.files)
    try tree.procedures(["one.sql": Self.function("one()")])
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.procedures(["one.sql": Self.function("one()", "2"), "two.sql": "\n\nCREATE FUNCTION app.two() RETURN;"])
      let error = try await tree.failure(database)
      #expect(error.sqlState == "42601" && error.message.contains("procedures/two.sql:3"))
      try await TestServer.expect("SELECT app.one()", gives: ["1"], on: database)
    }
  }

  @Test func theBundleIsInstalledAgainOnANewSchema() async throws {
    let tree = try TestTree(Self.files)
    let trigger = """
      CREATE OR REPLACE FUNCTION app.tg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE OR REPLACE TRIGGER guard BEFORE INSERT ON app.a FOR EACH ROW EXECUTE FUNCTION app.tg();
      """
    try tree.procedures(["tg.sql": trigger])
    try await TestServer.withDatabase { database in
      try await tree.migrate(database)
      try tree.write("sql/migrations/0002_recreate_a.sql", "DROP TABLE app.a; CREATE TABLE app.a (x int, y int);")
      #expect(try await tree.migrate(database).installedCode)
      try await TestServer.expect(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'app.a'::regclass", gives: ["guard"], on: database)
    }
  }
}
