import EngineStore
import LibPQ

/// Imports files of market data into the database, each in one transaction.
package struct FileImport: Sendable {
  package var kind: ImportStore.Kind
  package var options: FileOptions
  /// Exchange of the symbols; nil is where they are known, and `US` for new ones.
  package var exchange: String?
  /// Bars only; nil infers it.
  package var resolution: BarResolution?

  package init(
    _ kind: ImportStore.Kind, options: FileOptions = FileOptions(), exchange: String? = nil,
    resolution: BarResolution? = nil
  ) {
    self.kind = kind
    self.options = options
    self.exchange = exchange
    self.resolution = resolution
  }

  package struct Report: Sendable, Equatable {
    package var source: String
    package var importID: Int32
    /// Data rows in the file; each was inserted, known or rejected.
    package var rows: Int
    package var inserted: Int
    package var known: Int
    /// Known ones that differ from what is stored; the stored ones stay.
    package var differing: Int
    package var rejected: Int
    /// Those of them that are in market.rejected_ticks, as `import <importID>`; the others are in ops.import_rejects.
    package var refused: Int
    package var symbols: Int
    /// Length of the bars as an interval; nil for ticks.
    package var resolution: String?
    package var duration: Duration
  }

  package struct Progress: Sendable {
    package enum Phase: Sendable { case reading, storing }
    package var phase: Phase
    package var rows: Int
    /// Bytes read of the file as it lies on the disk, and all of them; nil for a pipe.
    package var bytes: Int
    package var size: Int?
  }

  /// Opens a file and reads its header, to refuse what cannot be used before anything happens.
  package func check(_ path: String) throws {
    switch kind {
    case .bars: _ = try BarReader(path, options) { _ in nil }
    case .ticks: _ = try TickReader(path, options) { _ in nil }
    }
  }

  /// Imports one file; `-` is standard input.
  package func run(
    _ path: String, on connection: Connection, progress: (Progress) -> Void = { _ in }
  ) async throws -> Report {
    switch kind {
    case .bars:
      try await run(path, on: connection, progress: progress) { (reader: borrowing BarReader, request) in
        let resolution = try reader.resolution(given: resolution)
        request.resolution = resolution.description
        request.hasDays = resolution.isWholeDays
        request.mayRepeat = reader.suspectCount > 0 || (resolution.isWholeDays && !reader.hasOnlyDates)
      }
    case .ticks:
      try await run(path, on: connection, progress: progress) { (reader: borrowing TickReader, request) in
        request.days = reader.days
        request.isDisordered = reader.disorderedCount > 0 && !reader.isNumbered
      }
    }
  }

  private func run<Reader: ImportReader & ~Copyable>(
    _ path: String, on connection: Connection, progress: (Progress) -> Void,
    complete: (borrowing Reader, inout ImportStore.Request) throws -> Void
  ) async throws -> Report {
    let start = ContinuousClock.now
    let store = try await ImportStore(connection, kind)
    let listings = try await store.listings(exchange: exchange)
    var slots: Int32 = 0
    var reader = try Reader(path, options) { symbol in
      if let names = listings.ambiguous[symbol] {
        throw FeedError(
          .ambiguousSymbol, "the symbol \(symbol) is ambiguous: it trades as \(names); choose with --exchange")
      }
      defer { slots += 1 }
      return Listing(
        instrument: slots, timeZone: listings.timeZones[symbol] ?? listings.defaultTimeZone,
        dayStart: listings.dayStarts[symbol] ?? listings.defaultDayStart)
    }
    try await stage(&reader, store) { progress($0) }
    var request = ImportStore.Request(
      source: path, symbols: reader.symbols.slots.enumerated().map { reader.hasRows(slot: $0) ? $1.symbol : nil },
      exchange: exchange, rowsRead: reader.row,
      rowsRejected: reader.rejectedCount)
    try complete(reader, &request)
    progress(
      Progress(phase: .storing, rows: reader.row, bytes: reader.records.input.offset, size: reader.records.input.size))
    let outcome = try await store.store(request)
    return Report(
      source: path, importID: outcome.importID, rows: reader.row, inserted: outcome.inserted, known: outcome.known,
      differing: outcome.differing, rejected: outcome.rejected, refused: outcome.refused,
      symbols: request.symbols.count { $0 != nil },
      resolution: request.resolution, duration: ContinuousClock.now - start)
  }

  /// Sends the file's rows to the staging tables.
  private func stage<Reader: ImportReader & ~Copyable>(
    _ reader: inout Reader, _ store: ImportStore, progress: (Progress) -> Void
  ) async throws {
    var rows = CopyWriter(columnCount: store.columnCount, capacity: 2 << 20)
    var rejects = CopyWriter(columnCount: 3)
    var rejectsLeft = ImportStore.rejectLimit
    var copy: CopyIn?
    var hasMore = true
    while hasMore {
      try Task.checkCancellation()
      hasMore = try reader.stage(&rows, rowLimit: 10_000) { row in
        if rejectsLeft > 0 { rejects.write(row) }
        rejectsLeft -= 1
      }
      if rows.rowCount > 0 {
        if copy == nil { copy = try await store.copyRows() }
        try await copy?.send(&rows)
      }
      progress(
        Progress(phase: .reading, rows: reader.row, bytes: reader.records.input.offset, size: reader.records.input.size)
      )
      // One COPY at a time: that of the rows makes room when many rejects have gathered, and at the end.
      if rejects.byteCount > 1 << 20 || !hasMore {
        try await copy?.finish()
        copy = nil
        if rejects.rowCount > 0 {
          let rejectCopy = try await store.copyRejects()
          try await rejectCopy.send(&rejects)
          try await rejectCopy.finish()
        }
      }
    }
  }
}

extension CopyWriter {
  fileprivate mutating func write(_ row: RejectedRow) {
    startRow()
    write(int8: Int64(row.line))
    write(text: row.reason)
    write(text: row.content)
  }
}
