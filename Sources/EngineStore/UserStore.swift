import LibPQ

/// Somebody who acts: a user with tokens, or a role of the database that logs in by itself.
package struct Principal: Sendable, Encodable {
  package let name: String
  /// `user` or `login`.
  package let kind: String
  /// What they may be; several groups of a login role stand side by side.
  package let role: String
  package let tier: String?
  package let email: String?
  /// `active`, `disabled` or `deleted`.
  package let status: String
  package let lastLoginAt: String?
}

/// Users, login roles, and what is shown to them.
package struct UserStore: Sendable {
  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// Users first, then login roles in groups of the engine, by name.
  package func all() async throws -> [Principal] {
    try await connection.query(
      """
      SELECT u.username, 'user', u.role::text, u.tier, u.email,
             CASE WHEN u.deleted_at IS NOT NULL THEN 'deleted' WHEN u.disabled_at IS NOT NULL THEN 'disabled'
                  ELSE 'active' END,
             to_char(u.last_login_at, 'YYYY-MM-DD HH24:MI:SSOF')
        FROM identity.users AS u
      UNION ALL
      SELECT r.rolname, 'login', string_agg(substr(g.rolname, 8), ', ' ORDER BY g.rolname), NULL, NULL,
             CASE WHEN r.rolcanlogin THEN 'active' ELSE 'disabled' END, NULL
        FROM pg_roles AS r JOIN pg_auth_members AS m ON m.member = r.oid JOIN pg_roles AS g ON g.oid = m.roleid
       WHERE g.rolname ~ '^bourse_' AND r.rolname !~ '^bourse_'
       GROUP BY r.rolname, r.rolcanlogin
       ORDER BY 2 DESC, 1
      """
    ).map { row in
      Principal(
        name: try row[0].string, kind: try row[1].string, role: try row[2].string, tier: try row[3].ifPresent?.string,
        email: try row[4].ifPresent?.string, status: try row[5].string, lastLoginAt: try row[6].ifPresent?.string)
    }
  }

  /// - Throws: TR701, TR725, TR727.
  package func create(
    _ username: String, email: String?, password: String, role: String, tier: String
  ) async throws {
    try await connection.query(
      "SELECT FROM identity.create_user($1, $2, $3, $4, $5)",
      [.text(username), .text(email), .text(password), .text(role), .text(tier)])
  }

  /// The fewest characters of a password.
  package func shortestPassword() async throws -> Int {
    Int(try await connection.query("SELECT s.shortest_password FROM identity.settings AS s").only()[0].int32)
  }

  /// The server gets a verifier of the password, and never the password.
  /// - Parameter password: nil: the server lets the role in by other means.
  /// - Throws: TR701, TR725, TR727.
  package func createLogin(_ username: String, password: String?, role: String) async throws {
    var verifier: String?
    if let password { verifier = try await connection.scramVerifier(of: password, for: username) }
    try await connection.query(
      "SELECT identity.create_login($1, $2, $3)", [.text(username), .text(verifier), .text(role)])
  }

  /// A user, or a login role when no user has the name.
  /// - Throws: TR701, TR726.
  package func disable(_ username: String, _ disabled: Bool) async throws {
    let isUser = try await connection.query(
      "SELECT EXISTS (SELECT FROM identity.users AS u WHERE lower(u.username) = lower($1) AND u.deleted_at IS NULL)",
      [.text(username)]
    ).only()[0].bool
    try await connection.query(
      isUser
        ? "SELECT FROM identity.update_user($1, disabled => $2)" : "SELECT identity.disable_login($1, $2)",
      [.text(username), .bool(disabled)])
  }

  /// - Parameters:
  ///   - right: `read` or `trade`; nil takes the share back.
  ///   - until: a time as PostgreSQL reads it.
  /// - Throws: TR211, TR701, TR702, TR703.
  package func share(_ portfolio: String, with username: String, right: String?, until: String?) async throws {
    guard let right else {
      try await connection.query(
        "SELECT FROM identity.unshare_portfolio($1, $2)", [.text(portfolio), .text(username)])
      return
    }
    try await connection.query(
      "SELECT FROM identity.share_portfolio($1, $2, $3, $4::text::timestamptz)",
      [.text(portfolio), .text(username), .text(right), .text(until)])
  }
}
