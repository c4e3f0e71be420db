import Glibc
import TestSupport
import Testing

@testable import Cluster

@Suite(.commonTimeLimit) struct PathTests {
  @Test(arguments: [
    "with space", "quo'te and \"double\"", "größe 🐘", "$HOME `id` \\back", "comma, here", "-dash", "per%cent #hash",
  ])
  func awkwardPathsWork(name: String) async throws {
    try await withHome(name) { home in
      let cluster = home.cluster()
      let started = try await cluster.up()
      #expect(try await psql(started.connection, "SHOW data_directory") == "\(home.path)/data")
      // What a shell makes of the exports is what was meant.
      let shell = try await Command.run(
        "/bin/sh", ["-c", #"eval "$1"; psql -XAtqc 'SELECT 1'"#, "sh", started.connection.shellExports])
      #expect(shell.output == "1\n")
      _ = try await cluster.down()
      #expect(try await cluster.up().how == .started)
    }
  }

  @Test func aPathTooLongForASocketUsesAPrivateFolderUnderTmp() async throws {
    try await withHome(String(repeating: "long", count: 30)) { home in
      let notices = Notices()
      let started = try await home.cluster().up { notices.add($0) }
      let directory = started.connection.socketDirectory
      #expect(directory.hasPrefix("/tmp/bourse-\(started.layout.user.userID)-") && notices.text.contains(directory))
      #expect(FileSystem.status(directory)?.permissions == 0o700)
      #expect(try await psql(started.connection, "SELECT 1") == "1")
      _ = try await home.cluster().delete()
      #expect(!FileSystem.exists(directory))
    }
  }

  @Test func theLongestPathThatFitsIsUsedAsItIs() async throws {
    let user = ServerUser.current
    // 107 bytes hold "<folder>/run/.s.PGSQL.5432".
    let fitting = "/" + String(repeating: "x", count: 107 - "/run/.s.PGSQL.5432".utf8.count - 1)
    #expect(!ClusterLayout(home: fitting, serverFolder: fitting, user: user).usesFallbackSocketDirectory)
    #expect(ClusterLayout(home: fitting, serverFolder: fitting + "x", user: user).usesFallbackSocketDirectory)
  }

  @Test func aSocketFolderThatSomebodyElseMadeIsRefused() async throws {
    try await withHome(String(repeating: "long", count: 30)) { home in
      let layout = try await home.cluster().up().layout
      _ = try await home.cluster().down()
      try FileSystem.removeTree(layout.socketDirectory)
      try FileSystem.makeDirectory(layout.socketDirectory, mode: 0o777)
      _ = try await refusal(.unsafeDirectory) { try await home.cluster().up() }
      try FileSystem.removeTree(layout.socketDirectory)
      symlink(home.folder, layout.socketDirectory)
      _ = try await refusal(.unsafeDirectory) { try await home.cluster().up() }
      unlink(layout.socketDirectory)
    }
  }

  @Test(arguments: [
    ("/a/b", "/x", "/a/b"), ("b", "/a", "/a/b"), ("../b", "/no/such", "/no/b"), ("/no/./such//x/", "/", "/no/such/x"),
    ("/../..", "/", "/"),
  ])
  func pathsAreMadeAbsolute(path: String, from: String, expected: String) {
    #expect(FileSystem.canonical(path, from: from) == expected)
  }

  @Test func connectionStringsAreQuotedForLibpq() {
    let connection = ClusterConnection(socketDirectory: #"/a b/it's\here"#, port: 5432)
    #expect(
      connection.connectionString == #"host='/a b/it\'s\\here' port=5432 dbname='bourse' user=bourse"#)
  }
}
