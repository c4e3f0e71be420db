import CLibPQ

/// What is known of the COPY FROM STDIN under way.
struct CopyProgress: Sendable {
  let isBinary: Bool
  let columnCount: Int
  var content = Content.nothing
  var hasEnded = false

  /// What was sent. Header and trailer of the binary format are ours unless the caller sends the file as it is.
  enum Content { case nothing, rows, raw }
}

extension Session {
  /// PGCOPY\n\377\r\n\0, no flags, no extension.
  private static let binaryHeader: [UInt8] = [
    0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
  ]
  private static let binaryTrailer: [UInt8] = [0xFF, 0xFF]
  /// libpq copies each piece into its own buffer, which this bounds.
  private static let pieceSize = 64 * 1024

  func startCopyIn(_ sql: String) throws -> CopyProgress {
    let result = try startCopy(sql, PGRES_COPY_IN, "copyIn() needs COPY … FROM STDIN")
    let progress = CopyProgress(isBinary: PQbinaryTuples(result.pointer) == 1, columnCount: result.columnCount)
    copy = progress
    unfinished = .copyIn
    return progress
  }

  /// Sends rows of a ``CopyWriter``.
  func putCopyRows(_ rows: UnsafeRawBufferPointer) throws {
    let isFirst = try begin(.rows)
    if isFirst { try Self.binaryHeader.withUnsafeBytes { try putCopyBytes($0) } }
    try putCopyBytes(rows)
  }

  /// Sends data as it is.
  func putCopyData(_ data: UnsafeRawBufferPointer) throws {
    _ = try begin(.raw)
    try putCopyBytes(data)
  }

  private func begin(_ content: CopyProgress.Content) throws -> Bool {
    guard let progress = copy, !progress.hasEnded else {
      throw PostgresError(.invalidUse, "the end of the data was sent before")
    }
    guard progress.content == .nothing || progress.content == content else {
      throw PostgresError(.invalidUse, "a COPY takes rows of a CopyWriter or raw data, not both")
    }
    copy?.content = content
    return progress.content == .nothing
  }

  private func putCopyBytes(_ data: UnsafeRawBufferPointer) throws {
    var offset = 0
    while offset < data.count {
      let count = min(Self.pieceSize, data.count - offset)
      let piece = data.baseAddress!.assumingMemoryBound(to: CChar.self) + offset
      switch PQputCopyData(wire.pointer, piece, Int32(count)) {
      case 1:
        offset += count
        try flush()
      case 0: try flush()
      default:
        // The server has ended the COPY by itself.
        _ = try finishCopyIn()
        throw PostgresError(.library, "the COPY ended before its data did")
      }
    }
  }

  func endCopyData() throws {
    guard let progress = copy, !progress.hasEnded else { return }
    if progress.isBinary, progress.content != .raw {
      if progress.content == .nothing { try Self.binaryHeader.withUnsafeBytes { try putCopyBytes($0) } }
      try Self.binaryTrailer.withUnsafeBytes { try putCopyBytes($0) }
    }
    copy?.hasEnded = true
    try endCopyIn(failure: nil)
  }

  func abortCopyIn(_ reason: String) throws {
    let hadEnded = copy?.hasEnded ?? true
    if !hadEnded { try endCopyIn(failure: reason) }
    do {
      _ = try finishCopyIn()
    } catch let error as PostgresError where error.sqlState == .queryCanceled && !hadEnded {
      // Server's answer to a failure that the client declared.
    }
  }

  /// Takes the server's answer to the COPY and to what came after it in the script.
  func finishCopyIn() throws -> [Rows] {
    defer {
      copy = nil
      unfinished = nil
    }
    let results = try checked(try finishCommand())
    results.forEach(noteCommand)
    return results.map(Rows.init)
  }

  func startCopyOut(_ sql: String) throws {
    _ = try startCopy(sql, PGRES_COPY_OUT, "copyOut() needs COPY … TO STDOUT")
    unfinished = .copyOut
  }

  /// Some chunks, and at the end the number of rows.
  func nextCopyChunks() throws -> ([CopyChunk], rows: Int?) {
    let piece = try run(CopyOutExchange())
    if !piece.isLast { return (piece.chunks, nil) }
    unfinished = nil
    return (piece.chunks, try checked(try finishCommand())[0].affectedRows)
  }

  /// Sends a script and takes its results up to the wanted COPY.
  private func startCopy(_ sql: String, _ wanted: ExecStatusType, _ hint: String) throws -> ResultHandle {
    try settle()
    try checkStatement(sql)
    try wire.check(PQsendQuery(wire.pointer, sql))
    try flush()
    var results: [ResultHandle] = []
    while let result = try nextResult() {
      switch result.status {
      case wanted: return result
      case PGRES_COPY_IN, PGRES_COPY_OUT:
        try refuseCopy(result.status, hint)
      default: results.append(result)
      }
    }
    if results.contains(where: \.isError) { _ = try checked(results) }
    throw PostgresError(.unexpectedCopy, hint)
  }

  /// Ends a COPY that nobody can serve, with all that comes after it, and throws.
  func refuseCopy(_ status: ExecStatusType, _ hint: String) throws -> Never {
    switch status {
    case PGRES_COPY_IN: try endCopyIn(failure: hint)
    case PGRES_COPY_OUT:
      try cancelCopyOut()
    default:
      wire.abandon()
      throw PostgresError(.unexpectedCopy, "the replication protocol is not supported")
    }
    try discardResults()
    throw PostgresError(.unexpectedCopy, hint)
  }
}
