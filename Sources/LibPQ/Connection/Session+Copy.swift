import CLibPQ

/// What is known of the COPY FROM STDIN under way.
struct CopyProgress: Sendable {
  let isBinary: Bool
  let columnCount: Int
  /// Header and trailer of the binary format are ours when rows come from a ``CopyWriter``.
  var hasHeader = false
  var hasEnded = false
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

  func putCopyRows(_ rows: UnsafeRawBufferPointer) throws {
    if copy?.hasHeader == false {
      copy?.hasHeader = true
      try Self.binaryHeader.withUnsafeBytes { try putCopyData($0) }
    }
    try putCopyData(rows)
  }

  func putCopyData(_ data: UnsafeRawBufferPointer) throws {
    guard copy?.hasEnded == false else { throw PostgresError(.invalidUse, "the end of the data was sent before") }
    var offset = 0
    while offset < data.count {
      let count = min(Self.pieceSize, data.count - offset)
      let piece = data.baseAddress!.assumingMemoryBound(to: CChar.self) + offset
      switch PQputCopyData(wire.pointer, piece, Int32(count)) {
      case 1:
        offset += count
        try flush()
      case 0: try flush()
      default: _ = try finishCopyIn()
      }
    }
  }

  func endCopyData() throws {
    guard copy?.hasEnded == false else { return }
    if copy?.isBinary == true, copy?.hasHeader == true {
      try Self.binaryTrailer.withUnsafeBytes { try putCopyData($0) }
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
  func finishCopyIn() throws -> Int {
    defer {
      copy = nil
      unfinished = nil
    }
    let results = try checked(try finishCommand())
    return results.first?.affectedRows ?? 0
  }

  func startCopyOut(_ sql: String) throws {
    _ = try startCopy(sql, PGRES_COPY_OUT, "copyOut() needs COPY … TO STDOUT")
    unfinished = .copyOut
  }

  /// Some chunks, and at the end the number of rows.
  func nextCopyChunks() throws -> ([CopyChunk], rows: Int?) {
    var chunks: [CopyChunk] = []
    var byteCount = 0
    while byteCount < Self.pieceSize {
      guard let chunk = try run(CopyOutExchange()) else {
        unfinished = nil
        return (chunks, try checked(try finishCommand()).first?.affectedRows ?? 0)
      }
      byteCount += chunk.count + 64
      chunks.append(chunk)
    }
    return (chunks, nil)
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
      cancelRunning()
      while try run(CopyOutExchange()) != nil {}
    default:
      wire.abandon()
      throw PostgresError(.unexpectedCopy, "the replication protocol is not supported")
    }
    while let next = try nextResult() {
      if [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(next.status) { try refuseCopy(next.status, hint) }
    }
    throw PostgresError(.unexpectedCopy, hint)
  }
}
