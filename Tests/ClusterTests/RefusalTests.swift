import Glibc
import TestSupport
import Testing

@testable import Cluster

@Suite(.commonTimeLimit) struct RefusalTests {
  @Test func withoutServerProgramsThePackageIsNamed() async throws {
    try await withHome { home in
      let environment = ["BOURSE_PG_BINDIR": home.folder]
      let error = try await refusal(.noServerBinaries) { try await home.cluster(environment: environment).up() }
      #expect(error.description.contains("BOURSE_PG_BINDIR"))
    }
  }

  @Test func aServerThatIsTooOldIsRefused() async throws {
    try await withHome { home in
      try fakeServer(home, version: "14.9")
      let environment = ["BOURSE_PG_BINDIR": "\(home.folder)/bin"]
      let error = try await refusal(.noServerBinaries) { try await home.cluster(environment: environment).up() }
      #expect(
        error.description.contains("only PostgreSQL 14") && error.description.contains("apt-get install postgresql"))
    }
  }

  @Test func dataOfAnotherMajorVersionIsRefusedAndKept() async throws {
    try await withHome { home in
      let layout = try await home.cluster().up().layout
      _ = try await home.cluster().down()
      try FileSystem.replaceFile("PG_VERSION", in: layout.dataDirectory, with: "99\n", mode: 0o600, owner: layout.user)
      let error = try await refusal(.otherMajorVersion) { try await home.cluster().up() }
      #expect(error.message.contains("PostgreSQL 99") && error.hint.contains("postgresql-99"))
      #expect(FileSystem.exists("\(layout.dataDirectory)/base"))
      try FileSystem.replaceFile("PG_VERSION", in: layout.dataDirectory, with: "13\n", mode: 0o600, owner: layout.user)
      let tooOld = try await refusal(.otherMajorVersion) { try await home.cluster().up() }
      #expect(tooOld.hint.contains("pg_upgrade"))
    }
  }

  /// Programs that only know how to say their version.
  private func fakeServer(_ home: TestHome, version: String) throws {
    try FileSystem.makeDirectory("\(home.folder)/bin", mode: 0o755)
    for name in ["initdb", "pg_ctl", "postgres"] {
      try FileSystem.replaceFile(
        name, in: "\(home.folder)/bin", with: "#!/bin/sh\necho 'postgres (PostgreSQL) \(version)'\n", mode: 0o755)
    }
  }

  @Test func aFolderThatIsNoDataFolderIsRefusedAndKept() async throws {
    try await withHome { home in
      try FileSystem.makeDirectories("\(home.path)/data/precious", mode: 0o755)
      _ = try await refusal(.notADataFolder) { try await home.cluster().up() }
      #expect(FileSystem.exists("\(home.path)/data/precious"))
    }
  }

  @Test func anEmptyDataFolderIsUsed() async throws {
    try await withHome { home in
      try FileSystem.makeDirectories("\(home.path)/data", mode: 0o755)
      #expect(try await home.cluster().up().how == .created)
    }
  }

  @Test func aFullDiskIsNoticedBeforeAnythingIsWritten() async throws {
    try await withHome { home in
      let full = home.cluster { _ in 5 << 20 }
      let error = try await refusal(.diskFull) { try await full.up() }
      #expect(error.message.contains("only 5 MB"))
      #expect(FileSystem.list(home.path).isEmpty)
      _ = try await home.cluster().up()
      _ = try await home.cluster().down()
      _ = try await refusal(.diskFull) { try await full.up() }
      #expect(try await home.cluster().up().how == .started)
    }
  }

  @Test func aHomeThatIsAFileIsRefused() async throws {
    try await withHome { home in
      try FileSystem.replaceFile("home", in: home.folder, with: "", mode: 0o644)
      _ = try await refusal(.badHome) { try await home.cluster().up() }
    }
  }

  @Test func aHomeWithALineBreakIsRefused() async throws {
    try await withHome("two\nlines") { home in
      _ = try await refusal(.badHome) { try await home.cluster().up() }
    }
  }

  @Test func missingSettingsAreNamed() async throws {
    try await withHome { home in
      let cluster = Cluster(home: home.path, settingsFile: "\(home.folder)/none.conf", environment: [:])
      let error = try await refusal(.noSettings) { try await cluster.up() }
      #expect(error.description.contains("BOURSE_SHARE"))
    }
  }

  @Test func inspectingNothingSaysHowToStart() async throws {
    try await withHome { home in
      let error = try await refusal(.noCluster) { try await home.cluster().inspect() }
      #expect(error.hint.contains("bourse up"))
    }
  }
}
