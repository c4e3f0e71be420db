/// What an ErrorResponse or NoticeResponse says beside its code and text.
struct ServerFields: Sendable {
  var severity: String
  var detail: String?
  var hint: String?
  var context: String?
  var schema: String?
  var table: String?
  var column: String?
  var dataType: String?
  var constraint: String?
  var position: Int?
  /// The server's C function that raised the error: stable across languages, unlike the text.
  var routine: String?
}

/// A NOTICE, WARNING, INFO, LOG or DEBUG message of the server.
public struct Notice: Sendable {
  public let severity: String
  public let sqlState: SQLState
  public let message: String
  public let detail: String?
  public let hint: String?
}
