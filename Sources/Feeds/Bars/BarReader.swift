import LibPQ
import TradingCore

/// A vendor's bar as its file has it, before its instrument and the length of the file's bars are known.
struct VendorBar: Equatable {
  var slot: Int32
  /// Start of the bar.
  var time: Timestamp
  /// Days from 2000-01-01 to the day to which it belongs if it is a day bar.
  var day: Int32
  var open, high, low, close, volume: Double
  var adjustedClose: Double?
}

/// Reads the bars of a comma-separated file.
struct BarReader: ~Copyable, ImportReader {
  static let required: [ColumnRole] = [.ts, .symbol, .open, .high, .low, .close, .volume]
  static let optional: [ColumnRole] = [.adjustedClose]

  private(set) var records: RecordReader
  private(set) var symbols: SymbolTable
  private(set) var row = 0
  private(set) var rejectedCount = 0
  /// Whether no row so far had a time of day.
  private(set) var hasOnlyDates = true
  /// Smallest distance in microseconds between neighbouring bars of a symbol.
  private(set) var smallestStep: Int64?
  /// Rows that may repeat the time of an earlier one.
  private(set) var suspectCount = 0

  private struct Tape {
    var last: Int64
    var earliest: Int64
    var latest: Int64
  }

  private var times = TimeParser()
  private var tapes: [Tape?] = []
  private let time, open, high, low, close: Int
  private let symbol, volume, adjustedClose: Int?

  init(_ path: String, _ options: FileOptions, resolve: @escaping (String) throws -> Listing?) throws {
    try options.check(roles: Self.required + Self.optional)
    var records = RecordReader(try ByteInput(path))
    let header = try records.readHeader()
    let columns = try ColumnMap(header: header, required: Self.required, optional: Self.optional, options, file: path)
    guard let time = columns[.ts], let open = columns[.open], let high = columns[.high], let low = columns[.low],
      let close = columns[.close]
    else { throw FeedError(.unusableHeader, "bars need a time and four prices") }
    var symbols = SymbolTable(zone: try options.zone(), resolve: resolve)
    if let name = options.symbol { _ = try symbols.add(name) }
    self.records = records
    self.symbols = symbols
    (self.time, self.open, self.high, self.low, self.close) = (time, open, high, low, close)
    (symbol, volume, adjustedClose) = (columns[.symbol], columns[.volume], columns[.adjustedClose])
  }

  /// Reads up to `rowLimit` rows and hands out their bars.
  /// - Parameter body: receives each bar, and whether its time may have occurred before.
  /// - Returns: false at the end of the file.
  mutating func read(
    rowLimit: Int, reject: (RejectedRow) -> Void, _ body: (VendorBar, _ isSuspect: Bool, borrowing RecordReader) -> Void
  ) throws -> Bool {
    for _ in 0..<rowLimit {
      switch try records.advance() {
      case .end: return false
      case .malformed(let reason):
        row += 1
        rejectedCount += 1
        reject(RejectedRow(line: records.line, reason: reason, content: records.content))
      case .record:
        row += 1
        switch try readBar() {
        case .success(let bar):
          let isSuspect = note(bar)
          if isSuspect { suspectCount += 1 }
          body(bar, isSuspect, records)
        case .failure(let problem):
          rejectedCount += 1
          reject(RejectedRow(line: records.line, reason: problem.reason(records), content: records.content))
        }
      }
    }
    return true
  }

