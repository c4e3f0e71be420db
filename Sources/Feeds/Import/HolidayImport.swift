import EngineStore
import LibPQ
import TradingCore

/// Imports calendars of exchanges: holidays, early closes and special sessions. Each file goes into one transaction, and a row
/// that cannot be used refuses it: half a calendar would be a wrong one.
package struct HolidayImport: Sendable {
  private static let required: [ColumnRole] = [.day, .holiday]
  private static let optional: [ColumnRole] = [.exchange, .opens, .closes]

  package var options: FileOptions
  /// Exchanges of all rows; empty reads them from their column.
  package var exchanges: [String]

  package init(options: FileOptions = FileOptions(), exchanges: [String] = []) {
    self.options = options
    self.exchanges = exchanges
  }

  package struct Report: Sendable, Equatable {
    package var source: String
    /// Holidays and sessions, once for each exchange; each was added, changed or known.
    package var rows = 0
    package var added = 0
    /// Known ones that had another name or close.
    package var changed = 0
    package var known = 0
  }

  private struct Opened: ~Copyable {
    var records: RecordReader
    let columns: ColumnMap
  }

  /// Opens a file and reads its header, to refuse what cannot be used before anything happens.
  package func check(_ path: String) throws { _ = try open(path) }

  private func open(_ path: String) throws -> Opened {
    try options.check(roles: Self.required + Self.optional)
    var records = RecordReader(try ByteInput(path))
    let header = try records.readHeader()
    let columns = try ColumnMap(header: header, required: Self.required, optional: Self.optional, options, file: path)
    guard !exchanges.isEmpty || columns[.exchange] != nil else {
      throw FeedError(
        .unusableHeader,
        "\(path) does not say which exchange its days are of; say it with --exchange, e.g. --exchange NSE,NFO")
    }
    guard (columns[.opens] == nil) == (columns[.closes] == nil) else {
      throw FeedError(
        .unusableHeader,
        "\(path) has a column for only one end of its sessions; name both with --map opens=<column> --map closes=<column>"
      )
    }
    return Opened(records: records, columns: columns)
  }

  /// Imports one file; `-` is standard input.
  package func run(_ path: String, on connection: Connection) async throws -> Report {
    var file = try open(path)
    var report = Report(source: path)
    let store = HolidayStore(connection)
    try await connection.transaction { _ in
      reading: while true {
        let rows: [HolidayStore.Row]
        switch try file.records.advance() {
        case .end: break reading
        case .malformed(let reason): throw unusable(path, file.records, reason)
        case .record:
          do throws(RowProblem) {
            rows = try self.rows(file.records, file.columns)
          } catch {
            throw unusable(path, file.records, error.reason(file.records))
          }
        }
        for row in rows {
          report.rows += 1
          do {
            switch try await store.add(row) {
            case .added: report.added += 1
            case .changed: report.changed += 1
            case .known: report.known += 1
            }
          } catch let error as PostgresError where .class("TR") ~= error.sqlState {
            throw unusable(
              path, file.records, [error.message, error.detail, error.hint].compactMap { $0 }.joined(separator: ": "))
          }
        }
      }
    }
    return report
  }

  private func unusable(_ path: String, _ records: borrowing RecordReader, _ reason: String) -> FeedError {
    FeedError(.unusableRow, "nothing of \(path) was stored: line \(records.line): \(reason)")
  }

  /// What a record says, for each of its exchanges.
  private func rows(_ records: borrowing RecordReader, _ columns: ColumnMap) throws(RowProblem) -> [HolidayStore.Row] {
    func text(_ role: ColumnRole) throws(RowProblem) -> String {
      guard let column = columns[role] else { return "" }
      let field = records.field(column).trimmed
      guard field.isText else { throw .text("the row", column) }
      // A field over several lines is one for people all the same.
      return field.string.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    guard let day = Self.day(try text(.day)) else { throw .time(columns[.day] ?? 0) }
    let name = try text(.holiday)
    if name.isEmpty { throw .other("the name is missing") }
    let (opens, closes) = (try text(.opens), try text(.closes))
    var hours: (String, String)?
    if !opens.isEmpty || !closes.isEmpty {
      guard Self.isTimeOfDay(opens), Self.isTimeOfDay(closes) else {
        throw .other("the hours \"\(opens)\" to \"\(closes)\" are not readable; write 09:15 and 15:30")
      }
      hours = (opens, closes)
    }
    var exchanges = exchanges
    if exchanges.isEmpty { exchanges = [try text(.exchange)] }
    return exchanges.map { HolidayStore.Row(exchange: $0, day: day, name: name, hours: hours) }
  }

  /// `2026-01-26`, `20260126`, `26-Jan-2026`, `26JAN2026` and `January 26, 2026`, as exchanges write days, in the form of ISO
  /// 8601; nil for what is none of these or no day.
  static func day(_ text: String) -> String? {
    var parts: [[UInt8]] = []
    var kind: Bool?
    for byte in text.utf8 {
      let isDigit = (0x30...0x39).contains(byte)
      let isLetter = (0x61...0x7a).contains(byte | 0x20)
      guard isDigit || isLetter else {
        guard [0x20, 0x2c, 0x2d, 0x2e, 0x2f].contains(byte) else { return nil }
        kind = nil
        continue
      }
      if kind == isDigit { parts[parts.count - 1].append(byte) } else { parts.append([byte]) }
      kind = isDigit
    }
    if parts.count == 1, parts[0].count == 8 {
      parts = [Array(parts[0][..<4]), Array(parts[0][4..<6]), Array(parts[0][6...])]
    }
    guard parts.count == 3 else { return nil }
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    let words = parts.map { String(decoding: $0, as: UTF8.self) }
    let named = words.firstIndex { Int($0) == nil }
    var year, month, day: Int?
    if let named {
      month = months.firstIndex(of: String(words[named].lowercased().prefix(3))).map { $0 + 1 }
      let numbers = words.indices.filter { $0 != named }.map { words[$0] }
      (day, year) = numbers[0].utf8.count == 4 ? (Int(numbers[1]), Int(numbers[0])) : (Int(numbers[0]), Int(numbers[1]))
    } else if words[0].utf8.count == 4 {
      // 01/02/2026 is two days.
      (year, month, day) = (Int(words[0]), Int(words[1]), Int(words[2]))
    }
    guard let year, let month, let day, (1900..<2200).contains(year) else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let iso = "\(year)-\(two(month))-\(two(day))"
    return (try? Timestamp("\(iso)T00:00:00Z")) == nil ? nil : iso
  }

  /// `HH:MM` or `HH:MM:SS`, up to 24:00.
  private static func isTimeOfDay(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
      part.utf8.count <= 2 && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1] else { return false }
    let second = parts.count == 3 ? parts[2] : 0
    guard let second, minute < 60, second < 60 else { return false }
    return hour < 24 || (hour == 24 && minute == 0 && second == 0)
  }
}
