import LibPQ

/// The bundle of code that a database has.
struct InstalledCode: Sendable, Equatable {
  let checksum: String
  /// It was installed here. False after a restore: a dump writes the record anew, and need not bring roles and grants.
  let isOfThisDatabase: Bool

  init(checksum: String, isOfThisDatabase: Bool = true) {
    self.checksum = checksum
    self.isOfThisDatabase = isOfThisDatabase
  }

  /// - Returns: nil before the first installation.
  init?(_ connection: Connection) async throws {
    // A record of an earlier development version has not all columns; its migrations tell better what is wrong.
    let row = try await connection.query(
      """
      SELECT c.checksum, coalesce((to_jsonb(c) ->> 'written_by')::xid = c.xmin
                                  AND (to_jsonb(c) ->> 'relation')::oid = c.tableoid, false)
        FROM ops.installed_code AS c
      """
    ).first
    guard let row else { return nil }
    self.init(checksum: try row[0].string, isOfThisDatabase: try row[1].bool)
  }
}
