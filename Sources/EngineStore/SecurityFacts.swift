import LibPQ

/// What a server and a database say about who may do what.
package struct SecurityFacts: Sendable {
  package struct AccessRule: Sendable {
    package let line: Int
    /// local, host, hostssl, …
    package let kind: String
    /// Whose, from where and how, as the file has it.
    package let users, address, method: String
    /// Why the server cannot read the line; nil when it can.
    package let error: String?
  }

  package let settings: [String: String]
  /// nil: this role may not see them.
  package let accessRules: [AccessRule]?
  /// Roles that log in: superusers, those that pass row security by or make roles, and those whose password is weak.
  package let superusers, bypassing: [String]
  /// nil: this role may not see how passwords are kept.
  package let weakPasswords: [String]?
  /// Roles of the engine's groups that may log in, and have no bound on connections.
  package let unlimited: [String]
  /// Functions that run with the owner's rights and that everybody may call, and schemas that everybody may use.
  package let publicFunctions, publicSchemas: [String]
  package let publicMayCreate: Bool
  /// Tables whose rows belong to somebody, without row security; nil: the schema is from before there were owners.
  package let openTables: [String]?
  /// Names that are both of a user and of a role that logs in.
  package let ambiguousNames: [String]
  /// Broker connections, and the keys that they are under.
  package let connections: Int
  package let keyIDs: [String]
  /// How long the oldest event waits for its seal, in seconds; nil: none does.
  package let unsealedSeconds: Double?

  package func setting(_ name: String) -> String { settings[name] ?? "" }
}

extension SecurityFacts {
  private static let schemas =
    "'{market,ledger,trading,risk,strategy,research,ops,identity,reporting,internal,archive}'"

  package static func of(_ options: ConnectionOptions) async throws -> SecurityFacts {
    try await Connection.with(options) { try await SecurityFacts($0) }
  }

  private init(_ connection: Connection) async throws {
    settings = Dictionary(
      uniqueKeysWithValues: try await connection.query(
        """
        SELECT s.name, s.setting FROM pg_settings AS s
         WHERE s.name IN ('listen_addresses', 'ssl', 'ssl_min_protocol_version', 'password_encryption', 'log_connections', 'log_min_messages',
               'log_min_error_statement', 'log_statement', 'log_parameter_max_length', 'log_parameter_max_length_on_error', 'data_directory',
               'archive_mode', 'archive_command', 'unix_socket_permissions', 'unix_socket_directories', 'idle_in_transaction_session_timeout')
        """
      ).map { (try $0[0].string, try $0[1].string) })
    accessRules = try await Self.accessRules(connection)
    func names(_ query: String) async throws -> [String] { try await connection.query(query).map { try $0[0].string } }
    superusers = try await names("SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY rolname")
    bypassing = try await names(
      "SELECT rolname FROM pg_roles WHERE (rolbypassrls OR rolcreaterole) AND NOT rolsuper AND rolname !~ '^pg_' ORDER BY rolname"
    )
    let mayReadPasswords = try await connection.query("SELECT has_table_privilege('pg_authid', 'SELECT')").only()[0]
      .bool
    weakPasswords =
      mayReadPasswords
      ? try await names(
        "SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword !~ '^SCRAM-SHA-256' ORDER BY rolname")
      : nil
    unlimited = try await names(
      """
      SELECT r.rolname FROM pg_roles AS r
       WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolconnlimit < 0
         AND EXISTS (SELECT FROM pg_roles AS g WHERE g.rolname ~ '^bourse_' AND NOT g.rolcanlogin AND pg_has_role(r.oid, g.oid, 'MEMBER'))
       ORDER BY 1
      """)
    publicFunctions = try await names(
      """
      SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
       WHERE n.nspname = ANY (\(Self.schemas)) AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
         AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                      WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
       ORDER BY 1
      """)
    publicSchemas = try await names(
      """
      SELECT n.nspname FROM pg_namespace AS n
       WHERE n.nspname = ANY (\(Self.schemas)) AND EXISTS (SELECT FROM aclexplode(n.nspacl) AS a WHERE a.grantee = 0) ORDER BY 1
      """)
    publicMayCreate = try await connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
                      WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE')
      """
    ).only()[0].bool
    let knowsOwners = try await connection.query("SELECT to_regclass('identity.row_keys') IS NOT NULL").only()[0].bool
    openTables =
      knowsOwners
      ? try await names(
        """
        SELECT k.relation FROM identity.row_keys AS k JOIN pg_class AS c ON c.oid = k.relation_id
         WHERE k.key <> 'public' AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1
        """) : nil
    let hasUsers = try await connection.query("SELECT to_regclass('identity.users') IS NOT NULL").only()[0].bool
    ambiguousNames =
      hasUsers
      ? try await names(
        """
        SELECT u.username FROM identity.users AS u JOIN pg_roles AS r ON lower(r.rolname) = lower(u.username)
         WHERE u.deleted_at IS NULL ORDER BY 1
        """) : []
    let held = try await connection.query(
      "SELECT count(*)::int, coalesce(string_agg(DISTINCT key_id, ' '), '') FROM identity.broker_connections"
    ).only()
    connections = try held[0].int
    keyIDs = try held[1].string.split(separator: " ").map(String.init)
    unsealedSeconds = try await connection.query(
      """
      SELECT extract(epoch FROM clock_timestamp() - min(e.recorded_at))::float8 FROM ledger.portfolio_clocks AS k
        LEFT JOIN LATERAL (SELECT s.stream_xid, s.event_id FROM ops.journal_seals AS s WHERE s.portfolio_id = k.portfolio_id
                            ORDER BY s.number DESC LIMIT 1) AS s ON true
        CROSS JOIN LATERAL (SELECT v.recorded_at FROM ops.events AS v
                             WHERE v.portfolio_id = k.portfolio_id
                               AND (v.stream_xid, v.event_id) > (coalesce(s.stream_xid, '0'), coalesce(s.event_id, 0))
                             ORDER BY v.stream_xid, v.event_id LIMIT 1) AS e
      """
    ).only()[0].ifPresent?.double
  }

  private static func accessRules(_ connection: Connection) async throws -> [AccessRule]? {
    let maySee = try await connection.query(
      "SELECT has_function_privilege('pg_hba_file_rules()', 'EXECUTE') AND has_table_privilege('pg_hba_file_rules', 'SELECT')"
    ).only()[0].bool
    guard maySee else { return nil }
    return try await connection.query(
      """
      SELECT line_number, coalesce(type, ''), coalesce(array_to_string(user_name, ','), ''), coalesce(address, ''),
             coalesce(auth_method, ''), error
        FROM pg_hba_file_rules ORDER BY line_number
      """
    ).map {
      AccessRule(
        line: try $0[0].int, kind: try $0[1].string, users: try $0[2].string, address: try $0[3].string,
        method: try $0[4].string, error: try $0[5].ifPresent?.string)
    }
  }
}