  private mutating func readBar() throws -> Result<VendorBar, RowProblem> {
    var slot = 0
    if let symbol {
      guard let found = try symbols.slot(of: records.field(symbol).trimmed) else { return .failure(.symbol(symbol)) }
      slot = found
    }
    guard let written = times.parse(records.field(time).trimmed),
      let instant = try? Timestamp(microseconds: symbols.instant(written, slot: slot))
    else { return .failure(.time(time)) }
    var prices: (Double, Double, Double, Double) = (0, 0, 0, 0)
    do throws(RowProblem) {
      prices = (try price("open", open), try price("high", high), try price("low", low), try price("close", close))
    } catch {
      return .failure(error)
    }
    var bar = VendorBar(
      slot: Int32(slot), time: instant, day: symbols.day(written, instant: instant.microseconds, slot: slot),
      open: prices.0, high: prices.1, low: prices.2, close: prices.3, volume: 0)
    if bar.high < bar.low { return .failure(.other("high is below low")) }
    if bar.open < bar.low || bar.open > bar.high { return .failure(.other("open is not between low and high")) }
    if bar.close < bar.low || bar.close > bar.high { return .failure(.other("close is not between low and high")) }
    if let column = volume {
      guard let volume = records.field(column).trimmed.double else { return .failure(.number("volume", column)) }
      guard Tick.isSize(volume) else {
        return .failure(volume < 0 ? .negative("volume", column) : .extreme("volume", column))
      }
      bar.volume = volume
    }
    if let column = adjustedClose, case let field = records.field(column).trimmed, !field.isEmpty {
      guard let value = field.double else { return .failure(.number("adjusted close", column)) }
      bar.adjustedClose = value
    }
    if written.hasTimeOfDay { hasOnlyDates = false }
    return .success(bar)
  }

  private func price(_ name: StaticString, _ column: Int) throws(RowProblem) -> Double {
    guard let value = records.field(column).trimmed.double else { throw .number(name, column) }
    guard Tick.isPrice(value) else { throw value > 0 ? .extreme(name, column) : .notPositive(name, column) }
    return value
  }

  /// Keeps account of the times of the bar's symbol; says whether this one may have occurred before.
  private mutating func note(_ bar: VendorBar) -> Bool {
    let slot = Int(bar.slot)
    let time = bar.time.microseconds
    while tapes.count <= slot { tapes.append(nil) }
    guard var tape = tapes[slot] else {
      tapes[slot] = Tape(last: time, earliest: time, latest: time)
      return false
    }
    let step = abs(time - tape.last)
    if step > 0 { smallestStep = min(smallestStep ?? step, step) }
    let isSuspect = time >= tape.earliest && time <= tape.latest
    tape.last = time
    tape.earliest = min(tape.earliest, time)
    tape.latest = max(tape.latest, time)
    tapes[slot] = tape
    return isSuspect
  }

  /// The length of the bars, once all are read: as `given`, a day when there are dates only, else the smallest step.
  func resolution(given: BarResolution?) throws(FeedError) -> BarResolution {
    if let given { return given }
    if hasOnlyDates { return .day }
    guard let step = smallestStep else {
      throw FeedError(
        .unknownResolution,
        "\(records.input.name) has only one bar of each symbol, so the length of its bars is unknown; say it with --resolution"
      )
    }
    guard let resolution = BarResolution(step: step) else {
      throw FeedError(
        .unknownResolution,
        "bars in \(records.input.name) are \(Double(step) / 1_000_000) seconds apart, which is no usual length; say it with --resolution"
      )
    }
    return resolution
  }

  // MARK: Import

  func hasRows(slot: Int) -> Bool { slot < tapes.count && tapes[slot] != nil }

  mutating func stage(_ writer: inout CopyWriter, rowLimit: Int, reject: (RejectedRow) -> Void) throws -> Bool {
    try read(rowLimit: rowLimit, reject: reject) { bar, isSuspect, records in
      writer.startRow()
      writer.write(int4: bar.slot)
      writer.write(timestamptz: bar.time.microseconds)
      writer.write(date: bar.day)
      writer.write(float8: bar.open)
      writer.write(float8: bar.high)
      writer.write(float8: bar.low)
      writer.write(float8: bar.close)
      writer.write(float8: bar.volume)
      writer.write(float8: bar.adjustedClose)
      writer.write(int8: Int64(records.line))
      // Only a bar that may turn out to be the second of its time needs its text, to be rejected with it.
      writer.write(text: isSuspect ? records.content : nil)
    }
  }
}
