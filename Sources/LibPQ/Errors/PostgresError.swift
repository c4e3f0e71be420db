/// Everything that can go wrong between this program and a PostgreSQL server.
///
/// ``description`` is safe to log: it holds no parameter values, row contents or passwords.
/// ``message``, ``detail`` and ``fullDescription`` hold what the server said, which may quote data.
public struct PostgresError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// What kind of failure this is. An open set: compare with `==` and keep a `default`.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    /// The server refused a statement; the session lives on. See ``PostgresError/sqlState``.
    public static let server = Code(rawValue: "server")
    /// The session ended while in use: server stopped, backend terminated or network cut.
    public static let connectionLost = Code(rawValue: "connectionLost")
    /// No session could be made.
    public static let connectionFailed = Code(rawValue: "connectionFailed")
    /// ``Connection/close()`` was called before.
    public static let closed = Code(rawValue: "closed")
    /// The time given for connecting is over.
    public static let timedOut = Code(rawValue: "timedOut")
    /// The connection options cannot be understood.
    public static let invalidOptions = Code(rawValue: "invalidOptions")
    /// A parameter cannot be sent, such as text with a NUL byte.
    public static let invalidParameter = Code(rawValue: "invalidParameter")
    /// Not run, because an earlier request of the same pipeline unit failed.
    public static let pipelineAborted = Code(rawValue: "pipelineAborted")
    /// COPY data was asked for where only rows can be, or the other way round.
    public static let unexpectedCopy = Code(rawValue: "unexpectedCopy")
    /// The call makes no sense in the connection's state, such as a query inside an open COPY.
    public static let invalidUse = Code(rawValue: "invalidUse")
    /// COMMIT was answered with ROLLBACK, because an earlier statement had failed.
    public static let commitRolledBack = Code(rawValue: "commitRolledBack")
    /// The connection was lost after COMMIT was sent: the transaction may have taken place or not.
    public static let commitUnknown = Code(rawValue: "commitUnknown")
    /// The result has no such column.
    public static let noSuchColumn = Code(rawValue: "noSuchColumn")
    /// A cell was NULL where a value was asked for.
    public static let unexpectedNull = Code(rawValue: "unexpectedNull")
    /// A cell cannot be read as the type asked for.
    public static let typeMismatch = Code(rawValue: "typeMismatch")
    /// libpq refused a call; a bug in this library or memory exhausted.
    public static let library = Code(rawValue: "library")
  }

  /// Where the failed call was made.
  public struct CallSite: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    public let line: Int
    public var description: String { "\(file):\(line)" }
  }

  private final class Fields: Sendable {
    let code: Code
    let sqlState: SQLState
    let message: String
    let server: ServerFields?
    let callSite: CallSite?
    let others: [any Error]

    init(
      code: Code, sqlState: SQLState, message: String, server: ServerFields?, callSite: CallSite?, others: [any Error]
    ) {
      self.code = code
      self.sqlState = sqlState
      self.message = message
      self.server = server
      self.callSite = callSite
      self.others = others
    }
  }

  private let fields: Fields

  init(
    _ code: Code, _ message: String, sqlState: SQLState = .none, server: ServerFields? = nil,
    callSite: CallSite? = nil, others: [any Error] = []
  ) {
    fields = Fields(
      code: code, sqlState: sqlState, message: message, server: server, callSite: callSite, others: others)
  }

  public var code: Code { fields.code }
  /// The server's SQLSTATE, or ``SQLState/none`` when the error arose on this side.
  public var sqlState: SQLState { fields.sqlState }
  public var message: String { fields.message }
  /// Untranslated: ERROR, FATAL or PANIC; empty when the error arose on this side.
  public var severity: String { fields.server?.severity ?? "" }
  public var detail: String? { fields.server?.detail }
  public var hint: String? { fields.server?.hint }
  public var context: String? { fields.server?.context }
  public var schema: String? { fields.server?.schema }
  public var table: String? { fields.server?.table }
  public var column: String? { fields.server?.column }
  public var dataType: String? { fields.server?.dataType }
  public var constraint: String? { fields.server?.constraint }
  /// Position of the error in the statement text, in characters from 1.
  public var position: Int? { fields.server?.position }
  public var callSite: CallSite? { fields.callSite }
  /// Errors that came with this one: what failed while cleaning up, or further errors of a script.
  public var others: [any Error] { fields.others }

  /// Whether the session is gone, so that only ``Connection/reset()`` or a new connection helps.
  public var isConnectionLoss: Bool { code == .connectionLost || code == .closed || code == .commitUnknown }

  /// Whether the same transaction may succeed when run again (serialization failure or deadlock).
  public var isTransient: Bool { sqlState == .serializationFailure || sqlState == .deadlockDetected }

  func at(file: String, line: Int) -> PostgresError {
    if callSite != nil { return self }
    return with(callSite: CallSite(file: file, line: line), others: others)
  }

  func adding(others more: [any Error]) -> PostgresError {
    more.isEmpty ? self : with(callSite: callSite, others: others + more)
  }

  /// The same error with another meaning for the caller.
  func recoded(_ code: Code) -> PostgresError {
    PostgresError(code, message, sqlState: sqlState, server: fields.server, callSite: callSite, others: others)
  }

  private func with(callSite: CallSite?, others: [any Error]) -> PostgresError {
    PostgresError(code, message, sqlState: sqlState, server: fields.server, callSite: callSite, others: others)
  }

  var serverFields: ServerFields? { fields.server }
}

extension PostgresError {
  /// One line without data: code, SQLSTATE, the message with quoted values masked where they may be data, the
  /// objects named by the server, the call site.
  public var description: String {
    var text = sqlState == .none ? "\(code)" : "\(code) \(sqlState)"
    text += ": \(safeMessage)"
    if let constraint { text += " [constraint \(constraint)]" }
    if let callSite { text += " (\(callSite))" }
    for other in others { text += "; then \(other)" }
    return text
  }

  public var debugDescription: String { description }

  /// Several lines with all the server said. May quote row contents and parameters: for people, not for logs.
  public var fullDescription: String {
    var text = sqlState == .none ? "\(code): \(message)" : "\(code) \(sqlState): \(message)"
    if let detail { text += "\nDETAIL: \(detail)" }
    if let hint { text += "\nHINT: \(hint)" }
    if let context { text += "\nCONTEXT: \(context)" }
    if let callSite { text += "\nAT: \(callSite)" }
    for other in others {
      text += "\nTHEN: \((other as? PostgresError)?.fullDescription ?? "\(other)")"
    }
    return text
  }

  /// Class 22 (data exception) messages quote the offending input; others quote identifiers only.
  private var safeMessage: String {
    SQLState.class("22") ~= sqlState ? maskingQuotes(message) : message
  }
}

/// Replaces what stands between double quotes by an ellipsis; an unclosed quote masks the rest.
func maskingQuotes(_ text: String) -> String {
  var masked = ""
  var inside = false
  for character in text {
    if character == "\"" {
      masked += inside ? "…\"" : "\""
      inside.toggle()
    } else if !inside {
      masked.append(character)
    }
  }
  return inside ? masked + "…" : masked
}
