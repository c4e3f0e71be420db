import Testing

@testable import Migrator

@Suite struct ShareDirectoryTests {
  private let file = "procedures/manifest.sql"

  @Test func theChosenFolderIsUsedAndNoOther() throws {
    let tree = try TestTree()
    let other = try TestTree()
    let environment = ["BOURSE_SHARE": tree.root]
    #expect(try ShareDirectory.locate(containing: file, explicit: nil, environment: environment) == tree.root)
    #expect(try ShareDirectory.locate(containing: file, explicit: other.root, environment: environment) == other.root)
    let error = try #require(
      #expect(throws: ShareDirectory.NotFound.self) {
        try ShareDirectory.locate(containing: file, explicit: "/nowhere", environment: environment)
      })
    #expect(error.description.contains("/nowhere") && error.description.contains("BOURSE_SHARE"))
  }

  @Test func filesBesideAnInstalledProgramComeBeforeThoseAbove() throws {
    let tree = try TestTree()
    let program = "\(tree.root)/bin/bourse"
    func locate() throws -> String {
      try ShareDirectory.locate(
        containing: file, explicit: nil, environment: [:], program: program, source: "/no/no/no")
    }
    #expect(try locate() == tree.root)
    try tree.write("share/bourse/\(file)", "")
    #expect(try locate() == "\(tree.root)/share/bourse")
  }

  @Test func theCheckoutOfTheSourcesIsTheLastResort() throws {
    let tree = try TestTree()
    let source = "\(tree.root)/Sources/Migrator/ShareDirectory.swift"
    #expect(
      try ShareDirectory.locate(
        containing: file, explicit: nil, environment: [:], program: "/usr/bin/bourse", source: source) == tree.root)
    #expect(throws: ShareDirectory.NotFound.self) {
      try ShareDirectory.locate(
        containing: file, explicit: nil, environment: [:], program: "/usr/bin/bourse", source: "/a/b/c.swift")
    }
  }
}
