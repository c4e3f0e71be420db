import EngineStore
import LibPQ

/// Bars of a file that are copied as they are read, and their candles. Whatever the order of the file, those of an instrument are
/// neighbours in the table: they are read together, and the index grows at its instruments' ends.
struct NewBars: ~Copyable {
  /// Bars that are put in order at a time.
  static let limit = 100_000
  /// Bytes of candles that wait until no bars are being copied.
  private static let rollupLimit = 32 << 20

  private let instruments: [Int32?]
  private let resolution: Int64
  private let vendor: String?
  private var bars: [VendorBar] = []
  private var rows = CopyWriter(columnCount: ImportStore.barColumnCount, capacity: 2 << 20)
  private var fold: BarFold
  private var copy: CopyIn?
  private let store: ImportStore
  private(set) var count = 0

  /// - Parameter resolution: of all bars, in microseconds.
  init(_ store: ImportStore, _ file: ImportStore.NewBarFile, resolution: Int64, vendor: String?) {
    (self.store, self.resolution, self.vendor) = (store, resolution, vendor)
    instruments = file.instruments
    fold = BarFold(instruments: file.instruments, grids: file.grids, resolution: resolution, vendor: vendor)
  }

  var isFull: Bool { bars.count >= Self.limit - 10_000 }

  mutating func add(_ bar: VendorBar) { bars.append(bar) }

  /// Sends what has gathered.
  mutating func send() async throws {
    guard !bars.isEmpty else { return }
    if copy == nil { copy = try await store.copyBars() }
    for place in order {
      let bar = bars[Int(place)]
      guard let instrument = instruments[Int(bar.slot)] else { throw ImportStore.NotNew() }
      try fold.add(bar)
      rows.startRow()
      rows.write(int4: instrument)
      rows.write(interval: resolution)
      rows.write(timestamptz: bar.time.microseconds)
      rows.write(float8: bar.open)
      rows.write(float8: bar.high)
      rows.write(float8: bar.low)
      rows.write(float8: bar.close)
      rows.write(float8: bar.volume)
      rows.write(float8: bar.adjustedClose)
      rows.write(text: vendor)
      if rows.rowCount == 10_000 { try await copy?.send(&rows) }
    }
    if rows.rowCount > 0 { try await copy?.send(&rows) }
    count += bars.count
    bars.removeAll(keepingCapacity: true)
    if fold.rows.byteCount > Self.rollupLimit { try await sendCandles() }
  }

  /// Sends the rest.
  mutating func finish() async throws {
    try await send()
    fold.finish()
    try await sendCandles()
  }

  private mutating func sendCandles() async throws {
    try await pause()
    guard fold.rows.rowCount > 0 else { return }
    let copy = try await store.copyRollups()
    try await copy.send(&fold.rows)
    try await copy.finish()
  }

  /// The places of the bars by slot, and within a slot as they came.
  private var order: [Int32] {
    var starts = [Int32](repeating: 0, count: instruments.count + 1)
    for bar in bars { starts[Int(bar.slot) + 1] += 1 }
    for slot in instruments.indices { starts[slot + 1] += starts[slot] }
    var places = [Int32](repeating: 0, count: bars.count)
    for (place, bar) in bars.enumerated() {
      places[Int(starts[Int(bar.slot)])] = Int32(place)
      starts[Int(bar.slot)] += 1
    }
    return places
  }

  /// Lets the connection go for something else.
  mutating func pause() async throws {
    try await copy?.finish()
    copy = nil
  }
}

extension FileImport {
  /// Copies a file of bars shorter than a day, of which none is stored and no time comes twice, to where they belong. A first look
  /// tells the length of its bars and when those of each symbol begin and end.
  /// - Returns: nil, and nothing has happened, when it is no such file, or a pipe, which can be read only once.
  func runNewBars(
    _ path: String, on connection: Connection, progress: (Progress) -> Void
  ) async throws -> Report? {
    if ByteInput.isStream(path) { return nil }
    let start = ContinuousClock.now
    let store = try await ImportStore(connection, kind)
    let listings = try await store.listings(exchange: exchange)
    var survey = try reader(path, listings)
    while try survey.read(rowLimit: 10_000, reject: { _ in }, { _, _, _ in }) { try Task.checkCancellation() }
    let length = try survey.resolution(given: resolution)
    let spans = survey.spans
    guard survey.suspectCount == 0, !length.isWholeDays, survey.row > survey.rejectedCount else { return nil }
    var request = ImportStore.Request(
      source: path, symbols: survey.symbols.slots.enumerated().map { survey.hasRows(slot: $0) ? $1.symbol : nil },
      exchange: exchange, rowsRead: survey.row, rowsRejected: survey.rejectedCount)
    request.resolution = length.description
    request.vendor = vendor
    var first: RejectedRow?
    let outcome = try await store.storeNewBars(&request, spans) { file in
      var bars = NewBars(store, file, resolution: length.seconds * 1_000_000, vendor: vendor)
      first = try await copyNewBars(path, &bars, store, listings, survey, progress: progress)
      return bars.count
    }
    guard let outcome else { return nil }
    return Report(
      source: path, importID: outcome.importID, rows: request.rowsRead, inserted: outcome.inserted, known: 0,
      differing: 0, rejected: outcome.rejected, refused: 0, firstReject: first,
      symbols: request.symbols.count { $0 != nil }, resolution: request.resolution,
      duration: ContinuousClock.now - start)
  }

  private func copyNewBars(
    _ path: String, _ bars: inout NewBars, _ store: ImportStore, _ listings: ImportStore.Listings,
    _ survey: borrowing BarReader, progress: (Progress) -> Void
  ) async throws -> RejectedRow? {
    var reader = try reader(path, listings)
    var rejects = Rejects()
    var hasMore = true
    while hasMore {
      try Task.checkCancellation()
      hasMore = try reader.read(rowLimit: 10_000, reject: { rejects.add($0) }) { bar, _, _ in bars.add(bar) }
      // Another file than a moment ago may have symbols that nobody has looked up.
      guard reader.row <= survey.row, reader.spans.count <= survey.spans.count else { throw ImportStore.NotNew() }
      if bars.isFull || rejects.isFull { try await bars.send() }
      if !hasMore { try await bars.finish() }
      if rejects.isFull || !hasMore {
        try await bars.pause()
        try await rejects.send(to: store)
      }
      progress(
        Progress(
          phase: hasMore ? .reading : .storing, rows: reader.row, bytes: reader.records.input.offset,
          size: reader.records.input.size))
    }
    guard reader.row == survey.row, reader.rejectedCount == survey.rejectedCount, reader.spans == survey.spans,
      reader.suspectCount == 0
    else { throw ImportStore.NotNew() }
    return rejects.first
  }

  private func reader(_ path: String, _ listings: ImportStore.Listings) throws -> BarReader {
    var slots: Int32 = 0
    return try BarReader(path, options) { symbol in
      defer { slots += 1 }
      return try listings.listing(of: symbol, slot: slots)
    }
  }
}
