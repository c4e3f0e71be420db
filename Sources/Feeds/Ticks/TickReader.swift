import LibPQ
import TradingCore

/// Reads the ticks of a comma-separated file.
struct TickReader: ~Copyable, ImportReader {
  static let required: [ColumnRole] = [.ts, .symbol, .price, .size]
  static let optional: [ColumnRole] = [.time, .seq, .venue, .saleCondition, .suspicious]

  private(set) var records: RecordReader
  private(set) var symbols: SymbolTable
  /// Data rows dealt with, rejected and skipped ones included.
  private(set) var row = 0
  private(set) var rejectedCount = 0
  /// Rows of symbols that are not wanted.
  private(set) var skippedCount = 0
  /// Ticks whose place among those of their time could not be told; see ``TapeNumbering``.
  private(set) var disorderedCount = 0

  /// Days (UTC) since 2000-01-01 on which ticks were staged.
  private(set) var days: Set<Int32> = []

  private var time: TimeColumns
  private var staged = TickBatch()
  private var tapes: [TapeNumbering] = []
  /// One for each slot whose instrument has a collar.
  private var jumps: [JumpFilter?] = []
  private let price: Int
  /// Nil when the whole file is of the first slot.
  private let symbol: Int?
  /// Whether a comma separates decimals, as where a semicolon separates fields.
  private let decimalComma: Bool
  private let size, sequence, venue, saleCondition, suspicious: Int?

  /// Opens the file and reads its header.
  init(
    _ path: String, _ options: FileOptions, resolve: @escaping (String) throws -> Listing?
  ) throws {
    try options.check(roles: Self.required + Self.optional)
    var records = RecordReader(try ByteInput(path))
    let header = try records.readHeader()
    let columns = try ColumnMap(header: header, required: Self.required, optional: Self.optional, options, file: path)
    guard let time = TimeColumns(columns, options), let price = columns[.price] else {
      throw FeedError(.unusableHeader, "ticks need a time and a price")
    }
    var symbols = SymbolTable(zone: try options.zone(), resolve: resolve)
    if let name = options.symbol { _ = try symbols.add(name) }
    decimalComma = records.separator == UInt8(ascii: ";")
    self.records = records
    self.symbols = symbols
    (self.time, self.price, size, sequence) = (time, price, columns[.size], columns[.seq])
    symbol = columns[.symbol]
    (venue, saleCondition, suspicious) = (columns[.venue], columns[.saleCondition], columns[.suspicious])
  }

  /// Appends ticks to `batch` until it has `tickLimit` of them or `rowLimit` rows have been read.
  /// - Parameter reject: receives the rows that could not be used.
  /// - Returns: false at the end of the file.
  mutating func read(
    into batch: inout TickBatch, tickLimit: Int, rowLimit: Int = .max, reject: (RejectedRow) -> Void
  ) throws -> Bool {
    var rowsLeft = rowLimit
    while batch.count < tickLimit && rowsLeft > 0 {
      rowsLeft -= 1
      switch try records.advance() {
      case .end: return false
      case .malformed(let reason):
        row += 1
        rejectedCount += 1
        reject(RejectedRow(line: records.line, reason: reason, content: records.content))
      case .record:
        row += 1
        if let problem = try readTick(into: &batch) {
          rejectedCount += 1
          reject(
            RejectedRow(
              line: records.line, reason: problem.reason(records), content: records.content, kind: problem.kind))
        }
      }
    }
    return true
  }

  @inline(__always)
  private mutating func readTick(into batch: inout TickBatch) throws -> RowProblem? {
    var slot = 0
    if let symbol {
      guard let found = try symbols.slot(of: records.field(symbol).trimmed) else { return .symbol(symbol) }
      slot = found
    }
    guard let listing = symbols.slots[slot].listing else {
      skippedCount += 1
      return nil
    }
    guard let written = time.read(records) else { return .time(time) }
    guard let microseconds = symbols.instant(written, slot: slot, mayRepeat: true) else {
      return .skippedTime(time, symbols.zoneName(slot: slot))
    }
    guard let instant = try? Timestamp(microseconds: microseconds) else { return .time(time) }
    guard Tick.isTime(instant) else { return .year(time) }
    guard instant >= listing.earliest else { return .dropped(time) }
    guard let price = records.field(self.price).trimmed.number(decimalComma: decimalComma) else {
      return .number("price", self.price)
    }
    guard Tick.isPrice(price) else {
      return price > 0 ? .extreme("price", self.price) : .notPositive("price", self.price)
    }
    var size = 0.0
    if let column = self.size {
      guard let value = records.field(column).trimmed.volume(decimalComma: decimalComma) else {
        return .number("size", column)
      }
      guard Tick.isSize(value) else { return value < 0 ? .negative("size", column) : .extreme("size", column) }
      size = value
    }
    var venue: Field?
    var condition: Field?
    if let column = self.venue {
      venue = records.field(column).trimmed
      guard venue!.isText else { return .text("venue", column) }
    }
    if let column = saleCondition {
      condition = records.field(column).trimmed
      guard condition!.isText else { return .text("sale condition", column) }
    }
    var isSuspicious = false
    if let column = suspicious {
      guard let flag = records.field(column).trimmed.flag else { return .flag(column) }
      isSuspicious = flag
    }
    var given: Int64?
    if let column = sequence {
      given = Int64(records.field(column).trimmed.string)
      if given == nil { return .number("seq", column) }
    }
    while tapes.count <= slot {
      let listing = symbols.slots[tapes.count].listing
      tapes.append(TapeNumbering())
      jumps.append(listing?.collar.map { JumpFilter(collar: $0) })
    }
    if let condition, !listing.suspiciousConditions.isEmpty, !isSuspicious {
      isSuspicious = listing.suspiciousConditions.contains(condition.string)
    }
    // What the feed doubts itself is stored, and looked at no further.
    if !isSuspicious, jumps[slot]?.isJump(price) == true { return .jump(self.price) }
    var number = tapes[slot].number(instant.microseconds).map(Int64.init)
    if number == nil {
      disorderedCount += 1
      number = -Int64(disorderedCount)
    }
    batch.append(
      Tick(instrument: listing.instrument, time: instant, price: price, size: size, sequence: given ?? number!),
      venue: venue,
      saleCondition: condition, isSuspicious: isSuspicious)
    return nil
  }
}

