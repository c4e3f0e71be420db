import LibPQ

/// Where the journal is written.
package struct JournalEpoch: Sendable {
  package let epoch: Int
  package let server, timeline, beganAt: String
  /// False after a restore, until somebody journals.
  package let isCurrent: Bool
}

extension EngineStore {
  /// - Returns: nil before the first.
  package nonisolated(nonsending) static func journal(of options: ConnectionOptions) async throws -> JournalEpoch? {
    try await Connection.with(options) { try await EngineStore($0).journal() }
  }

  private nonisolated(nonsending) func journal() async throws -> JournalEpoch? {
    let row = try await connection.query(
      """
      SELECT e.epoch, e.system_identifier::text, e.timeline, to_char(e.began_at, 'YYYY-MM-DD HH24:MI:SS TZ'), e.is_current
        FROM ops.current_epoch AS e
      """
    ).first
    guard let row else { return nil }
    return JournalEpoch(
      epoch: try row[0].int, server: try row[1].string, timeline: try row[2].string, beganAt: try row[3].string,
      isCurrent: try row[4].bool)
  }
}
