/// Whether a row stream goes on.
public enum RowDecision: Sendable { case next, stop }

extension Connection {
  /// Runs a query and hands out its rows one after the other without keeping them, for results larger than memory.
  ///
  /// `body` runs where the caller runs; when it throws or answers ``RowDecision/stop`` the rest of the query is
  /// cancelled. The connection is held until then.
  /// - Returns: rows handed out.
  @discardableResult
  public nonisolated(nonsending) func forEachRow(
    _ sql: String, _ parameters: [Value] = [], format: Format = .text, file: String = #fileID, line: Int = #line,
    _ body: (Row) throws -> RowDecision
  ) async throws -> Int {
    try await holding(file, line) {
      var count = 0
      do {
        try await self.perform { try $0.startRows(sql, parameters, format) }
        while let rows = try await self.perform({ try $0.nextRows() }) {
          for row in rows {
            count += 1
            if try body(row) == .stop {
              try await self.perform(cancellable: false) { try $0.settle() }
              return count
            }
          }
        }
        return count
      } catch {
        try? await self.perform(cancellable: false) { try $0.settle() }
        throw error
      }
    }
  }
}
