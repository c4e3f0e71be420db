import Glibc
import TestSupport
import Testing

@testable import Cluster

/// Who runs the server. Most of it can be seen only when root runs the tests.
@Suite(.commonTimeLimit) struct UserTests {
  private static let nobody = ServerUser(name: "nobody")
  private static let canSwitch = isRoot && nobody != nil

  @Test func theServerNeverRunsAsRoot() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let layout = try await cluster.up().layout
      #expect(layout.user.userID != 0)
      let process = try #require(try await cluster.inspect().processID)
      #expect(FileSystem.status("/proc/\(process)")?.owner == layout.user.userID)
    }
  }

  @Test(.enabled(if: isRoot, "needs root"))
  func aHomeThatTheServersUserCannotEnterKeepsItsDataElsewhere() async throws {
    try await withHome { home in
      let hidden = "\(home.folder)/hidden"
      try FileSystem.makeDirectory(hidden, mode: 0o700)
      let cluster = home.cluster("\(hidden)/my project/.bourse")
      let notices = Notices()
      let started = try await cluster.up { notices.add($0) }
      let folder = started.layout.serverFolder
      #expect(folder.hasPrefix("/var/lib/bourse/my_project-") && notices.text.contains(folder))
      #expect(try await psql(started.connection, "CREATE TABLE t AS SELECT 42 AS x; SELECT x FROM t") == "42")
      _ = try await cluster.down()
      #expect(try await psql(try await cluster.up().connection, "SELECT x FROM t") == "42")
      _ = try await cluster.delete()
      #expect(!FileSystem.exists(folder) && !FileSystem.exists("\(hidden)/my project/.bourse"))
    }
  }

  @Test(.enabled(if: canSwitch, "needs root and a user nobody"))
  func anOrdinaryUserHasTheirOwnCluster() async throws {
    try await withHome { home in
      let nobody = try #require(Self.nobody)
      let program = try copyProgram(to: home)
      try FileSystem.changeOwner(home.folder, to: nobody)
      func bourse(_ arguments: String..., as user: ServerUser? = nobody) async throws -> Command.Result {
        try await Command.run(program, arguments + ["--home", home.path], as: user)
      }
      let up = try await bourse("up")
      #expect(up.succeeded, "\(up.output)")
      #expect(FileSystem.status(home.path)?.owner == nobody.userID)
      #expect(FileSystem.status("\(home.path)/data")?.owner == nobody.userID)
      #expect(FileSystem.status(home.path)?.permissions == 0o700)
      // Root works on the same cluster as its owner; the server keeps its user.
      let inspection = try await home.cluster().inspect()
      #expect(inspection.server == .running && inspection.layout.user == nobody)
      _ = try await home.cluster().down()
      #expect(try await home.cluster().up().layout.user == nobody)
      #expect(try await bourse("up").output.contains("already running"))
      let down = try await bourse("down")
      #expect(down.succeeded, "\(down.output)")
    }
  }

  @Test(.enabled(if: canSwitch, "needs root and a user nobody"))
  func theClusterOfAnotherUserIsRefusedInOneLine() async throws {
    try await withHome { home in
      let program = try copyProgram(to: home)
      let layout = try await home.cluster().up().layout
      try #require(layout.user != Self.nobody)
      for command in ["up", "down", "env"] {
        let result = try await Command.run(program, [command, "--home", home.path], as: Self.nobody)
        #expect(!result.succeeded && result.lines.count == 1, "\(command): \(result.output)")
        #expect(result.output.contains("belongs to user"), "\(command): \(result.output)")
      }
    }
  }

  @Test(.enabled(if: canSwitch, "needs root and a user nobody"))
  func aHomeThatCannotBeWrittenIsRefusedInOneLine() async throws {
    try await withHome { home in
      let program = try copyProgram(to: home)
      let result = try await Command.run(program, ["up", "--home", "\(home.folder)/no/way"], as: Self.nobody)
      #expect(!result.succeeded && result.lines.count == 1 && result.output.contains("--home"), "\(result.output)")
    }
  }

  @Test(.enabled(if: canSwitch, "needs root and a user nobody"))
  func aServerLinkThatRootDidNotMakeIsNotFollowed() async throws {
    try await withHome { home in
      try FileSystem.makeDirectory(home.path, mode: 0o755)
      symlink("/etc", "\(home.path)/server")
      #expect(ClusterLayout.serverFolder(of: home.path) == "/etc")
      try FileSystem.changeOwner("\(home.path)/server", to: try #require(Self.nobody))
      #expect(ClusterLayout.serverFolder(of: home.path) == home.path)
    }
  }

  /// Puts the program with its settings where every user can run it.
  private func copyProgram(to home: TestHome) throws -> String {
    let share = "\(home.folder)/share/bourse/deploy"
    try FileSystem.makeDirectories(share, mode: 0o755)
    try FileSystem.makeDirectories("\(home.folder)/bin", mode: 0o755)
    try FileSystem.replaceFile(
      "postgresql.conf", in: share, with: try FileSystem.readText(TestHome.settings), mode: 0o644)
    let built = try #require(FileSystem.linkTarget("/proc/self/exe"))
    let program = "\(home.folder)/bin/bourse"
    // Both lie in the folder of built products; a hard link would keep it unreachable on another file system.
    let copied = try FileSystem.copyForTest("\(FileSystem.parent(of: built))/bourse", to: program)
    try #require(copied)
    return program
  }
}

extension FileSystem {
  fileprivate static func copyForTest(_ source: String, to target: String) throws -> Bool {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
    defer {
      close(input)
      close(output)
    }
    guard input >= 0, output >= 0, let size = size(source) else { return false }
    var left = size
    while left > 0 {
      let count = sendfile(output, input, nil, left)
      if count <= 0 { return false }
      left -= count
    }
    return fchmod(output, 0o755) == 0
  }
}
