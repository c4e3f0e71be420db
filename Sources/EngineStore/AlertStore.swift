import LibPQ

/// A notification that is to be tried now, with the sealed secret of its channel.
package struct ClaimedNotification: Sendable {
  package let id: String
  package let channelID: Int32
  package let channel, kind: String
  package let address: String?
  package let payload: String
  package let connection: SealedConnection?
  package let isOfStaff: Bool
}

/// A letter of `identity.outbox` that is to be sent now.
package struct ClaimedLetter: Sendable {
  package let id: Int64
  package let kind, email, username, token, expiresAt: String
}

/// What has become of an alert.
package struct AlertChange: Sendable {
  package let event: String
  package let id: Int64
  package let rule, subject, severity: String
}

/// An alert as people look at it.
package struct Alert: Sendable, Encodable {
  package let id: Int64
  package let owner: String?
  package let rule, subject, severity, state: String
  package let value: Double?
  package let detail: String?
  package let openedAt: String
  package let resolvedAt: String?
}

/// Alerts and their outbox.
package struct AlertStore: Sendable {
  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  // MARK: What runners do

  /// Evaluates what is due.
  /// - Parameter slow: the rules that may take minutes, instead of the others.
  package nonisolated(nonsending) func evaluate(slow: Bool) async throws -> [AlertChange] {
    let changes = try await connection.execute(
      "SELECT e.event, e.alert_id, e.rule, e.subject, e.severity::text FROM ops.evaluate_alerts(slow => $1) AS e",
      [.bool(slow)]
    ).map {
      AlertChange(
        event: try $0[0].string, id: try $0[1].int64, rule: try $0[2].string, subject: try $0[3].string,
        severity: try $0[4].string)
    }
    // What the query of a condition may have locked, which no end of a transaction frees.
    try await connection.query("SELECT FROM pg_advisory_unlock_all()")
    return changes
  }

  package nonisolated(nonsending) func claimNotifications() async throws -> [ClaimedNotification] {
    try await connection.query(
      """
      SELECT c.notification_id::text, c.channel_id, c.channel, c.kind::text, c.address, c.payload::text, c.connection_id::text,
             c.owner, c.broker, c.url, c.key_id, c.credentials, c.is_of_staff
        FROM ops.claim_notifications() AS c
      """
    ).map { row in
      let channel = try row[2].string
      var sealed: SealedConnection?
      if let id = try row[6].ifPresent?.string {
        sealed = SealedConnection(
          connectionID: id, owner: try row[7].string, name: channel, broker: try row[8].string,
          url: try row[9].ifPresent?.string, keyID: try row[10].string, credentials: try row[11].bytes)
      }
      return ClaimedNotification(
        id: try row[0].string, channelID: try row[1].int32, channel: channel, kind: try row[3].string,
        address: try row[4].ifPresent?.string, payload: try row[5].string, connection: sealed,
        isOfStaff: try row[12].bool)
    }
  }

  /// - Parameter error: why it was not accepted; nil: it was.
  package nonisolated(nonsending) func noteDelivery(_ id: String, error: String?) async throws {
    try await connection.execute("SELECT ops.note_delivery($1::uuid, $2)", [.text(id), .text(error)])
  }

  package nonisolated(nonsending) func claimLetters() async throws -> [ClaimedLetter] {
    try await connection.query(
      """
      SELECT l.message_id, l.kind, l.email, l.username, l.token,
             to_char(l.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
        FROM identity.claim_letters() AS l
      """
    ).map {
      ClaimedLetter(
        id: try $0[0].int64, kind: try $0[1].string, email: try $0[2].string, username: try $0[3].string,
        token: try $0[4].string, expiresAt: try $0[5].string)
    }
  }

  package nonisolated(nonsending) func letterSent(_ id: Int64) async throws {
    try await connection.execute("SELECT identity.letter_sent($1)", [.int8(id)])
  }

  /// Where the server has its data, when it is on this machine and says so.
  package nonisolated(nonsending) func localDataFolder() async throws -> String? {
    try await connection.query(
      """
      SELECT s.setting FROM pg_settings AS s
       WHERE s.name = 'data_directory' AND inet_server_addr() IS NOT DISTINCT FROM inet_client_addr()
      """
    ).first?[0].string
  }

  package nonisolated(nonsending) func report(_ metric: String, of subject: String, _ value: Double) async throws {
    try await connection.execute(
      "SELECT ops.report_gauge($1, $2, $3)", [.text(metric), .text(subject), .float8(value)])
  }

  // MARK: What people do

  /// - Parameter all: also those that are over, the latest hundred.
  package nonisolated(nonsending) func alerts(all: Bool) async throws -> [Alert] {
    try await connection.execute(
      """
      SELECT a.alert_id, a.owner, a.rule, a.subject, a.severity::text, a.state::text, a.value, a.detail,
             to_char(a.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             to_char(a.resolved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        FROM ops.alerts AS a
       WHERE a.state <> 'resolved' OR $1
       ORDER BY a.resolved_at IS NOT NULL, a.severity DESC, a.alert_id DESC LIMIT CASE WHEN $1 THEN 100 ELSE 1000 END
      """, [.bool(all)]
    ).map {
      Alert(
        id: try $0[0].int64, owner: try $0[1].ifPresent?.string, rule: try $0[2].string, subject: try $0[3].string,
        severity: try $0[4].string, state: try $0[5].string, value: try $0[6].ifPresent?.double,
        detail: try $0[7].ifPresent?.string, openedAt: try $0[8].string, resolvedAt: try $0[9].ifPresent?.string)
    }
  }

  /// - Throws: TR808, TR809.
  package nonisolated(nonsending) func acknowledge(_ id: Int64) async throws {
    try await connection.execute("SELECT FROM ops.acknowledge_alert($1)", [.int8(id)])
  }

  /// - Parameter duration: as PostgreSQL reads an interval.
  /// - Throws: TR808, TR809, TR810.
  package nonisolated(nonsending) func silence(_ id: Int64, for duration: String) async throws {
    try await connection.execute(
      "SELECT FROM ops.silence_alert($1, clock_timestamp() + $2::text::interval)", [.int8(id), .text(duration)])
  }

  /// - Returns: the identifier of the notification.
  /// - Throws: TR807, TR812.
  package nonisolated(nonsending) func test(_ channel: String) async throws -> String {
    try await connection.execute("SELECT ops.test_alert_channel($1)::text", [.text(channel)]).only()[0].string
  }

  /// What has become of a notification: delivered, waiting or dead, and why it failed last.
  package nonisolated(nonsending) func delivery(_ id: String) async throws -> (state: String, error: String?) {
    let row = try await connection.execute(
      """
      SELECT CASE WHEN n.delivered_at IS NOT NULL THEN 'delivered' WHEN n.dead_at IS NOT NULL THEN 'dead' ELSE 'waiting' END,
             n.error
        FROM ops.notifications AS n WHERE n.notification_id = $1::uuid
      """, [.text(id)]
    ).only()
    return (try row[0].string, try row[1].ifPresent?.string)
  }

  /// - Throws: TR812.
  package nonisolated(nonsending) func replay(_ channel: String) async throws -> Int64 {
    try await connection.execute("SELECT ops.replay_notifications($1)", [.text(channel)]).only()[0].int64
  }
}
