import Testing

@testable import Migrator

@Suite struct SQLTreeTests {
  private func refusal(_ files: [String: String], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let tree = try TestTree(files)
    let error = try #require(
      #expect(throws: MigrationError.self, sourceLocation: sourceLocation) { try tree.load() })
    #expect(error.code == .badTree, sourceLocation: sourceLocation)
    return error.description
  }

  @Test func filesAreReadInTheOrderOfNumbersNamesAndManifest() throws {
    let tree = try TestTree([
      "sql/migrations/0002_b.sql": "SELECT 2;", "sql/migrations/0001_a.sql": "SELECT 1;",
      "sql/migrations/README.md": "not SQL", "sql/reference/b.sql": "", "sql/reference/a.sql": "",
      "procedures/manifest.sql": "-- first\n\\ir z/one.sql\n\n  \\ir a/two.sql  \n", "procedures/z/one.sql": "",
      "procedures/a/two.sql": "", "sql/roles.sql": "", "sql/grants.sql": "",
    ]).load()
    #expect(tree.migrations.map(\.name) == ["0001_a.sql", "0002_b.sql"])
    #expect(tree.reference.map(\.path) == ["sql/reference/a.sql", "sql/reference/b.sql"])
    #expect(tree.procedures(for: .plain).map(\.path) == ["procedures/z/one.sql", "procedures/a/two.sql"])
    #expect(tree.roles != nil && tree.grants != nil)
  }

  @Test func filesForTimescaleTakeThePlaceOfTheirNamesakes() throws {
    let tree = try TestTree([
      "procedures/manifest.sql":
        "\\ir a/b/one.sql\n\\ir a/two.sql\n\\if :timescaledb\n\\ir a/timescaledb/b/one.sql\n\\endif\n",
      "procedures/a/b/one.sql": "", "procedures/a/two.sql": "", "procedures/a/timescaledb/b/one.sql": "",
    ]).load()
    #expect(tree.procedures(for: .plain).map(\.path) == ["procedures/a/b/one.sql", "procedures/a/two.sql"])
    #expect(
      tree.procedures(for: .timescaledb).map(\.path) == ["procedures/a/two.sql", "procedures/a/timescaledb/b/one.sql"])
  }

  @Test func turnedLineEndsMakeNoDifference() throws {
    let tree = try TestTree(["sql/migrations/0001_a.sql": "SELECT 1;\r\nSELECT 2;\r\n"]).load()
    #expect(tree.migrations[0].file.text == "SELECT 1;\nSELECT 2;\n")
  }

  @Test(arguments: [
    (["0002_a.sql"], "gap"), (["0001_a.sql", "0003_b.sql"], "gap"), (["0001_a.sql", "0001_b.sql"], "number 0001"),
    (["1_a.sql"], "named"), (["0000_a.sql"], "named"), (["0001_.sql"], "named"), (["abcd_x.sql"], "named"),
  ])
  func misnumberedMigrationsAreRefused(names: [String], word: String) throws {
    let files = Dictionary(uniqueKeysWithValues: names.map { ("sql/migrations/\($0)", "SELECT 1;") })
    #expect(try refusal(files).contains(word))
  }

  @Test(arguments: [
    ("SELECT 1;", "manifest.sql:2"), (#"\ir ../roles.sql"#, "leads out"), (#"\ir /etc/passwd"#, "leads out"),
    ("\\ir a.sql\n\\ir a.sql", "twice"), ("\\if :timescaledb\n\\ir a.sql", "endif"),
    ("\\endif\n\\ir a.sql", "manifest.sql:2"), (#"\ir missing.sql"#, "missing.sql"), ("-- nothing", "a.sql is not in"),
  ])
  func manifestThatIsNoPlainCompleteListIsRefused(line: String, word: String) throws {
    let text = try refusal(["procedures/manifest.sql": "-- order\n\(line)\n", "procedures/a.sql": "", "roles.sql": ""])
    #expect(text.contains(word))
  }

  @Test func aFileThatIsNotUTF8IsRefused() throws {
    let tree = try TestTree()
    try tree.write("procedures/manifest.sql", "\\ir a.sql\n")
    try tree.writeBytes("procedures/a.sql", [0x53, 0xff, 0xfe])
    #expect(throws: MigrationError.self) { try tree.load() }
  }

  @Test func linesAreCountedInCharactersAsTheServerDoes() {
    let file = SQLFile(path: "x", text: "-- größe 🐘\nSELECT\n  wrong")
    #expect(file.line(ofCharacter: 1) == 1)
    #expect(file.line(ofCharacter: 11) == 1)
    #expect(file.line(ofCharacter: 12) == 2)
    #expect(file.line(ofCharacter: 21) == 3)
  }
}
