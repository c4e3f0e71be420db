import LibPQ
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.needsServer, .commonTimeLimit)
struct ConnectTests {
  private static let quick = RetryPolicy(maximumAttempts: 4, firstDelay: .milliseconds(5))

  @Test func aConnectionKnowsItsServer() async throws {
    try await withConnection { connection in
      let row = try await connection.query(
        "SELECT pg_backend_pid(), current_setting('server_version_num'), current_setting('application_name')"
      ).only()
      #expect(try await row[0].int == Int(connection.backendPID))
      #expect(try await row[1].int == connection.serverVersion)
      #expect(try row[2].string == "bourse tests")
      #expect(await connection.parameterStatus("client_encoding") == "UTF8")
      #expect(await connection.parameterStatus("nonsense") == nil)
      try await connection.query("SET TimeZone = 'Asia/Kolkata'")
      #expect(await connection.parameterStatus("TimeZone") == "Asia/Kolkata")
      #expect(await !connection.isClosed)
    }
  }

  /// A pause nobody would sit through: whoever makes one has retried.
  private static let endless = RetryPolicy(
    maximumAttempts: 10, maximumTime: .seconds(1_000_000), firstDelay: .seconds(100_000),
    maximumDelay: .seconds(100_000))

  @Test func aMissingDatabaseFailsWithoutAnotherAttempt() async throws {
    let error = try await postgresError {
      _ = try await Connection.connect(
        TestServer.options().database("no such database"), retry: Self.endless)
    }
    #expect(error.code == .connectionFailed)
    #expect(error.sqlState == .invalidCatalogName)
    #expect(error.callSite?.file.hasSuffix("ConnectTests.swift") == true)
  }

  @Test func aServerThatIsNotThereIsTriedAsOftenAsAllowed() async throws {
    var options = ConnectionOptions(keywords: ["host": "/nonexistent", "dbname": "x", "user": "x"])
    options.connectTimeout = .seconds(1)
    let start = ContinuousClock.now
    let error = try await postgresError { _ = try await Connection.connect(options, retry: Self.quick) }
    #expect(error.code == .connectionFailed)
    // Three pauses of at least 2.5, 5 and 10 ms.
    #expect(ContinuousClock.now - start >= .milliseconds(17))
    let bounded = try await postgresError {
      _ = try await Connection.connect(
        options,
        retry: RetryPolicy(maximumAttempts: 1_000_000, maximumTime: .milliseconds(30), firstDelay: .milliseconds(5)))
    }
    #expect(bounded.code == .connectionFailed)
  }

  @Test func senselessOptionsAreNotRetried() async throws {
    for keywords in [["sslmode": "nonsense"], ["nonsense": "x"]] {
      var options = try TestServer.options()
      options.keywords.merge(keywords) { $1 }
      let error = try await postgresError {
        _ = try await Connection.connect(options, retry: Self.endless)
      }
      #expect(error.code == .invalidOptions, "\(error)")
    }
  }

  @Test func connectingWaitsForAServerThatTakesNobody() async throws {
    let folder = try TemporaryFolder()
    let listener = try #require(silentServer(in: folder.path))
    defer { close(listener) }
    var options = ConnectionOptions(keywords: ["host": folder.path, "port": "5432", "dbname": "x", "user": "x"])
    options.connectTimeout = .milliseconds(60)
    let error = try await postgresError { _ = try await Connection.connect(options) }
    #expect(error.code == .timedOut)

    options.connectTimeout = patience * 2
    let patient = options
    let task = Task { try await Connection.connect(patient) }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func connectingIsTriedAgainWhileTheServerHasNoFreeSlot() async throws {
    try await TestDatabase.with { database in
      let admin = try await database.connect()
      try await admin.script(
        "CREATE ROLE \(role) LOGIN CONNECTION LIMIT 1")
      do {
        var options = database.options
        options.keywords["user"] = role
        let first = try await Connection.connect(options)
        let limited = options
        let refused = try await postgresError { _ = try await Connection.connect(limited, retry: Self.quick) }
        #expect(refused.sqlState == .tooManyConnections)
        async let second = Connection.connect(
          limited, retry: RetryPolicy(maximumAttempts: 1_000, firstDelay: .milliseconds(10)))
        try await Task.sleep(for: .milliseconds(50))
        await first.close()
        await expectUsable(try await second)
        await (try second).close()
      }
      try await admin.waitForNobody()
      try await admin.query("DROP ROLE \(role)")
      await admin.close()
    }
  }

  private let role = "libpq_limited_\(getpid())"

  @Test func aResetGivesANewSession() async throws {
    try await withConnection { connection in
      let pid = await connection.backendPID
      try await connection.script("BEGIN; SET application_name = 'changed'")
      try await connection.reset()
      #expect(await connection.backendPID != pid)
      let name = try await connection.query("SELECT current_setting('application_name')").only()[0].string
      #expect(name == "bourse tests")
      await expectUsable(connection)
    }
  }

  @Test func aClosedConnectionCanBeOpenedAgainByAReset() async throws {
    try await withConnection { connection in
      await connection.close()
      await connection.close()
      try await connection.reset()
      await expectUsable(connection)
    }
  }
}

extension Connection {
  nonisolated(nonsending) func waitForNobody() async throws {
    try await eventually {
      let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
      return try await query(sql).only()[0].int == 0
    }
  }
}

/// A socket that takes connections and never answers.
private func silentServer(in directory: String) -> Int32? {
  #if canImport(Glibc)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  #else
    let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
  #endif
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(directory)/.s.PGSQL.5432".utf8) }
  let outcome = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard outcome == 0, listen(descriptor, 5) == 0 else { return nil }
  return descriptor
}
