import LibPQ

/// What a server offers and how it is set up, as far as it decides which tier of the engine is in use.
package struct ServerFacts: Sendable, Equatable {
  /// An extension that adds to the plain engine.
  package struct Extension: Sendable, Equatable {
    /// The version that `CREATE EXTENSION` would install; nil when its files are not on the server.
    package let available: String?
    /// The version installed in this database.
    package let installed: String?
  }

  /// A background job of TimescaleDB whose last run ended with an error.
  package struct FailedJob: Sendable, Equatable {
    package let name: String
    package let error: String
    /// When it runs again, as text of the server; nil when it does not.
    package let next: String?
  }

  package let version: String
  package let isStandby: Bool
  package let role: String
  package let isSuperuser: Bool
  package let database: String
  package let encoding: String
  package let preloadedLibraries: [String]
  /// Settings that decide whether a commit survives a crash, by name.
  package let durability: [String: String]
  package let extensions: [String: Extension]
  package let databaseBytes: Int64
  /// How this database keeps its ticks.
  package let storage: StorageTier
  /// The licence under which the server runs TimescaleDB; nil when it has not loaded it.
  package let timescaleLicense: String?
  /// Background jobs that do not succeed; they wait longer after each failure, up to hours.
  package let failedJobs: [FailedJob]

  package static let extensionNames = ["bourse", "plpgsql_check", "timescaledb"]
  private static let durabilityNames = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"]

  package init(of database: ConnectionOptions) async throws {
    self = try await Connection.with(database) { try await ServerFacts($0) }
  }

  private init(_ connection: Connection) async throws {
    let row = try await connection.query(
      """
      SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby, current_user AS role,
             (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) AS superuser,
             current_database() AS database, getdatabaseencoding() AS encoding,
             -- Hidden from ordinary roles.
             (SELECT s.setting FROM pg_settings AS s WHERE s.name = 'shared_preload_libraries') AS preloads,
             pg_database_size(current_database()) AS bytes,
             (SELECT s.setting FROM pg_settings AS s WHERE s.name = 'timescaledb.license') AS license
      """
    ).only()
    version = try row["version"].string
    isStandby = try row["standby"].bool
    role = try row["role"].string
    isSuperuser = try row["superuser"].bool
    self.database = try row["database"].string
    encoding = try row["encoding"].string
    preloadedLibraries = try (row["preloads"].ifPresent?.string ?? "").split(separator: ",").map {
      String($0.filter { !$0.isWhitespace })
    }
    databaseBytes = try row["bytes"].int64
    timescaleLicense = try row["license"].ifPresent?.string
    storage = try await StorageTier(connection)
    durability = try await Self.settings(Self.durabilityNames, connection)
    extensions = try await Self.extensions(connection)
    failedJobs = storage == .timescaledb && timescaleLicense != nil ? try await Self.failedJobs(connection) : []
  }

  private static func failedJobs(_ connection: Connection) async throws -> [FailedJob] {
    try await connection.query(
      """
      SELECT j.application_name,
             coalesce((SELECT e.err_message FROM timescaledb_information.job_errors AS e
                        WHERE e.job_id = j.job_id ORDER BY e.finish_time DESC LIMIT 1), 'unknown error'),
             CASE WHEN isfinite(s.next_start) THEN to_char(s.next_start, 'YYYY-MM-DD HH24:MI TZ') END
        FROM timescaledb_information.jobs AS j
        JOIN timescaledb_information.job_stats AS s USING (job_id)
       WHERE s.last_run_status = 'Failed' ORDER BY j.job_id
      """
    ).map { FailedJob(name: try $0[0].string, error: try $0[1].string, next: try $0[2].ifPresent?.string) }
  }

  private static func settings(_ names: [String], _ connection: Connection) async throws -> [String: String] {
    var values: [String: String] = [:]
    for name in names {
      values[name] = try await connection.query("SELECT current_setting($1)", [.text(name)]).only()[0].string
    }
    return values
  }

  private static func extensions(_ connection: Connection) async throws -> [String: Extension] {
    var found: [String: Extension] = [:]
    for name in extensionNames {
      let row = try await connection.query(
        "SELECT default_version, installed_version FROM pg_available_extensions WHERE name = $1", [.text(name)]
      ).first
      found[name] = Extension(
        available: try row?[0].ifPresent?.string, installed: try row?[1].ifPresent?.string)
    }
    return found
  }
}
