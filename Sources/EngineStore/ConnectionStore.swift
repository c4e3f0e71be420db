import LibPQ

/// An account at a broker, without what logs in to it.
package struct BrokerConnection: Sendable, Encodable {
  package let connectionID, owner, name, broker: String
  package let url: String?
  package let keyID: String
  package let portfolios: [String]
  package let createdAt, rotatedAt: String
}

/// The same with its credentials, sealed.
package struct SealedConnection: Sendable {
  package let connectionID, owner, name, broker: String
  package let url: String?
  package let keyID: String
  package let credentials: [UInt8]

  package init(
    connectionID: String, owner: String, name: String, broker: String, url: String?, keyID: String, credentials: [UInt8]
  ) {
    self.connectionID = connectionID
    self.owner = owner
    self.name = name
    self.broker = broker
    self.url = url
    self.keyID = keyID
    self.credentials = credentials
  }
}

/// Broker connections in the database. What goes there is sealed already.
package struct ConnectionStore: Sendable {
  package let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// Who acts, and the identifier of their connection of this name, or a new one.
  package nonisolated(nonsending) func place(of name: String) async throws -> (owner: String, connectionID: String) {
    let row = try await connection.execute(
      """
      SELECT ops.actor(), coalesce((SELECT c.connection_id FROM identity.broker_connections AS c
                                     WHERE c.owner = ops.actor() AND c.name = $1), gen_random_uuid())::text
      """, [.text(name)]
    ).only()
    return (try row[0].string, try row[1].string)
  }

  /// Stores it, or new credentials for it.
  package nonisolated(nonsending) func put(_ sealed: SealedConnection, portfolios: [String]?) async throws {
    try await connection.execute(
      "SELECT identity.put_connection($1::uuid, $2, $3, $4, $5, $6, $7)",
      [
        .text(sealed.connectionID), .text(sealed.name), .text(sealed.broker), .text(sealed.url), .text(sealed.keyID),
        .bytea(sealed.credentials), .texts(portfolios),
      ])
  }

  package nonisolated(nonsending) func remove(_ name: String, owner: String?) async throws {
    try await connection.execute("SELECT identity.remove_connection($1, $2)", [.text(name), .text(owner)])
  }

  package nonisolated(nonsending) func all() async throws -> [BrokerConnection] {
    try await connection.query(
      """
      SELECT c.connection_id::text, c.owner, c.name, c.broker, c.url, c.key_id,
             ARRAY(SELECT p.name FROM identity.connection_portfolios AS n JOIN trading.portfolios AS p USING (portfolio_id)
                    WHERE n.connection_id = c.connection_id ORDER BY p.name)::text,
             to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             to_char(c.rotated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        FROM identity.broker_connections AS c ORDER BY c.owner, c.name
      """
    ).map { row in
      // Names of portfolios have neither commas nor quotes.
      let names = try row[6].string.dropFirst().dropLast()
      return BrokerConnection(
        connectionID: try row[0].string, owner: try row[1].string, name: try row[2].string, broker: try row[3].string,
        url: try row[4].ifPresent?.string, keyID: try row[5].string,
        portfolios: names.split(separator: ",").map(String.init), createdAt: try row[7].string,
        rotatedAt: try row[8].string)
    }
  }

  /// Those of who acts, for runners and administrators all.
  /// - Parameter toRotate: nobody changes them until the transaction ends.
  package nonisolated(nonsending) func sealed(toRotate: Bool) async throws -> [SealedConnection] {
    try await connection.execute(
      """
      SELECT c.connection_id::text, c.owner, c.name, c.broker, c.url, c.key_id, c.credentials
        FROM identity.sealed_connections($1) AS c
      """, [.bool(toRotate)]
    ).map {
      SealedConnection(
        connectionID: try $0[0].string, owner: try $0[1].string, name: try $0[2].string, broker: try $0[3].string,
        url: try $0[4].ifPresent?.string, keyID: try $0[5].string, credentials: try $0[6].bytes)
    }
  }

  /// - Parameter credentials: of each, in hexadecimal.
  package nonisolated(nonsending) func rotate(
    _ connectionIDs: [String], credentials: [String], keyID: String
  ) async throws {
    try await connection.execute(
      "SELECT identity.rotate_connections($1::text[]::uuid[], $2, $3)",
      [.texts(connectionIDs), .texts(credentials), .text(keyID)])
  }
}
