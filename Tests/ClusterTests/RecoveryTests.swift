import Glibc
import TestSupport
import Testing

@testable import Cluster

@Suite(.commonTimeLimit) struct RecoveryTests {
  private func processID(_ cluster: Cluster) async throws -> Int32 {
    try #require(try await cluster.inspect().processID)
  }

  /// Replaces the first line of the pid file, which is the server's number.
  private func writePidFile(_ layout: ClusterLayout, processID: Int32, template: String) throws {
    let rest = template.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().joined(separator: "\n")
    try FileSystem.replaceFile(
      "postmaster.pid", in: layout.dataDirectory, with: "\(processID)\n\(rest)", mode: 0o600, owner: layout.user)
  }

  @Test func aKilledServerRecoversWhatWasCommitted() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let started = try await cluster.up()
      _ = try await psql(started.connection, "CREATE TABLE t AS SELECT 42 AS x")
      kill(try await processID(cluster), SIGKILL)
      try await eventually {
        if case .running = ServerProcess.state(dataDirectory: started.layout.dataDirectory) { false } else { true }
      }
      #expect(try await cluster.inspect().server == .crashed)
      #expect(try await cluster.down() == .notRunning(afterCrash: true))
      let notices = Notices()
      let again = try await cluster.up { notices.add($0) }
      #expect(again.how == .started && notices.text.contains("recovering"))
      #expect(try await psql(again.connection, "SELECT x FROM t") == "42")
    }
  }

  @Test func aStalePidFileThatNamesAnotherProcessIsSeenThrough() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let layout = try await cluster.up().layout
      let pidFile = try FileSystem.readText("\(layout.dataDirectory)/postmaster.pid")
      _ = try await cluster.down()
      // A process of the server's own user: PostgreSQL by itself would take it for a running server and refuse.
      let other = Task {
        try await Command.run(
          "/bin/sh", ["-c", "echo $$ > \(layout.logDirectory)/other; exec sleep 600"], as: layout.user)
      }
      var number: Int32?
      try await eventually {
        number = (try? FileSystem.readText("\(layout.logDirectory)/other")).flatMap { Int32($0.dropLast()) }
        return number != nil
      }
      try writePidFile(layout, processID: number!, template: pidFile)
      #expect(try await cluster.inspect().server == .crashed)
      _ = try await cluster.down()
      #expect(kill(number!, 0) == 0, "down signalled a process that is not the server")
      #expect(try await cluster.up().how == .started)
      kill(number!, SIGKILL)
      _ = try await other.value
    }
  }

  @Test(arguments: ["", "not a number\n", "-1\n"])
  func anUnreadablePidFileIsTakenForACrash(text: String) async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let layout = try await cluster.up().layout
      _ = try await cluster.down()
      try FileSystem.replaceFile(
        "postmaster.pid", in: layout.dataDirectory, with: text, mode: 0o600, owner: layout.user)
      #expect(try await cluster.inspect().server == .crashed)
      #expect(try await cluster.up().how == .started)
    }
  }

  @Test func processesThatOutlivedTheirServerAreNamedAndNotJoined() async throws {
    try await withHome { home in
      var patience = Cluster.Patience()
      patience.leftovers = .milliseconds(200)
      let cluster = home.cluster(patience: patience)
      let started = try await cluster.up()
      let server = try await processID(cluster)
      // Stopped processes cannot notice that their postmaster is gone.
      let children = ServerProcess.all(in: started.layout.dataDirectory).filter { $0 != server }
      #expect(!children.isEmpty)
      for child in children { kill(child, SIGSTOP) }
      kill(server, SIGKILL)
      try await eventually { !ServerProcess.all(in: started.layout.dataDirectory).contains(server) }
      let error = try await refusal(.leftoverProcesses) { try await cluster.up() }
      #expect(error.message.contains("\(children[0])"))
      for child in children { kill(child, SIGCONT) }
      #expect(try await home.cluster().up().how == .started)
    }
  }

  @Test func socketFilesLeftBehindDoNotMatter() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let layout = try await cluster.up().layout
      _ = try await cluster.down()
      try FileSystem.replaceFile(
        ".s.PGSQL.5432.lock", in: layout.socketDirectory, with: "\(getpid())\n", mode: 0o600, owner: layout.user)
      try FileSystem.replaceFile(".s.PGSQL.5432", in: layout.socketDirectory, with: "", mode: 0o600, owner: layout.user)
      #expect(try await cluster.up().how == .started)
    }
  }

  @Test func anInterruptedCreationIsClearedAway() async throws {
    try await withHome { home in
      try FileSystem.makeDirectories("\(home.path)/initdb-4711/base", mode: 0o755)
      #expect(try await home.cluster().up().how == .created)
      #expect(!FileSystem.exists("\(home.path)/initdb-4711"))
    }
  }

  @Test func aRunningServerWithoutItsSocketIsReported() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let started = try await cluster.up()
      unlink("\(started.connection.socketDirectory)/.s.PGSQL.5432")
      _ = try await refusal(.socketGone) { try await cluster.up() }
      _ = try await cluster.down()
      #expect(try await cluster.up().how == .started)
    }
  }

  @Test func aServerThatDoesNotStartShowsItsLog() async throws {
    try await withHome { home in
      let cluster = home.cluster()
      let layout = try await cluster.up().layout
      _ = try await cluster.down()
      try FileSystem.replaceFile(
        "postgresql.auto.conf", in: layout.dataDirectory, with: "work_mem = 'nonsense'\n", mode: 0o600,
        owner: layout.user)
      let error = try #require(await #expect(throws: ClusterError.self) { try await cluster.up() })
      #expect(error.code == .startFailed && !error.isRefusal)
      #expect(error.logTail.contains { $0.contains("work_mem") })
    }
  }
}
