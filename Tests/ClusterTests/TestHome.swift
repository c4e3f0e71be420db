import Glibc
import TestSupport
import Testing

@testable import Cluster

/// A temporary folder that the server's user can reach, removed at the end together with the clusters made in it.
final class TestHome {
  private let temporary: TemporaryFolder
  let path: String
  private var created: [Cluster] = []

  var folder: String { temporary.path }

  init(_ folder: consuming TemporaryFolder, _ name: String) {
    path = "\(folder.path)/\(name)"
    temporary = folder
  }

  static let settings = "\(checkout)/deploy/postgresql.conf"

  func cluster(
    _ path: String? = nil, environment: [String: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"],
    patience: Cluster.Patience = .init(),
    freeBytes: @escaping @Sendable (String) -> UInt64? = { FileSystem.freeBytes($0) }
  ) -> Cluster {
    let cluster = Cluster(
      home: path ?? self.path, settingsFile: Self.settings, environment: environment, patience: patience,
      freeBytes: freeBytes)
    created.append(cluster)
    return cluster
  }

  func end() async {
    for cluster in created { _ = try? await cluster.delete() }
  }
}

/// Each server takes a core while it is created.
private let servers = Turns(2)

/// Runs `body` with a home that is cleared away afterwards, whatever happens.
func withHome(_ name: String = "home", _ body: (TestHome) async throws -> Void) async throws {
  await servers.take()
  let home = TestHome(try TemporaryFolder(), name)
  let outcome = await Result.of { try await body(home) }
  await home.end()
  await servers.giveBack()
  try outcome.get()
}

/// What `psql` prints for one statement, connected as `bourse env` would have it.
func psql(_ connection: ClusterConnection, _ sql: String, as user: ServerUser? = nil) async throws -> String {
  let result = try await Command.run(
    "/usr/bin/env", ["psql", "-XAtqc", sql], as: user,
    environment: Dictionary(uniqueKeysWithValues: connection.environment.map { ($0.name, $0.value) }))
  #expect(result.succeeded, "\(result.output)")
  return result.lines.joined(separator: "\n")
}

/// Expects a refusal with this code and returns it.
func refusal(
  _ code: ClusterError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> some Any
) async throws -> ClusterError {
  let error = try #require(
    await #expect(throws: ClusterError.self, sourceLocation: sourceLocation) { _ = try await body() },
    sourceLocation: sourceLocation)
  #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
  #expect(!error.description.contains("\n") && !error.hint.isEmpty, sourceLocation: sourceLocation)
  return error
}

/// The notices of a command, in order.
final class Notices: @unchecked Sendable {
  private var lines: [String] = []
  private var mutex = pthread_mutex_t()

  func add(_ line: String) {
    pthread_mutex_lock(&mutex)
    lines.append(line)
    pthread_mutex_unlock(&mutex)
  }

  var text: String { lines.joined(separator: "\n") }
}

let isRoot = geteuid() == 0
