import LibPQ

/// Installs a tree of SQL into a database, in two steps.
///
/// State first: roles, then the numbered migrations that the database does not have yet, each in a transaction of its own.
/// Then code: reference rows, procedures and grants in one transaction, skipped when exactly these are installed.
///
/// Safe to run at any time and by several programs at once: an advisory lock lets one at a time work, each rechecks under
/// the lock what is still to do, and whatever is interrupted leaves nothing of its transaction behind.
package struct Migrator: Sendable {
  package struct Report: Sendable, Equatable {
    /// Names of the migrations that were applied now.
    package var applied: [String] = []
    /// Whether the code was installed now; false when it was up to date.
    package var installedCode = false
    /// Objects of the code installed before that this tree no longer has.
    package var dropped: [String] = []
  }

  let tree: SQLTree
  let options: ConnectionOptions

  package init(tree: SQLTree, database: ConnectionOptions) {
    self.tree = tree
    options = database
  }

  /// - Parameters:
  ///   - force: install the code even when it is up to date.
  ///   - notice: receives lines that a reader wants to see at once, such as waiting for another installer.
  package func migrate(
    force: Bool = false, notice: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws -> Report {
    try await withConnection { connection in
      try await checkServer(connection)
      let plan = try await bootstrap(connection, notice)
      var report = Report()
      if plan.isUpToDate && !force {
        try await beginEpoch(connection)
        return report
      }
      try await installRoles(connection)
      for migration in plan.pending where try await apply(migration, connection, notice) {
        report.applied.append(migration.name)
      }
      let code = CodeInstaller(tree: tree, checksum: plan.codeChecksum, force: force)
      if let dropped = try await code.install(connection, lock: { try await lock($0, notice) }) {
        report.installedCode = true
        report.dropped = dropped
      }
      try await beginEpoch(connection)
      return report
    }
  }

  /// What the database has and what is to do. Changes nothing.
  package func status() async throws -> MigrationPlan {
    try await withConnection { connection in
      try await checkServer(connection, forWriting: false)
      return try await connection.transaction(isolation: .repeatableRead, readOnly: true) { try await plan($0) }
    }
  }

  // MARK: Connecting

  func withConnection<T>(_ body: (Connection) async throws -> T) async throws -> T {
    var options = options
    options.applicationName = "bourse migrate"
    return try await Connection.with(options) { connection in
      // An empty search path makes the files name their schemas; the rest shields them from settings of role and database.
      try await connection.script(
        """
        SET search_path = ''; SET client_min_messages = warning; SET lock_timeout = 0; SET statement_timeout = 0;
        SET check_function_bodies = on;
        """)
      return try await body(connection)
    }
  }

  func checkServer(_ connection: Connection, forWriting: Bool = true) async throws {
    let row = try await connection.query(
      "SELECT current_setting('server_version_num')::int, current_setting('server_version'), getdatabaseencoding(), pg_is_in_recovery()"
    ).only()
    if try row[0].int < 150_000 {
      throw MigrationError(
        .unsuitableServer, "the server is PostgreSQL \(try row[1].string)", hint: "use PostgreSQL 15 or newer")
    }
    if try row[2].string != "UTF8" {
      throw MigrationError(
        .unsuitableServer, "the database stores text as \(try row[2].string)",
        hint: "create it with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0")
    }
    if try forWriting && row[3].bool {
      throw MigrationError(.unsuitableServer, "the server is a standby", hint: "run this on the primary")
    }
  }

  // MARK: Steps

  /// Lets one installer at a time work on a database. The lock ends with the transaction, so that it also holds behind a
  /// pooler that hands out a session per transaction.
  func lock(_ connection: Connection, _ notice: @Sendable (String) -> Void) async throws {
    let key = Value.int8(0x626f_7572_7365)
    if try await !connection.query("SELECT pg_try_advisory_xact_lock($1)", [key]).only()[0].bool {
      notice("another installer is at work: waiting for it")
      try await connection.query("SELECT pg_advisory_xact_lock($1)", [key])
    }
    // Whoever holds a table for longer is a person or a runner that has to step aside first.
    try await connection.script("SET LOCAL lock_timeout = '30s'; SET LOCAL search_path = ''")
  }

  /// Whether the database has the records of an installer, and not somebody's table of that name. Asks the catalog:
  /// to_regclass would answer from a cache that need not know yet what another installer has committed.
  private static func hasRecords(_ connection: Connection) async throws -> Bool {
    try await connection.query(
      """
      SELECT count(*) = 5
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
       WHERE n.nspname = 'ops' AND c.relname = 'migrations' AND c.relkind = 'r'
         AND a.attname IN ('number', 'name', 'checksum', 'applied_at', 'applied_by')
      """
    ).only()[0].bool
  }

  /// Under the lock, so that what another installer has half done is not taken for somebody else's.
  private func bootstrap(_ connection: Connection, _ notice: @Sendable (String) -> Void) async throws -> MigrationPlan {
    try await connection.transaction { connection in
      try await lock(connection, notice)
      let plan = try await plan(connection)
      if try await !Self.hasRecords(connection) { try await tree.bootstrap.run(on: connection) }
      return plan
    }
  }

  /// Refuses a database in which schemas of somebody else have the names of ours. The caller sees one state of it.
  func plan(_ connection: Connection) async throws -> MigrationPlan {
    var applied: [MigrationPlan.Applied] = []
    var installed: InstalledCode?
    let hasRecords = try await Self.hasRecords(connection)
    if hasRecords {
      let rows = try await connection.query(
        "SELECT number, name, checksum, to_char(applied_at, 'YYYY-MM-DD HH24:MI:SSOF') FROM ops.migrations ORDER BY number"
      )
      applied = try rows.map {
        MigrationPlan.Applied(
          number: try $0[0].int, name: try $0[1].string, checksum: try $0[2].string, appliedAt: try $0[3].string)
      }
      installed = try await InstalledCode(connection)
    }
    var checksums: [String] = []
    for migration in tree.migrations { checksums.append(try await Self.checksum(migration.file.text, connection)) }
    let plan = try MigrationPlan(
      tree: tree, tier: try await StorageTier(connection), checksums: checksums,
      codeChecksum: try await Self.checksum(tree.codeText, connection),
      applied: applied, installedCode: installed)
    let files = (hasRecords ? [] : [tree.bootstrap]) + plan.pending.map(\.file)
    try await refuseForeignSchemas(files.flatMap(\.createdSchemas), connection)
    return plan
  }

  private func refuseForeignSchemas(_ names: [String], _ connection: Connection) async throws {
    let found = try await connection.query(
      """
      SELECT quote_ident(n.nspname), pg_get_userbyid(n.nspowner),
             (SELECT string_agg(x.name, ', ' ORDER BY x.name) FILTER (WHERE x.place <= 3)
                     || CASE WHEN count(*) > 3 THEN format(' and %s more', count(*) - 3) ELSE '' END
                FROM (SELECT o.name, row_number() OVER (ORDER BY o.name) AS place
                        FROM (SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relkind NOT IN ('i', 'I', 't', 'c')
                              UNION SELECT p.proname || '()' FROM pg_proc AS p WHERE p.pronamespace = n.oid
                              UNION SELECT t.typname FROM pg_type AS t WHERE t.typnamespace = n.oid AND t.typtype IN ('c', 'd', 'e', 'r')) AS o (name)) AS x)
        FROM pg_namespace AS n WHERE n.nspname = ANY ($1) ORDER BY n.nspname
      """, [.texts(names)]
    ).map {
      (name: try $0[0].string, owner: try $0[1].string, contents: try $0[2].ifPresent?.string)
    }
    if found.isEmpty { return }
    let schemas = found.map { "\($0.name) (owner \($0.owner), \($0.contents.map { "holds \($0)" } ?? "empty"))" }
    throw MigrationError(
      .foreignSchema,
      "the database has \(found.count == 1 ? "a schema" : "schemas") of somebody else under "
        + "\(found.count == 1 ? "a name" : "names") that Bourse needs: \(schemas.joined(separator: ", ")); nothing was written",
      hint: "install into a database of its own: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, "
        + "then bourse migrate --database-url with its name")
  }

  /// After a restore the journal goes on in an epoch of its own. Who may not begin it leaves it to the first transaction.
  private func beginEpoch(_ connection: Connection) async throws {
    let mayBegin = try await connection.query(
      "SELECT coalesce(has_function_privilege(to_regprocedure('ops.begin_epoch(boolean)'), 'EXECUTE'), false)"
    ).only()[0].bool
    if mayBegin { try await connection.query("SELECT ops.begin_epoch()") }
  }

  private static func checksum(_ text: String, _ connection: Connection) async throws -> String {
    try await connection.query("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", [.text(text)]).only()[0].string
  }

  /// Roles belong to the whole server, where the lock of one database does not reach: a collision with an installer of
  /// another database is tried again.
  private func installRoles(_ connection: Connection) async throws {
    guard let roles = tree.roles else { return }
    for attempt in 1... {
      do {
        return try await connection.transaction { try await roles.run(on: $0) }
      } catch let error as MigrationError where error.isRoleCollision && attempt < 10 {
        try await Task.sleep(for: .milliseconds(20 * attempt))
      } catch let error as MigrationError where error.code == .notPermitted {
        throw MigrationError(
          .notPermitted, error.message,
          hint: "have a superuser run psql -f \(tree.root)/\(roles.path) once, or grant this role CREATEROLE")
      }
    }
  }

  /// - Returns: false when another installer had applied it by the time the lock was granted.
  private func apply(
    _ planned: MigrationPlan.Pending, _ connection: Connection, _ notice: @Sendable (String) -> Void
  ) async throws -> Bool {
    try await connection.retryingTransaction { connection in
      try await lock(connection, notice)
      let record = try await connection.query(
        "INSERT INTO ops.migrations (number, name, checksum) VALUES ($1::int, $2, $3) ON CONFLICT (number) DO NOTHING",
        [.int8(Int64(planned.number)), .text(planned.name), .text(planned.checksum)])
      if record.affectedRows == 0 { return false }
      let transaction = try await Self.transactionID(connection)
      try await planned.file.run(on: connection)
      guard try await Self.transactionID(connection) == transaction else {
        throw MigrationError(
          .leftTransaction, "\(planned.file.path) ended its transaction, so parts of it may have been applied",
          hint: "remove COMMIT and ROLLBACK from it and start from a fresh database")
      }
      return true
    }
  }

  private static func transactionID(_ connection: Connection) async throws -> String? {
    try await connection.query("SELECT pg_current_xact_id_if_assigned()::text").only()[0].ifPresent?.string
  }
}
