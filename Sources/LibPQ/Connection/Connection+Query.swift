extension Connection {
  /// Runs one statement with parameters `$1`, `$2`… and returns its complete result.
  ///
  /// Text format can carry every type; binary is faster to decode for numbers and times.
  @discardableResult
  public nonisolated(nonsending) func query(
    _ sql: String, _ parameters: [Value] = [], format: Format = .text, file: String = #fileID, line: Int = #line
  ) async throws -> Rows {
    try await exclusively(file, line) { try $0.query(sql, parameters, format) }
  }

  /// Like ``query(_:_:format:file:line:)``, through a prepared statement that is made at the first use of this text
  /// with these parameter types and kept.
  @discardableResult
  public nonisolated(nonsending) func execute(
    _ sql: String, _ parameters: [Value] = [], format: Format = .text, file: String = #fileID, line: Int = #line
  ) async throws -> Rows {
    try await exclusively(file, line) { try $0.execute(sql, parameters, format) }
  }

  /// Prepares a statement ahead of its first ``execute(_:_:format:file:line:)`` with parameters of these types.
  public nonisolated(nonsending) func prepare(
    _ sql: String, _ types: [TypeOID] = [], file: String = #fileID, line: Int = #line
  ) async throws {
    try await exclusively(file, line) { try $0.prepare(sql, types) }
  }

  /// Runs a script of several statements without parameters; one result per statement.
  ///
  /// Without BEGIN in it the script is one transaction. The first error ends it.
  @discardableResult
  public nonisolated(nonsending) func script(
    _ sql: String, file: String = #fileID, line: Int = #line
  ) async throws -> [Rows] {
    try await exclusively(file, line) { try $0.script(sql) }
  }

  /// What `CREATE ROLE … PASSWORD` takes in place of a password: the verifier of SCRAM-SHA-256, from which nobody gets it
  /// back. Each has a salt of its own.
  public nonisolated(nonsending) func scramVerifier(
    of password: String, for role: String, file: String = #fileID, line: Int = #line
  ) async throws -> String {
    try await exclusively(file, line) { try $0.wire.scramVerifier(of: password, for: role) }
  }

  /// Runs statements from an isolated context: `try await connection.run { connection in … }` makes all calls inside
  /// without a change of threads. Others may come in between two calls; use a transaction to keep them out.
  public func run<T: Sendable>(
    _ body: @Sendable (isolated Connection) async throws -> T
  ) async rethrows -> T {
    try await body(self)
  }
}
