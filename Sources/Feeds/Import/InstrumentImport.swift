import EngineStore
import LibPQ

/// Imports instrument masters: what can be traded, at what terms, and what a broker calls it. Each file goes into one
/// transaction; `market.put_instruments` judges the rows.
package struct InstrumentImport: Sendable {
  private static let required: [ColumnRole] = [.symbol]
  private static let optional: [ColumnRole] = [
    .exchange, .name, .kind, .currency, .tickSize, .lotSize, .multiplier, .sector, .expiresOn, .strike, .optionRight,
    .underlying, .initialMargin, .maintenanceMargin, .isShortable, .isActive, .alias,
  ]

  package var options: FileOptions
  /// Exchange of all rows; nil reads it from its column, and is `US` for a file without one.
  package var exchange: String?
  /// Whose names the column `alias` has; nil leaves it unread.
  package var broker: String?

  package init(options: FileOptions = FileOptions(), exchange: String? = nil, broker: String? = nil) {
    self.options = options
    self.exchange = exchange
    self.broker = broker
  }

  package struct Report: Sendable, Equatable {
    package var source: String
    package var importID: Int32
    /// Data rows in the file; each was added, changed, known or rejected.
    package var rows = 0
    package var added = 0
    /// Known ones whose terms were not those of the file, and are now.
    package var changed = 0
    package var known = 0
    package var rejected = 0
    /// The first row that could not be used.
    package var firstReject: RejectedRow?
    package var duration = Duration.zero

    mutating func note(_ reject: (line: Int, reason: String, content: String)) {
      if firstReject != nil { return }
      firstReject = RejectedRow(line: reject.line, reason: reject.reason, content: reject.content)
    }
  }

  /// Rows of one call.
  private struct Batch {
    var json: [UInt8] = []
    var lines: [(line: Int, content: String)] = []
  }

  /// Opens a file and reads its header, to refuse what cannot be used before anything happens.
  package func check(_ path: String) throws { _ = try open(path) }

  private struct Opened: ~Copyable {
    var records: RecordReader
    let columns: ColumnMap
  }

  private func open(_ path: String) throws -> Opened {
    try options.check(roles: Self.required + Self.optional)
    var records = RecordReader(try ByteInput(path))
    let header = try records.readHeader()
    let columns = try ColumnMap(header: header, required: Self.required, optional: Self.optional, options, file: path)
    return Opened(records: records, columns: columns)
  }

  /// Imports one file; `-` is standard input.
  package func run(_ path: String, on connection: Connection) async throws -> Report {
    let start = ContinuousClock.now
    var file = try open(path)
    let exchange = exchange ?? (file.columns[.exchange] == nil ? "US" : nil)
    return try await connection.transaction { _ in
      let store = try await InstrumentStore(connection, source: path)
      var report = Report(source: path, importID: store.importID)
      // What is on another instrument waits until all that stand alone are there.
      var rejects: [(line: Int, reason: String, content: String)] = []
      var batch = Batch()
      var waiting: [Batch] = [Batch()]
      reading: while true {
        switch try file.records.advance() {
        case .end: break reading
        case .malformed(let reason):
          report.rows += 1
          report.rejected += 1
          rejects.append((file.records.line, reason, file.records.content))
          report.note(rejects[rejects.count - 1])
          if rejects.count == InstrumentStore.batchSize {
            try await store.reject(rejects)
            rejects = []
          }
        case .record:
          report.rows += 1
          if Self.standsAlone(file.records, file.columns) {
            append(file.records, file.columns, to: &batch)
          } else {
            if waiting[waiting.count - 1].lines.count == InstrumentStore.batchSize { waiting.append(Batch()) }
            append(file.records, file.columns, to: &waiting[waiting.count - 1])
          }
        }
        if batch.lines.count == InstrumentStore.batchSize {
          try await put(&batch, exchange, store, &report)
        }
      }
      try await store.reject(rejects)
      try await put(&batch, exchange, store, &report)
      for index in waiting.indices { try await put(&waiting[index], exchange, store, &report) }
      try await store.finish(rows: report.rows, inserted: report.added, rejected: report.rejected)
      report.duration = ContinuousClock.now - start
      return report
    }
  }

  private func put(
    _ batch: inout Batch, _ exchange: String?, _ store: InstrumentStore, _ report: inout Report
  ) async throws {
    guard !batch.lines.isEmpty else { return }
    let json = "[" + String(decoding: batch.json, as: UTF8.self) + "]"
    var rejects: [(line: Int, reason: String, content: String)] = []
    for (index, result) in try await store.put(json, exchange: exchange, broker: broker).enumerated() {
      switch result.outcome {
      case .added: report.added += 1
      case .changed: report.changed += 1
      case .known: report.known += 1
      case .rejected:
        report.rejected += 1
        rejects.append((batch.lines[index].line, result.reason ?? "", batch.lines[index].content))
        report.note(rejects[rejects.count - 1])
      }
    }
    try await store.reject(rejects)
    batch = Batch()
  }

  /// Whether a record is on no other instrument: of a file without a column for that, what does not expire.
  private static func standsAlone(_ records: borrowing RecordReader, _ columns: ColumnMap) -> Bool {
    guard let column = columns[.underlying] ?? columns[.expiresOn] else { return true }
    return records.field(column).trimmed.isEmpty
  }

  /// Adds a record as a JSON object whose keys are the roles.
  private func append(_ records: borrowing RecordReader, _ columns: ColumnMap, to batch: inout Batch) {
    if !batch.lines.isEmpty { batch.json.append(UInt8(ascii: ",")) }
    batch.json.append(UInt8(ascii: "{"))
    var isFirst = true
    for role in Self.required + Self.optional {
      var text = ""
      if let column = columns[role] { text = records.field(column).trimmed.string }
      if role == .symbol, let symbol = options.symbol { text = symbol }
      if text.isEmpty || role == .alias && broker == nil { continue }
      if role == .expiresOn { text = VendorTime(text, options.dateOrder).isoDay ?? text }
      if !isFirst { batch.json.append(UInt8(ascii: ",")) }
      isFirst = false
      batch.json.append(contentsOf: "\"\(role.rawValue)\":".utf8)
      Self.append(text, to: &batch.json)
    }
    batch.json.append(UInt8(ascii: "}"))
    batch.lines.append((records.line, records.content))
  }

  private static func append(_ text: String, to json: inout [UInt8]) {
    json.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
      // Control characters become blanks: they belong into no term, and JSON forbids them.
      case ..<0x20: json.append(0x20)
      default: json.append(byte)
      }
    }
    json.append(UInt8(ascii: "\""))
  }
}