extension TickReader {
  /// Whether the file says itself what the number of each tick is.
  var isNumbered: Bool { sequence != nil }

  func hasRows(slot: Int) -> Bool { slot < tapes.count && !tapes[slot].isEmpty }

  mutating func stage(_ writer: inout CopyWriter, rowLimit: Int, reject: (RejectedRow) -> Void) throws -> Bool {
    // Taken out while it is filled, because the reader is being changed as well.
    var batch = TickBatch()
    swap(&batch, &staged)
    defer { swap(&batch, &staged) }
    batch.removeAll()
    let hasMore = try read(into: &batch, tickLimit: .max, rowLimit: rowLimit, reject: reject)
    var last: Int32?
    for tick in batch.ticks {
      let day = Int32(tick.time.microseconds.quotientAndRemainder(flooredBy: WrittenTime.microsecondsPerDay).0)
      if day != last { days.insert(day) }
      last = day
    }
    batch.write(to: &writer)
    return hasMore
  }
}

/// What is wrong with a row; put into words only when it is reported.
enum RowProblem: Error {
  case symbol(Int)
  case time(TimeColumns)
  case skippedTime(TimeColumns, String)
  case year(TimeColumns)
  case dropped(TimeColumns)
  case number(StaticString, Int)
  case notPositive(StaticString, Int)
  case negative(StaticString, Int)
  case extreme(StaticString, Int)
  case text(StaticString, Int)
  case flag(Int)
  case jump(Int)
  case other(String)

  func reason(_ records: borrowing RecordReader) -> String {
    func text(_ column: Int) -> String { records.field(column).trimmed.string.replacing("\0", with: "\u{FFFD}") }
    func text(_ time: TimeColumns) -> String {
      [time.date, time.timeOfDay].compactMap { $0 }.map(text).joined(separator: " ")
    }
    func shown(_ text: String) -> String {
      text.count > 40 ? "\"\(text.prefix(40))…\"" : "\"\(text)\""
    }
    func shown(_ column: Int) -> String { shown(text(column)) }
    func shown(_ time: TimeColumns) -> String { shown(text(time)) }
    func isMissing(_ column: Int) -> Bool { records.field(column).trimmed.isEmpty }
    switch self {
    case .symbol(let column): return isMissing(column) ? "symbol is missing" : "symbol \(shown(column)) is not readable"
    case .time(let time):
      if isMissing(time.date) || time.timeOfDay.map(isMissing) == true { return "time is missing" }
      return "time \(shown(time)) \(VendorTime(text(time)).problem ?? "is not readable")"
    case .skippedTime(let time, let zone):
      return "time \(shown(time)) does not exist in \(zone): its clocks skip it (TR112)"
    case .year(let column): return "time \(shown(column)) is not between 1900 and 2200"
    case .dropped(let column): return "time \(shown(column)) is of a day whose ticks have been dropped"
    case .number(let name, let column):
      return isMissing(column) ? "\(name) is missing" : "\(name) \(shown(column)) is no finite number"
    case .notPositive(let name, let column): return "\(name) \(shown(column)) is not positive"
    case .negative(let name, let column): return "\(name) \(shown(column)) is negative"
    case .extreme(let name, let column): return "\(name) \(shown(column)) is too large or too small to compute with"
    case .text(let name, _): return "\(name) is no text in UTF-8"
    case .flag(let column): return "suspicious \(shown(column)) is neither true nor false"
    case .jump(let column): return "price \(shown(column)) is a jump beyond the collar around those before it"
    case .other(let reason): return reason
    }
  }

  /// What market.rejected_ticks calls it.
  var kind: RejectedRow.Kind? {
    switch self {
    case .time, .skippedTime, .year, .dropped: .time
    case .number(let name, _), .extreme(let name, _):
      switch name.description {
      case "price": .price
      case "size": .size
      default: nil
      }
    case .notPositive: .price
    case .negative: .size
    case .jump: .jump
    case .symbol, .text, .flag, .other: nil
    }
  }
}

extension Field {
  /// 0 or 1, or t, f, true, false, y, n, yes, no in any case; empty is false. Nil when it is something else.
  @inline(__always)
  var flag: Bool? {
    if count == 1, start[0] | 1 == 0x31 { return start[0] == 0x31 }
    return count == 0 ? false : slowFlag
  }

  private var slowFlag: Bool? {
    switch count <= 5 ? string.lowercased() : "" {
    case "t", "true", "y", "yes": true
    case "f", "false", "n", "no": false
    default: nil
    }
  }
}
