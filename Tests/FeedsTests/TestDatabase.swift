import LibPQ
import Migrator
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The maintenance database that tests may use, if there is one.
enum TestServer {
  static let conninfo = getenv("BOURSE_TEST_DATABASE_URL").map { String(cString: $0) }
  static let isAvailable = conninfo != nil
  /// Whether ticks are kept in TimescaleDB; `Tests/timescaledb/run.sh` says so.
  static let isTimescale = getenv("BOURSE_TEST_TIER").map { String(cString: $0) } == "timescaledb"
  static let reason: Comment = "BOURSE_TEST_DATABASE_URL is not set"
}

/// Runs `body` with connections to a database of its own that has the schema, and drops it afterwards.
func withDatabase<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
  let options = ConnectionOptions(try #require(TestServer.conninfo), applicationName: "FeedsTests")
  let name = "feeds_\(getpid())_\(UInt32.random(in: 0...UInt32.max))"
  let maintenance = try await Connection.connect(options, retry: .standard)
  try await maintenance.query("CREATE DATABASE \(name) TEMPLATE template0")
  let outcome: Result<T, any Error>
  do {
    let tree = try SQLTree(root: checkout)
    let migrator = Migrator(tree: tree, database: options.database(name))
    _ = try await migrator.migrate()
    if TestServer.isTimescale { _ = try await migrator.adoptTimescale() }
    outcome = .success(try await body(try await TestDatabase(options: options.database(name))))
  } catch {
    outcome = .failure(error)
  }
  try await maintenance.query("DROP DATABASE \(name) WITH (FORCE)")
  await maintenance.close()
  return try outcome.get()
}

struct TestDatabase {
  let options: ConnectionOptions
  let connection: Connection

  init(options: ConnectionOptions) async throws {
    self.options = options
    connection = try await Connection.connect(options, retry: .standard)
  }

  /// The first column of a query's rows, NULL as nothing.
  func texts(_ sql: String) async throws -> [String] {
    try await connection.query(sql).map { try $0[0].ifPresent?.string ?? "" }
  }

  func int(_ sql: String) async throws -> Int { try await connection.query(sql).only()[0].int }

  /// All market data, as text.
  func fingerprint() async throws -> [String] {
    try await texts(
      """
      SELECT * FROM (SELECT (to_jsonb(t) - 'stored_at')::text FROM market.ticks AS t UNION ALL SELECT b::text FROM market.bars AS b
                     UNION ALL SELECT i::text FROM market.instruments AS i) AS x (t) ORDER BY 1
      """)
  }
}
