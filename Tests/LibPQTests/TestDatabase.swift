import Testing

@testable import LibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The maintenance database that tests may use, if there is one.
enum TestServer {
  static let conninfo = getenv("BOURSE_TEST_DATABASE_URL").map { String(cString: $0) }
  static let isAvailable = conninfo != nil
  static let reason: Comment = "BOURSE_TEST_DATABASE_URL is not set"

  static var options: ConnectionOptions {
    var options = ConnectionOptions(conninfo!, applicationName: "LibPQTests")
    options.connectTimeout = .seconds(20)
    return options
  }
}

/// A database of one test's own, dropped afterwards.
struct TestDatabase {
  let options: ConnectionOptions

  /// The tests share a server that has a limited number of connections.
  private static let slots = Slots(12)

  static func with<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
    await slots.take()
    let outcome = await Result.of { try await inOwnDatabase(body) }
    await slots.giveBack()
    return try outcome.get()
  }

  private static func inOwnDatabase<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
    let name = "libpq_\(getpid())_\(UInt32.random(in: 0...UInt32.max))"
    let maintenance = try await Connection.connect(TestServer.options, retry: .standard)
    try await maintenance.query("CREATE DATABASE \(name)")
    let outcome = await Result.of { try await body(TestDatabase(options: TestServer.options.database(name))) }
    try await maintenance.query("DROP DATABASE \(name) WITH (FORCE)")
    await maintenance.close()
    return try outcome.get()
  }

  func connect(_ change: (inout ConnectionOptions) -> Void = { _ in }) async throws -> Connection {
    var options = options
    change(&options)
    return try await Connection.connect(options, retry: .standard)
  }
}

extension Result where Failure == any Error {
  static func of(_ body: () async throws -> Success) async -> Result {
    do {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}

actor Slots {
  private var free: Int
  private var waiters: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiters.append($0) }
    }
  }

  func giveBack() {
    if waiters.isEmpty { free += 1 } else { waiters.removeFirst().resume() }
  }
}

/// Runs `body` with one connection to a database of its own.
func withConnection<T>(_ body: (Connection) async throws -> T) async throws -> T {
  try await TestDatabase.with { database in
    let connection = try await database.connect()
    let result = try await body(connection)
    await connection.close()
    return result
  }
}

/// The error `body` throws, which must be a ``PostgresError``.
func postgresError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws -> PostgresError {
  do {
    try await body()
  } catch let error as PostgresError {
    return error
  }
  throw MissingError(sourceLocation: sourceLocation)
}

struct MissingError: Error {
  let sourceLocation: SourceLocation
}

/// Waits until `condition` holds; a limit keeps a broken test from hanging.
nonisolated(nonsending) func eventually(_ condition: nonisolated(nonsending) () async throws -> Bool) async throws {
  for _ in 0..<2_000 {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  Issue.record("a condition did not come true within ten seconds")
}

extension Connection {
  /// Waits until `count` other sessions of this database are in a wait or state that matches `filter`.
  nonisolated(nonsending) func waitForActivity(_ filter: String, count: Int = 1) async throws {
    try await eventually {
      let sql = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND \(filter)
        """
      return try await query(sql).only()[0].int >= count
    }
  }
}

/// Memory of this process that is in use now; 0 where it cannot be told.
func residentMegabytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return 0 }
  let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
    separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 / 1_000_000 : 0
}

/// The connection answers, and is in no transaction.
func expectUsable(_ connection: Connection, sourceLocation: SourceLocation = #_sourceLocation) async {
  let answer = try? await connection.query("SELECT 1").only()[0].int
  #expect(answer == 1, sourceLocation: sourceLocation)
  let status = await connection.transactionStatus
  #expect(status == .idle, sourceLocation: sourceLocation)
}
