import LibPQ

/// Turns the ticks of a database into a hypertable of TimescaleDB, with all that is stored.
///
/// Ticks are copied beside the table a day at a time, each in a transaction of its own, while everybody goes on. Then one
/// transaction copies what has changed since, puts the hypertable in the table's place and installs the procedures that
/// know it. Interrupted before, the database is in the plain tier as it was, and the next run goes on where this one stopped.
extension Migrator {
  /// - Returns: false when the ticks are a hypertable already.
  package func adoptTimescale(notice: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Bool {
    try await withConnection { connection in
      try await checkServer(connection)
      if try await StorageTier(connection) == .timescaledb { return false }
      try await checkTimescale(connection)
      try await checkLocks(connection)
      try await checkViews(connection)
      let schema = try await createExtension(connection)
      guard let prepare = tree.timescaledb["prepare"], let adopt = tree.timescaledb["adopt"],
        let schedule = tree.timescaledb["schedule"]
      else {
        throw MigrationError(.badTree, "sql/timescaledb is incomplete", hint: "restore its files")
      }
      try await connection.script("SET search_path = \(schema); SET client_min_messages = error")
      try await connection.transaction { connection in
        try await lock(connection, notice)
        try await connection.script("SET LOCAL search_path = \(schema)")
        try await prepare.run(on: connection)
      }
      try await copyTicks(connection, notice)
      let code = CodeInstaller(
        tree: tree, checksum: try await plan(connection).codeChecksum, force: true,
        change: (before: [adopt.searching(schema)], after: [schedule.searching(schema)]))
      _ = try await code.install(connection, lock: { try await lock($0, notice) })
      return true
    }
  }

  private func copyTicks(_ connection: Connection, _ notice: @escaping @Sendable (String) -> Void) async throws {
    let days = try await connection.query(
      "SELECT u.source, u.day::text FROM market.uncopied_ticks(p_looks_closely => false) AS u"
    ).map { (source: try $0[0].string, day: try $0[1].string) }
    var last = ContinuousClock.now
    for (index, unit) in days.enumerated() {
      _ = try await connection.transaction { connection in
        try await lock(connection, notice)
        return try await connection.query(
          "SELECT market.copy_ticks($1, $2::date)", [.text(unit.source), .text(unit.day)])
      }
      if ContinuousClock.now - last > .seconds(5) {
        notice("copied \(index + 1) of \(days.count) days, up to \(unit.day)")
        last = .now
      }
    }
  }

  // MARK: Whether it can be

  private func checkTimescale(_ connection: Connection) async throws {
    let row = try await connection.query(
      """
      SELECT (SELECT e.default_version FROM pg_available_extensions AS e WHERE e.name = 'timescaledb'),
             (SELECT x.extversion FROM pg_extension AS x WHERE x.extname = 'timescaledb'),
             current_setting('timescaledb.license', true),
             -- Only a library that is loaded has settings with a description.
             EXISTS (SELECT FROM pg_settings AS s WHERE s.name = 'timescaledb.max_background_workers'),
             has_database_privilege(current_database(), 'CREATE')
      """
    ).only()
    guard let available = try row[0].ifPresent?.string else {
      throw MigrationError(
        .noTimescale, "TimescaleDB is not on this server",
        hint:
          "install it (https://docs.timescale.com/self-hosted/latest/install/), or stay in the plain tier, which is complete"
      )
    }
    guard try row[3].bool else {
      throw MigrationError(
        .noTimescale, "TimescaleDB \(available) is on this server, but the server has not loaded it",
        hint: "set shared_preload_libraries = 'timescaledb' and restart (bourse down && bourse up does both)")
    }
    let license = try row[2].ifPresent?.string ?? "timescale"
    guard license == "timescale" else {
      throw MigrationError(
        .noTimescale,
        "the server uses TimescaleDB under its \(license) licence, which has neither columnstore nor continuous aggregates",
        hint:
          "set timescaledb.license = 'timescale' if its terms (https://www.timescale.com/legal/licenses) suit you, and reload; or stay in the plain tier"
      )
    }
    let version = try row[1].ifPresent?.string ?? available
    guard Self.isRecent(version) else {
      throw MigrationError(
        .noTimescale, "TimescaleDB \(version) cannot load ticks into its columnstore as they come",
        hint: "use version \(Self.oldest.major).\(Self.oldest.minor) or newer (ALTER EXTENSION timescaledb UPDATE)")
    }
  }

  /// The last transaction holds all partitions and chunks at once. That it has no room for them is better known before the copy.
  private func checkLocks(_ connection: Connection) async throws {
    let row = try await connection.query(
      """
      SELECT (SELECT count(*) FROM pg_partition_tree('market.ticks') AS p WHERE p.isleaf),
             current_setting('max_connections')::int + current_setting('max_worker_processes')::int + current_setting('max_wal_senders')::int
               + current_setting('autovacuum_max_workers')::int + 1 + current_setting('max_prepared_transactions')::int,
             current_setting('max_locks_per_transaction')::int
      """
    ).only()
    let (days, backends, limit) = (try row[0].int, try row[1].int, try row[2].int)
    let needed = Self.lockLimit(days: days, backends: backends)
    if needed > limit {
      throw MigrationError(
        .unsuitableServer,
        "moving \(days) days of ticks takes more locks than the server has room for (max_locks_per_transaction is \(limit))",
        hint: "ALTER SYSTEM SET max_locks_per_transaction = \(needed), restart the server and repeat")
    }
  }

  /// Views that somebody has made of ticks hang on the table whose place the hypertable takes. Those of Bourse are made anew.
  private func checkViews(_ connection: Connection) async throws {
    let views = try await connection.query(
      """
      SELECT string_agg(DISTINCT r.ev_class::regclass::text, ', ')
        FROM pg_partition_tree('market.ticks') AS p
        JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = p.relid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite AS r ON r.oid = d.objid
        JOIN pg_class AS v ON v.oid = r.ev_class
       WHERE (r.ev_class = ANY (ARRAY(SELECT to_regclass(o.identity) FROM ops.installed_objects AS o WHERE o.kind = 'view'))) IS NOT TRUE
      """
    ).only()[0].ifPresent?.string
    if let views {
      throw MigrationError(
        .inUse, "views depend on market.ticks: \(views)",
        hint: "drop them, repeat, and create them again (pg_get_viewdef tells how they are made)")
    }
  }

  /// The max_locks_per_transaction at which this many days can be moved. Measured at 2,000 days: 17.5 locks each.
  static func lockLimit(days: Int, backends: Int) -> Int { ((18 * days + 1_500) / backends / 64 + 1) * 64 }

  /// The first that copies into the columnstore of a table whose statement triggers do not concern its chunks.
  private static let oldest = (major: 2, minor: 28)

  static func isRecent(_ version: String) -> Bool {
    let parts = version.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
    return parts.count == 2 && (parts[0], parts[1]) >= (oldest.major, oldest.minor)
  }

  /// - Returns: the schema of its functions, quoted.
  private func createExtension(_ connection: Connection) async throws -> String {
    do {
      try await connection.script("CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public")
    } catch let error as PostgresError where error.sqlState == .insufficientPrivilege {
      throw MigrationError(
        .notPermitted, "\(error.message)", hint: "have a superuser run CREATE EXTENSION timescaledb once, and repeat")
    }
    let schema = try await connection.query(
      "SELECT quote_ident(n.nspname) FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace WHERE x.extname = 'timescaledb'"
    ).only()[0].string
    guard schema == "public" else {
      throw MigrationError(
        .noTimescale, "the extension timescaledb is in schema \(schema), and its functions are looked for in public",
        hint: "use a database where it is in public")
    }
    return schema
  }
}

extension SQLFile {
  /// The same with the functions of an extension in reach.
  fileprivate func searching(_ schema: String) -> SQLFile {
    SQLFile(path: path, text: "SET LOCAL search_path = \(schema);\(text)\nSET LOCAL search_path = '';")
  }
}
