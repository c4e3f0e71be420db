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
  /// Bars only: who sold them, as candles name their source.
  package var vendor: String?
  /// Ticks only: the file has all trades of its days.
  package var isComplete: Bool

  package init(
    _ kind: ImportStore.Kind, options: FileOptions = FileOptions(), exchange: String? = nil,
    resolution: BarResolution? = nil, vendor: String? = nil, isComplete: Bool = false
  ) {
    self.kind = kind
    self.options = options
    self.exchange = exchange
    self.resolution = resolution
    self.vendor = vendor
    self.isComplete = isComplete
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
    /// The first row that could not be used.
    package var firstReject: RejectedRow?
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
    if ByteInput.isStream(path) { return }
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
      if let report = try await runNewBars(path, on: connection, progress: progress) { return report }
      return try await run(path, on: connection, progress: progress) { (reader: borrowing BarReader, request) in
        let resolution = try reader.resolution(given: resolution)
        request.resolution = resolution.description
        request.vendor = vendor
        request.hasDays = resolution.isWholeDays
        request.mayRepeat = reader.suspectCount > 0 || (resolution.isWholeDays && !reader.hasOnlyDates)
      }
    case .ticks:
      if let report = try await runNewTicks(path, on: connection, progress: progress) { return report }
      return try await run(path, on: connection, progress: progress) { (reader: borrowing TickReader, request) in
        request.days = reader.days
        request.isComplete = isComplete
        request.isDisordered = reader.disorderedCount > 0 && !reader.isNumbered
      }
    }
  }

  /// Copies a file of ticks that are all new, and in order, to where they belong; see ``TickSurvey``.
  /// - Returns: nil, and nothing has happened, when it is no such file.
  private func runNewTicks(
    _ path: String, on connection: Connection, progress: (Progress) -> Void
  ) async throws -> Report? {
    let start = ContinuousClock.now
    let store = try await ImportStore(connection, kind)
    let listings = try await store.listings(exchange: exchange)
    var slots: Int32 = 0
    var symbols: [String] = []
    guard
      let survey = try TickSurvey.look(
        at: path, options,
        { symbol in
          defer { slots += 1 }
          symbols.append(symbol)
          return try listings.listing(of: symbol, slot: slots)
        })
    else { return nil }
    var request = ImportStore.Request(
      source: path,
      symbols: symbols.enumerated().map { $0 < survey.spans.count && survey.spans[$0] != nil ? $1 : nil },
      exchange: exchange, rowsRead: 0, rowsRejected: 0)
    request.days = Set(survey.days.map { Int32(truncatingIfNeeded: $0) })
    request.isComplete = isComplete
    let spans = survey.spans + [EngineStore.TickSpan?](repeating: nil, count: symbols.count - survey.spans.count)
    let outcome = try await store.storeNew(&request, spans) { file, request in
      try await copyNewTicks(path, file, store, listings, &request, progress: progress)
    }
    guard let outcome else { return nil }
    return Report(
      source: path, importID: outcome.importID, rows: request.rowsRead, inserted: outcome.inserted,
      known: outcome.known, differing: outcome.differing, rejected: outcome.rejected, refused: outcome.refused,
      symbols: request.symbols.count { $0 != nil }, resolution: nil, duration: ContinuousClock.now - start)
  }

  private func copyNewTicks(
    _ path: String, _ file: ImportStore.NewTickFile, _ store: ImportStore, _ listings: ImportStore.Listings,
    _ request: inout ImportStore.Request, progress: (Progress) -> Void
  ) async throws -> (copied: Int, refused: Int) {
    var slots: Int32 = 0
    var reader = try TickReader(path, options) { symbol in
      defer { slots += 1 }
      var listing = try listings.listing(of: symbol, slot: slots)
      if Int(slots) < file.instruments.count, let instrument = file.instruments[Int(slots)] {
        listing.suspiciousConditions = file.references[instrument]?.suspiciousConditions ?? []
      }
      return listing
    }
    var ticks = NewTicks(
      EngineStore(store.connection), instruments: file.instruments, references: file.references, targets: file.targets)
    var rejects = Rejects()
    var batch = TickBatch()
    var hasMore = true
    while hasMore {
      try Task.checkCancellation()
      batch.removeAll()
      hasMore = try reader.read(into: &batch, tickLimit: .max, rowLimit: 10_000) { rejects.add($0) }
      guard reader.disorderedCount == 0 else { throw ImportStore.NotNew() }
      try await ticks.store(&batch)
      progress(
        Progress(phase: .reading, rows: reader.row, bytes: reader.records.input.offset, size: reader.records.input.size)
      )
      if rejects.isFull || !hasMore {
        try await ticks.pause()
        try await rejects.send(to: store)
      }
    }
    progress(
      Progress(phase: .storing, rows: reader.row, bytes: reader.records.input.offset, size: reader.records.input.size))
    try await ticks.finish(feed: file.feed)
    (request.rowsRead, request.rowsRejected) = (reader.row, reader.rejectedCount)
    return (ticks.count, ticks.refused.count)
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
      defer { slots += 1 }
      return try listings.listing(of: symbol, slot: slots)
    }
    let firstReject = try await stage(&reader, store) { progress($0) }
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
      firstReject: firstReject,
      symbols: request.symbols.count { $0 != nil },
      resolution: request.resolution, duration: ContinuousClock.now - start)
  }

  /// Sends the file's rows to the staging tables.
  private func stage<Reader: ImportReader & ~Copyable>(
    _ reader: inout Reader, _ store: ImportStore, progress: (Progress) -> Void
  ) async throws -> RejectedRow? {
    var rows = CopyWriter(columnCount: store.columnCount, capacity: 2 << 20)
    var rejects = Rejects()
    var copy: CopyIn?
    var hasMore = true
    while hasMore {
      try Task.checkCancellation()
      hasMore = try reader.stage(&rows, rowLimit: 10_000) { rejects.add($0) }
      if rows.rowCount > 0 {
        if copy == nil { copy = try await store.copyRows() }
        try await copy?.send(&rows)
      }
      progress(
        Progress(phase: .reading, rows: reader.row, bytes: reader.records.input.offset, size: reader.records.input.size)
      )
      // One COPY at a time: that of the rows makes room when many rejects have gathered, and at the end.
      if rejects.isFull || !hasMore {
        try await copy?.finish()
        copy = nil
        try await rejects.send(to: store)
      }
    }
    return rejects.first
  }
}

