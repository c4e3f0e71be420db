/// Why nothing, or not all, was installed: one line that says what is wrong and one that says what to do.
package struct MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The folder of SQL files is incomplete or out of order.
    case badTree
    /// A migration that the database has was changed, renamed or removed since.
    case edited, renamed, missing
    /// The database has migrations that this folder does not know.
    case newerSchema
    /// TimescaleDB is not there, not loaded, too old or without the features of its own licence.
    case noTimescale
    /// Schemas of somebody else have the names of ours.
    case foreignSchema
    /// The server is too old, a standby, or does not store UTF-8.
    case unsuitableServer
    /// The connected role lacks a right.
    case notPermitted
    /// A statement of one of the files failed; nothing of its transaction remains.
    case statementFailed
    /// A migration ended its transaction by itself, so its parts may be half applied.
    case leftTransaction
    /// Other sessions hold what the installation needs.
    case inUse
  }

  package let code: Code
  package let message: String
  package let hint: String
  /// The server's code when a statement failed.
  let sqlState: String?

  init(_ code: Code, _ message: String, hint: String, sqlState: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
    self.sqlState = sqlState
  }

  /// True when the request itself was turned down, false when it broke while it was carried out.
  package var isRefusal: Bool { code != .statementFailed && code != .leftTransaction }

  package var description: String { "\(message); \(hint)" }
}
