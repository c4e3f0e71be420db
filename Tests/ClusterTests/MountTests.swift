import Glibc
import Testing

@testable import Cluster

/// What can be seen only with file systems of one's own.
@Suite(.enabled("needs the right to mount file systems") { try await Mount.isPossible() }) struct MountTests {
  @Test func aDiskThatFillsUpDuringCreationLeavesNothing() async throws {
    try await withHome { home in
      try await Mount.with(["-t", "tmpfs", "-o", "size=20m", "tmpfs"], at: "\(home.folder)/small") { folder in
        let path = "\(folder)/home"
        let error = try await refusal(.diskFull) { try await home.cluster(path) { _ in .max }.up() }
        #expect(error.message.contains("filled up"))
        #expect(FileSystem.list(path).isEmpty)
      }
    }
  }

  @Test func aDiskThatIsFullAtStartIsNamed() async throws {
    try await withHome { home in
      try await Mount.with(["-t", "tmpfs", "-o", "size=600m", "tmpfs"], at: "\(home.folder)/small") { folder in
        let cluster = home.cluster("\(folder)/home") { _ in .max }
        _ = try await cluster.up()
        _ = try await cluster.down()
        let filled = try await Command.run("/bin/dd", ["if=/dev/zero", "of=\(folder)/ballast", "bs=1M"])
        #expect(!filled.succeeded)
        let error = try #require(await #expect(throws: ClusterError.self) { try await cluster.up() })
        #expect(error.code == .diskFull, "\(error)")
        unlink("\(folder)/ballast")
        #expect(try await cluster.up().how == .started)
        _ = try await cluster.delete()
      }
    }
  }

  @Test func aServerIsRecognisedByAnotherPathToItsFolder() async throws {
    try await withHome { home in
      let started = try await home.cluster().up()
      try await Mount.with(["--bind", home.folder], at: "\(home.folder)/again") { folder in
        let other = home.cluster("\(folder)/home")
        let second = try await other.up()
        #expect(second.how == .alreadyRunning && second.connection == started.connection)
        #expect(try await other.down() == .stopped)
      }
    }
  }
}

private enum Mount {
  static func isPossible() async throws -> Bool {
    guard isRoot else { return false }
    let folder = "/tmp/bourse-mount-\(getpid())"
    try FileSystem.makeDirectory(folder, mode: 0o755)
    defer { rmdir(folder) }
    guard try await Command.run("/bin/mount", ["-t", "tmpfs", "tmpfs", folder]).succeeded else { return false }
    return try await Command.run("/bin/umount", [folder]).succeeded
  }

  static func with(_ arguments: [String], at folder: String, _ body: (String) async throws -> Void) async throws {
    try FileSystem.makeDirectory(folder, mode: 0o755)
    let mounted = try await Command.run("/bin/mount", arguments + [folder])
    try #require(mounted.succeeded, "\(mounted.output)")
    var failure: (any Error)?
    do { try await body(folder) } catch { failure = error }
    _ = try await Command.run("/bin/umount", ["--lazy", folder])
    rmdir(folder)
    if let failure { throw failure }
  }
}
