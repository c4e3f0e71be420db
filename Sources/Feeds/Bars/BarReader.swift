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
  static let optional: [ColumnRole] = [.time, .series, .adjustedClose]

  private(set) var records: RecordReader
  private(set) var symbols: SymbolTable
  private(set) var row = 0
  private(set) var rejectedCount = 0
  /// Whether no row so far had a time of day.
  private(set) var hasOnlyDates = true
  /// Smallest distance in microseconds between neighbouring bars of a symbol.
  private(set) var smallestStep: Int64?
  private var stepCount = 0
  /// Neighbours on one day, and the smallest distance in days between others.
  private var sameDayCount = 0
  private var smallestDays: Int32?
  /// Rows that may repeat the time of an earlier one.
  private(set) var suspectCount = 0

  private struct Tape {
    var last: Int64
    var lastDay: Int32
    var earliest: Int64
    var latest: Int64
  }

  private var time: TimeColumns
  private var tapes: [Tape?] = []
  private let open, high, low, close: Int
  private let symbol, series, volume, adjustedClose: Int?
  /// Whether a comma separates decimals, as where a semicolon separates fields.
  private let decimalComma: Bool
  /// Series that count, in upper case.
  private let wantedSeries: Set<String>

  init(_ path: String, _ options: FileOptions, resolve: @escaping (String) throws -> Listing?) throws {
    try options.check(roles: Self.required + Self.optional)
    var records = RecordReader(try ByteInput(path))
    let header = try records.readBarHeader()
    let columns = try ColumnMap(header: header, required: Self.required, optional: Self.optional, options, file: path)
    guard let time = TimeColumns(columns, options), let open = columns[.open], let high = columns[.high],
      let low = columns[.low],
      let close = columns[.close]
    else { throw FeedError(.unusableHeader, "bars need a time and four prices") }
    var symbols = SymbolTable(zone: try options.zone(), resolve: resolve)
    if let name = options.symbol { _ = try symbols.add(name) }
    decimalComma = records.separator == UInt8(ascii: ";")
    self.records = records
    self.symbols = symbols
    (self.time, self.open, self.high, self.low, self.close) = (time, open, high, low, close)
    (symbol, volume, adjustedClose) = (columns[.symbol], columns[.volume], columns[.adjustedClose])
    series = columns[.series]
    wantedSeries = Set((options.series ?? ["EQ"]).map { $0.uppercased() })
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
    if let series, case let field = records.field(series).trimmed, !field.isEmpty,
      case let name = field.string.uppercased(), !wantedSeries.contains(name)
    {
      return .failure(.other("series \(name) is not chosen; --series \(name) reads it"))
    }
    guard let written = time.read(records) else { return .failure(.time(time)) }
    guard let microseconds = symbols.instant(written, slot: slot, mayRepeat: false) else {
      return .failure(.skippedTime(time, symbols.zoneName(slot: slot)))
    }
    guard let instant = try? Timestamp(microseconds: microseconds) else { return .failure(.time(time)) }
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
      guard let volume = records.field(column).trimmed.volume(decimalComma: decimalComma) else {
        return .failure(.number("volume", column))
      }
      guard Tick.isSize(volume) else {
        return .failure(volume < 0 ? .negative("volume", column) : .extreme("volume", column))
      }
      bar.volume = volume
    }
    if let column = adjustedClose, case let field = records.field(column).trimmed, !field.isEmpty {
      guard let value = field.number(decimalComma: decimalComma) else {
        return .failure(.number("adjusted close", column))
      }
      bar.adjustedClose = value
    }
    if written.hasTimeOfDay { hasOnlyDates = false }
    return .success(bar)
  }

  private func price(_ name: StaticString, _ column: Int) throws(RowProblem) -> Double {
    guard let value = records.field(column).trimmed.number(decimalComma: decimalComma) else {
      throw .number(name, column)
    }
    guard Tick.isPrice(value) else { throw value > 0 ? .extreme(name, column) : .notPositive(name, column) }
    return value
  }

  /// Keeps account of the times of the bar's symbol; says whether this one may have occurred before.
  private mutating func note(_ bar: VendorBar) -> Bool {
    let slot = Int(bar.slot)
    let time = bar.time.microseconds
    while tapes.count <= slot { tapes.append(nil) }
    guard var tape = tapes[slot] else {
      tapes[slot] = Tape(last: time, lastDay: bar.day, earliest: time, latest: time)
      return false
    }
    let step = abs(time - tape.last)
    if step > 0 {
      smallestStep = min(smallestStep ?? step, step)
      stepCount += 1
      let days = abs(bar.day - tape.lastDay)
      if days == 0 { sameDayCount += 1 } else { smallestDays = min(smallestDays ?? days, days) }
    }
    let isSuspect = time >= tape.earliest && time <= tape.latest
    tape.last = time
    tape.lastDay = bar.day
    tape.earliest = min(tape.earliest, time)
    tape.latest = max(tape.latest, time)
    tapes[slot] = tape
    return isSuspect
  }

  /// The length of the bars, once all are read: as `given`, unless their spacing contradicts it, else what the smallest step is. A
  /// single date says a day.
  func resolution(given: BarResolution?) throws(FeedError) -> BarResolution {
    let name = records.input.name
    if let given {
      if hasOnlyDates, row > rejectedCount, !given.isWholeDays {
        throw FeedError(
          .unknownResolution, "\(name) has dates without times of day, which contradicts --resolution \(given)")
      }
      // Bars of days may be written with any times of these days.
      let isTooClose =
        given.isWholeDays
        ? sameDayCount * 2 > stepCount || smallestDays.map { Int64($0) < given.smallestDays } == true
        : smallestStep.map { $0 < given.seconds * 1_000_000 } == true
      if let step = smallestStep, isTooClose {
        throw FeedError(
          .unknownResolution,
          "bars in \(name) are \(Self.spacing(step)) apart, which contradicts --resolution \(given); leave it out, or say their length"
        )
      }
      return given
    }
    guard let step = smallestStep else {
      if hasOnlyDates { return .day }
      throw FeedError(
        .unknownResolution,
        "\(name) has only one bar of each symbol, so the length of its bars is unknown; say it with --resolution")
    }
    guard let resolution = BarResolution(step: step, isSingle: stepCount == 1, ofDates: hasOnlyDates) else {
      throw FeedError(
        .unknownResolution,
        "bars in \(name) are \(Self.spacing(step)) apart, which is no usual length; say it with --resolution")
    }
    return resolution
  }

  private static func spacing(_ step: Int64) -> String {
    let days = Double(step) / 86_400_000_000
    if days >= 1 { return "\(Int(days.rounded())) days" }
    if step % 60_000_000 == 0 { return "\(step / 60_000_000) minutes" }
    return "\(Double(step) / 1_000_000) seconds"
  }

  // MARK: Import

  /// The first and the last start of the bars of each slot; nil of a symbol without a bar that can be used.
  var spans: [ClosedRange<Int64>?] { tapes.map { tape in tape.map { $0.earliest...$0.latest } } }

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
