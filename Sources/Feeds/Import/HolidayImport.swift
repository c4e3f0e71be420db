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
    let written = try text(.day)
    if written.isEmpty { throw .other("time is missing") }
    let time = VendorTime(written, options.dateOrder)
    guard let day = time.isoDay else {
      throw .other("time \"\(written)\" \(time.problem ?? "is not readable")")
    }
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
