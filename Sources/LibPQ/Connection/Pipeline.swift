/// One statement of a pipeline.
public struct Request: Sendable {
  public var sql: String
  public var parameters: [Value]
  public var format: Format
  /// Whether to go through the connection's cache of prepared statements; worth it for statements sent often.
  public var isPrepared: Bool

  public init(_ sql: String, _ parameters: [Value] = [], format: Format = .text, isPrepared: Bool = true) {
    self.sql = sql
    self.parameters = parameters
    self.format = format
    self.isPrepared = isPrepared
  }
}

/// Where a pipeline's sync points are. A unit ends at each: outside an explicit transaction the unit commits or is
/// undone as a whole, and after a failure the rest of the unit is not run.
public enum PipelineSync: Sendable {
  /// One unit of all requests.
  case once
  /// A unit of its own for every so many requests; `.every(1)` makes each independent of the others.
  case every(Int)
}

extension Connection {
  /// Sends many statements without waiting for each answer; results in the order of the requests.
  ///
  /// A failed request has its own error; those of the same unit after it have ``PostgresError/Code/pipelineAborted``.
  /// Throws only when the pipeline as a whole could not run: connection lost, cancelled, or a request that can be no
  /// part of a pipeline (COPY, or a parameter that cannot be sent), in which case nothing was sent.
  public nonisolated(nonsending) func pipeline(
    _ requests: [Request], sync: PipelineSync = .once, file: String = #fileID, line: Int = #line
  ) async throws -> [Result<Rows, PostgresError>] {
    if requests.isEmpty { return [] }
    return try await exclusively(file, line) { try $0.pipeline(requests, sync) }
  }
}
