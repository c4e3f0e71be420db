import Glibc
import TestSupport
import Testing

@testable import Cluster

@Suite(.commonTimeLimit) struct LifecycleTests {
  @Test func aClusterIsCreatedUsedStoppedAndStartedAgain() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let created = try await cluster.up()
      #expect(created.how == .created)
      #expect(try await psql(created.connection, "SELECT current_database(), current_user") == "bourse|bourse")
      #expect(try await psql(created.connection, "CREATE TABLE t AS SELECT 42 AS x; SELECT x FROM t") == "42")
      #expect(try await cluster.down() == .stopped)
      #expect(try await cluster.inspect().server == .stopped)
      let started = try await cluster.up()
      #expect(started.how == .started)
      #expect(try await psql(started.connection, "SELECT x FROM t") == "42")
    }
  }

  @Test func repeatedCommandsDoNoHarm() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      #expect(try await cluster.down() == .noCluster)
      #expect(!FileSystem.exists(home.path))
      let first = try await cluster.up()
      let second = try await cluster.up()
      #expect(second.how == .alreadyRunning && second.connection == first.connection)
      _ = try await cluster.down()
      #expect(try await cluster.down() == .notRunning(afterCrash: false))
    }
  }

  @Test func commandsAtTheSameTimeMakeOneCluster() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let ways = try await withThrowingTaskGroup(of: Cluster.Started.How.self) { group in
        for _ in 0..<4 { group.addTask { try await cluster.up().how } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(ways.filter { $0 == .created }.count == 1)
      #expect(ways.filter { $0 == .alreadyRunning }.count == 3)
    }
  }

  @Test func aCommandThatHoldsTheLockTooLongIsNamed() async throws {
    try await withHome { home in
      try FileSystem.makeDirectory(home.path, mode: 0o755)
      let lock = try await FolderLock(home.path, patience: .seconds(1)) { _ in }
      var patience = Cluster.Patience()
      patience.lock = .milliseconds(100)
      _ = try await refusal(.busy) { try await home.cluster(patience: patience).up() }
      _ = consume lock
    }
  }

  @Test func theServerIsPrivateAndDurable() async throws {
    try await withHome { home in
      let started = try await home.cluster().up()
      func setting(_ name: String) async throws -> String { try await psql(started.connection, "SHOW \(name)") }
      #expect(try await setting("listen_addresses") == "")
      #expect(try await setting("fsync") == "on")
      #expect(try await setting("synchronous_commit") == "on")
      #expect(try await setting("data_checksums") == "on")
      #expect(try await setting("server_encoding") == "UTF8")
      #expect(try await setting("unix_socket_permissions") == "0700")
      for path in [started.layout.dataDirectory, started.connection.socketDirectory] {
        let status = try #require(FileSystem.status(path))
        #expect(status.permissions == 0o700 && status.owner == started.layout.user.userID)
      }
      #expect(
        try await psql(started.connection, "SELECT DISTINCT type, auth_method FROM pg_hba_file_rules ORDER BY 1")
          == "host|reject\nlocal|trust")
    }
  }

  @Test func settingsOfTheirOwnSurviveARestart() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      _ = try await psql(try await cluster.up().connection, "ALTER SYSTEM SET work_mem = '7MB'")
      _ = try await cluster.down()
      #expect(try await psql(try await cluster.up().connection, "SHOW work_mem") == "7MB")
    }
  }

  @Test func aDroppedDatabaseIsMadeAgain() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let started = try await cluster.up()
      let maintenance = ["PGDATABASE": "postgres", "PGHOST": started.connection.socketDirectory, "PGUSER": "bourse"]
      let dropped = try await Command.run("/usr/bin/env", ["dropdb", "bourse"], environment: maintenance)
      #expect(dropped.succeeded)
      #expect(try await psql(try await cluster.up().connection, "SELECT 1") == "1")
    }
  }

  @Test func deletingLeavesNothing() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let layout = try await cluster.up().layout
      #expect(try await cluster.delete() == .stopped)
      #expect(!FileSystem.exists(home.path) && !FileSystem.exists(layout.serverFolder))
    }
  }

  @Test func deletingKeepsWhatOthersPutIntoTheHome() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      _ = try await cluster.up()
      try FileSystem.replaceFile("bench.json", in: home.path, with: "{}", mode: 0o644)
      _ = try await cluster.delete()
      #expect(FileSystem.list(home.path) == ["bench.json"])
    }
  }
}