/// Rows that could not be used, on their way to the server.
struct Rejects: ~Copyable {
  private var rows = CopyWriter(columnCount: 3)
  private var left = ImportStore.rejectLimit
  private(set) var first: RejectedRow?

  var isFull: Bool { rows.byteCount > 1 << 20 }

  mutating func add(_ row: RejectedRow) {
    if first == nil { first = row }
    defer { left -= 1 }
    guard left > 0 else { return }
    rows.startRow()
    rows.write(int8: Int64(row.line))
    rows.write(text: row.reason)
    rows.write(text: row.content)
  }

  mutating func send(to store: ImportStore) async throws {
    guard rows.rowCount > 0 else { return }
    let copy = try await store.copyRejects()
    try await copy.send(&rows)
    try await copy.finish()
  }
}

extension ImportStore.Listings {
  /// What a file's symbol stands for: a slot, until the rows are stored.
  func listing(of symbol: String, slot: Int32) throws(FeedError) -> Listing {
    if let colon = symbol.firstIndex(of: ":") {
      let code = symbol[..<colon].uppercased()
      guard let exchange = exchanges[code] else {
        throw FeedError(
          .unknownSymbol,
          "there is no exchange \(code), which the symbol \(symbol) names; add it with market.add_exchange(...)")
      }
      return Listing(instrument: slot, timeZone: exchange.timeZone, dayStart: exchange.dayStart)
    }
    if let names = ambiguous[symbol] {
      throw FeedError(
        .ambiguousSymbol, "the symbol \(symbol) is ambiguous: it trades as \(names); choose with --exchange")
    }
    return Listing(
      instrument: slot, timeZone: timeZones[symbol] ?? defaultTimeZone, dayStart: dayStarts[symbol] ?? defaultDayStart)
  }
}
