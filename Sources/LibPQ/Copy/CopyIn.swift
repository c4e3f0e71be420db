import Synchronization

/// An open COPY FROM STDIN. Holds the connection: calls by other tasks wait until ``finish(file:line:)`` or
/// ``abort(_:file:line:)``; other calls by the task that opened it are an error. If it is let go unfinished, the server
/// undoes the COPY.
///
/// `send` returns when the operating system has taken the data, so the server works on it while the caller goes on;
/// ``endData(file:line:)`` says that nothing more will come without waiting for the outcome. A refusal by the server
/// shows in the next call, which ends the COPY.
public final class CopyIn: Sendable {
  /// Columns that the server expects in each row.
  public let columnCount: Int
  public let isBinary: Bool
  private let connection: Connection
  private let gate: Gate
  private let isFinished = Atomic<Bool>(false)

  init(_ connection: Connection, gate: Gate, start: CopyProgress) {
    self.connection = connection
    self.gate = gate
    columnCount = start.columnCount
    isBinary = start.isBinary
  }

  deinit { letGo() }

  /// Sends the rows of `writer` and empties it for the next ones.
  public nonisolated(nonsending) func send(
    _ writer: inout CopyWriter, file: String = #fileID, line: Int = #line
  ) async throws {
    guard isBinary, writer.columnCount == columnCount else {
      throw PostgresError(
        .invalidUse,
        isBinary
          ? "rows of \(writer.columnCount) columns for a COPY of \(columnCount)"
          : "a CopyWriter needs COPY … WITH (FORMAT binary)"
      ).at(file: file, line: line)
    }
    // The writer cannot change meanwhile: this call has it to itself.
    nonisolated(unsafe) let bytes = writer.withUnsafeBytes { $0 }
    try await step(file, line) { try $0.putCopyRows(bytes) }
    writer.removeAll()
  }

  /// Sends raw data in the format of the COPY; rows may be cut anywhere.
  public nonisolated(nonsending) func send(
    bytes: [UInt8], file: String = #fileID, line: Int = #line
  ) async throws {
    try await step(file, line) { session in try bytes.withUnsafeBytes { try session.putCopyData($0) } }
  }

  /// Sends raw data in text or CSV format; rows may be cut anywhere.
  public nonisolated(nonsending) func send(
    text: String, file: String = #fileID, line: Int = #line
  ) async throws {
    try await send(bytes: Array(text.utf8), file: file, line: line)
  }

  /// Tells the server that all data has been sent, and returns while it still works.
  public nonisolated(nonsending) func endData(file: String = #fileID, line: Int = #line) async throws {
    try await step(file, line) { try $0.endCopyData() }
  }

  /// Ends the COPY and waits until the server has taken all rows.
  /// - Returns: rows copied.
  @discardableResult
  public nonisolated(nonsending) func finish(file: String = #fileID, line: Int = #line) async throws -> Int {
    try await finishScript(file: file, line: line)[0].affectedRows
  }

  /// Like ``finish(file:line:)`` for a script that goes on after the COPY, such as
  /// `BEGIN; COPY t FROM STDIN; SELECT check_t(); COMMIT`, to save round trips.
  /// - Returns: the results of the COPY and of all statements after it.
  public nonisolated(nonsending) func finishScript(
    file: String = #fileID, line: Int = #line
  ) async throws -> [Rows] {
    let results = try await step(file, line) { session in
      try session.endCopyData()
      return try session.finishCopyIn()
    }
    letGo()
    return results
  }

  /// Makes the server undo the COPY and waits until it has; `reason` shows in the server's log. Not cancellable.
  public nonisolated(nonsending) func abort(
    _ reason: String, file: String = #fileID, line: Int = #line
  ) async throws {
    try await step(file, line, cancellable: false) { try $0.abortCopyIn(reason) }
    letGo()
  }

  private nonisolated(nonsending) func step<T: Sendable>(
    _ file: String, _ line: Int, cancellable: Bool = true, _ body: @Sendable (Session) throws -> T
  ) async throws -> T {
    do {
      if isFinished.load(ordering: .acquiring) { throw PostgresError(.invalidUse, "the COPY has ended") }
      return try await connection.perform(cancellable: cancellable, body)
    } catch let error as PostgresError where error.code == .invalidUse {
      throw error.at(file: file, line: line)
    } catch {
      // Refused by the server, or cancelled: the COPY is over, and its locks must not wait for the next call.
      try? await connection.perform(cancellable: false) { try $0.settle() }
      letGo()
      throw (error as? PostgresError)?.at(file: file, line: line) ?? error
    }
  }

  private func letGo() {
    if !isFinished.exchange(true, ordering: .acquiringAndReleasing) { gate.leave() }
  }
}

extension Connection {
  /// Begins a COPY FROM STDIN. `sql` may be a script whose other statements come before the COPY, such as
  /// `BEGIN; COPY t FROM STDIN WITH (FORMAT binary)`, to save a round trip.
  public nonisolated(nonsending) func copyIn(
    _ sql: String, file: String = #fileID, line: Int = #line
  ) async throws -> CopyIn {
    do {
      let gate = try await enter()
      do {
        let start = try await perform { try $0.startCopyIn(sql) }
        gate.markOpenEnded()
        return CopyIn(self, gate: gate, start: start)
      } catch {
        gate.leave()
        throw error
      }
    } catch let error as PostgresError {
      throw error.at(file: file, line: line)
    }
  }

  /// Copies in what `body` sends: finishes when it returns, aborts when it throws.
  /// - Returns: rows copied.
  @discardableResult
  public nonisolated(nonsending) func copyIn(
    _ sql: String, file: String = #fileID, line: Int = #line,
    _ body: nonisolated(nonsending) (CopyIn) async throws -> Void
  ) async throws -> Int {
    let copy = try await copyIn(sql, file: file, line: line)
    do {
      try await body(copy)
    } catch {
      try? await copy.abort("the client gave up: \(type(of: error))", file: file, line: line)
      throw error
    }
    return try await copy.finish(file: file, line: line)
  }

  /// Runs a COPY TO STDOUT and hands its data to `body` piece by piece; in text and CSV format each is one row.
  /// The bytes are valid inside `body` only. When it throws, the COPY is cancelled.
  /// - Returns: rows copied.
  @discardableResult
  public nonisolated(nonsending) func copyOut(
    _ sql: String, file: String = #fileID, line: Int = #line, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> Int {
    try await holding(file, line) {
      do {
        try await self.perform { try $0.startCopyOut(sql) }
        while true {
          let (chunks, rows) = try await self.perform { try $0.nextCopyChunks() }
          for chunk in chunks { try chunk.withUnsafeBytes(body) }
          if let rows { return rows }
        }
      } catch {
        try? await self.perform(cancellable: false) { try $0.settle() }
        throw error
      }
    }
  }
}
