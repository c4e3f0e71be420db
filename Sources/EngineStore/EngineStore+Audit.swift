import LibPQ

/// The last link of a chain of hashes: of the audit, or of the seals of a portfolio.
package struct ChainHead: Sendable, Codable {
  package let chain: String
  package let number: Int64
  /// In hexadecimal.
  package let hash: String
}

/// What ``EngineStore/verifyAudit(heads:)`` found changed, removed or inserted.
package struct AuditFault: Sendable, Encodable {
  package let relation, key, fault: String
}

extension EngineStore {
  /// Seals what the journal has new.
  /// - Returns: how many seals were made.
  package nonisolated(nonsending) func sealJournal() async throws -> Int {
    try await connection.query("SELECT ops.seal_journal()").only()[0].int
  }

  /// The heads of all chains, that of the audit first.
  package nonisolated(nonsending) func chainHeads() async throws -> [ChainHead] {
    try await connection.query(
      """
      SELECT h.chain, h.number, encode(h.hash, 'hex') FROM ops.chain_heads AS h
       ORDER BY split_part(h.chain, ':', 1), nullif(split_part(h.chain, ':', 2), '')::int
      """
    ).map { ChainHead(chain: try $0[0].string, number: try $0[1].int64, hash: try $0[2].string) }
  }

  /// - Parameter heads: JSON of ``ChainHead``s that were kept elsewhere; nil: only what the database says of itself is compared.
  package nonisolated(nonsending) func verifyAudit(heads: String?) async throws -> [AuditFault] {
    try await connection.execute(
      "SELECT v.relation, v.key, v.fault FROM ops.verify_audit($1::jsonb) AS v ORDER BY v.relation, v.key, v.fault",
      [.text(heads)]
    ).map { AuditFault(relation: try $0[0].string, key: try $0[1].string, fault: try $0[2].string) }
  }
}
