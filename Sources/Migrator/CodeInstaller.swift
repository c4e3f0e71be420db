import LibPQ

/// Installs reference rows, procedures and grants in one transaction, and removes what an earlier bundle left.
///
/// Procedures are replaced in place, so that the views and triggers of others that depend on them live on. Where
/// PostgreSQL cannot replace one (another return type, other view columns), everything that the earlier bundle made is
/// dropped first, as far as nothing else depends on it, and the bundle is installed into the cleared place.
struct CodeInstaller: Sendable {
  let tree: SQLTree
  let checksum: String
  let force: Bool
  /// What goes before the code and what behind it, in the same transaction: from one storage tier to another.
  var change: (before: [SQLFile], after: [SQLFile]) = ([], [])

  /// An object that a file of `procedures/` made. The kind is the word that DROP takes.
  private struct Object: Hashable {
    let kind: String
    let identity: String

    /// - Parameter row: kind and identity.
    init(_ row: Row) throws {
      kind = try row[0].string
      identity = try row[1].string
    }

    var drop: String { "DROP \(kind) IF EXISTS \(identity)" }
  }

  /// - Returns: the objects dropped because the bundle has no more of them; nil when it was installed already.
  func install(_ connection: Connection, lock: @Sendable (Connection) async throws -> Void) async throws -> [String]? {
    do {
      return try await installOnce(connection, rebuilding: false, lock: lock)
    } catch let error as MigrationError where error.code == .statementFailed {
      return try await installOnce(connection, rebuilding: true, lock: lock)
    }
  }

  private func installOnce(
    _ connection: Connection, rebuilding: Bool, lock: @Sendable (Connection) async throws -> Void
  ) async throws -> [String]? {
    try await connection.retryingTransaction { connection in
      try await lock(connection)
      let installed = try await InstalledCode(connection)
      if installed?.checksum == checksum && installed?.isOfThisDatabase == true && !force { return nil }
      let earlier = try await recordedObjects(connection)
      if rebuilding { _ = try await drop(earlier, connection) }
      for file in change.before { try await file.run(on: connection) }
      for file in tree.reference { try await file.run(on: connection) }
      // What a change of tier makes is state.
      let state =
        change.before.isEmpty ? [] : try await connection.execute(Self.objectsOfThisTransaction).map(Object.init)
      let made = try await runProcedures(connection).filter { !state.contains($0.key) }
      let removed = try await dropRemoved(earlier.subtracting(made.keys), connection)
      try await record(made, connection)
      try await tree.grants?.run(on: connection)
      for file in change.after { try await file.run(on: connection) }
      return removed
    }
  }

  private func recordedObjects(_ connection: Connection) async throws -> Set<Object> {
    let rows = try await connection.query("SELECT upper(kind), identity FROM ops.installed_objects")
    return Set(try rows.map(Object.init))
  }

  /// - Returns: each object that the files made, with its file.
  private func runProcedures(_ connection: Connection) async throws -> [Object: String] {
    var made: [Object: String] = [:]
    for file in tree.procedures(for: try await StorageTier(connection)) {
      try await file.run(on: connection)
      for row in try await connection.execute(Self.objectsOfThisTransaction) {
        let object = try Object(row)
        if made[object] == nil { made[object] = file.path }
      }
    }
    return made
  }

  /// Replacing an object writes a new version of its catalog row, even when nothing in it changes; so the rows that this
  /// transaction wrote are what the bundle consists of. Reading them before the grants keeps those out.
  private static let objectsOfThisTransaction = """
    WITH mine AS (SELECT pg_current_xact_id()::xid AS xid)
    SELECT 'ROUTINE', format('%I.%I(%s)', n.nspname, p.proname,
             (SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.place)
                FROM unnest(p.proargtypes) WITH ORDINALITY AS a(type, place)))
      FROM mine, pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
     WHERE p.xmin = mine.xid AND n.nspname NOT LIKE 'pg\\_%'
    UNION ALL
    SELECT 'VIEW', format('%I.%I', n.nspname, c.relname)
      FROM mine, pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_rewrite AS r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
     WHERE c.relkind = 'v' AND (c.xmin = mine.xid OR r.xmin = mine.xid) AND n.nspname NOT LIKE 'pg\\_%'
    UNION ALL
    SELECT 'TRIGGER', format('%I ON %I.%I', t.tgname, n.nspname, c.relname)
      FROM mine, pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE t.xmin = mine.xid AND NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname NOT LIKE 'pg\\_%'
    """

  private func dropRemoved(_ objects: Set<Object>, _ connection: Connection) async throws -> [String] {
    let kept = try await drop(objects, connection)
    if let (object, error) = kept.min(by: { $0.key.identity < $1.key.identity }) {
      throw MigrationError(
        .inUse,
        "\(object.identity) is no longer part of procedures/, but other objects need it: "
          + (error.detail ?? error.message).replacing("\n", with: " "),
        hint: "drop or change those first")
    }
    return objects.map { "\($0.kind.lowercased()) \($0.identity)" }.sorted()
  }

  /// Drops what it can, in whatever order the dependencies allow.
  ///
  /// - Returns: what other objects still depend on, with the server's words.
  private func drop(_ objects: Set<Object>, _ connection: Connection) async throws -> [Object: PostgresError] {
    var left = objects.sorted { ($0.kind, $0.identity) < ($1.kind, $1.identity) }
    while !left.isEmpty {
      var refused: [Object: PostgresError] = [:]
      for object in left {
        do {
          _ = try await connection.savepoint { try await $0.script(object.drop) }
        } catch let error as PostgresError where error.sqlState == "2BP01" {
          refused[object] = error
        }
      }
      if refused.count == left.count { return refused }
      left.removeAll { refused[$0] == nil }
    }
    return [:]
  }

  private func record(_ made: [Object: String], _ connection: Connection) async throws {
    try await connection.query("DELETE FROM ops.installed_objects")
    for (object, file) in made.sorted(by: { $0.key.identity < $1.key.identity }) {
      try await connection.execute(
        "INSERT INTO ops.installed_objects (kind, identity, file) VALUES (lower($1), $2, $3)",
        [.text(object.kind), .text(object.identity), .text(file)])
    }
    try await connection.query(
      """
      INSERT INTO ops.installed_code (checksum, written_by, relation)
      VALUES ($1, pg_current_xact_id()::xid, 'ops.installed_code'::regclass) ON CONFLICT (is_only_row) DO UPDATE
        SET checksum = excluded.checksum, installed_at = excluded.installed_at, installed_by = excluded.installed_by,
            written_by = excluded.written_by, relation = excluded.relation
      """, [.text(checksum)])
  }
}
