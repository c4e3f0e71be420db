import EngineStore
import LibPQ

/// Imports corporate actions, each file in one transaction. Only splits are announced by a file; other kinds are rejected.
package struct ActionImport: Sendable {
  private static let required: [ColumnRole] = [.symbol, .exDate, .numerator]
  private static let optional: [ColumnRole] = [.kind, .denominator]

  package var options: FileOptions
  /// Exchange of the symbols; nil is where they are known.
  package var exchange: String?

  package init(options: FileOptions = FileOptions(), exchange: String? = nil) {
    self.options = options
    self.exchange = exchange
  }

  package struct Report: Sendable, Equatable {
    package var source: String
    /// Data rows in the file; each was added, known or rejected.
    package var rows = 0
    package var added = 0
    package var known = 0
    package var rejected: [RejectedRow] = []
  }

  private struct Split {
    var symbol: String
    var exDate: Int32
    var numerator: String
    var denominator: String
  }

  package func check(_ path: String) throws {
    _ = try open(path)
  }

  private func open(_ path: String) throws -> Opened {
    try options.check(roles: Self.required + Self.optional)
    var records = RecordReader(try ByteInput(path))
    let header = try records.readHeader()
    let columns = try ColumnMap(header: header, required: Self.required, optional: Self.optional, options, file: path)
    return Opened(records: records, columns: columns)
  }

  private struct Opened: ~Copyable {
    var records: RecordReader
    let columns: ColumnMap
  }

  package func run(_ path: String, on connection: Connection) async throws -> Report {
    var file = try open(path)
    var report = Report(source: path)
    try await connection.transaction { _ in
      while true {
        let line: Int
        switch try file.records.advance() {
        case .end: return
        case .malformed(let reason):
          report.rows += 1
          report.rejected.append(RejectedRow(line: file.records.line, reason: reason, content: file.records.content))
          continue
        case .record: line = file.records.line
        }
        report.rows += 1
        switch split(file.records, file.columns) {
        case .failure(let problem):
          let reason = problem.reason(file.records)
          report.rejected.append(RejectedRow(line: line, reason: reason, content: file.records.content))
        case .success(let split):
          do {
            let isNew = try await ImportStore.addSplit(
              split.symbol, exDate: split.exDate, numerator: split.numerator, denominator: split.denominator,
              on: connection)
            if isNew { report.added += 1 } else { report.known += 1 }
          } catch let error as PostgresError where .class("TR") ~= error.sqlState || .class("22") ~= error.sqlState {
            let reason = [error.message, error.detail].compactMap { $0 }.joined(separator: ": ")
            report.rejected.append(RejectedRow(line: line, reason: reason, content: file.records.content))
          }
        }
      }
    }
    return report
  }

  private func split(_ records: borrowing RecordReader, _ columns: ColumnMap) -> Result<Split, RowProblem> {
    func field(_ role: ColumnRole) -> (Field, Int)? { columns[role].map { (records.field($0).trimmed, $0) } }
    if let (kind, _) = field(.kind), kind.string.lowercased() != "split" {
      return .failure(.other("only splits can be imported; dividends and symbol changes cannot"))
    }
    var symbol = options.symbol
    if let (text, column) = field(.symbol) {
      guard SymbolTable.isSymbol(text) else { return .failure(.symbol(column)) }
      symbol = text.string
    }
    var times = TimeParser()
    guard let symbol, let (date, dateColumn) = field(.exDate) else { return .failure(.other("symbol is missing")) }
    guard let written = times.parse(date), !written.hasTimeOfDay, let day = written.day else {
      return .failure(.time(dateColumn))
    }
    var numbers: [String] = []
    for (role, name) in [(ColumnRole.numerator, "numerator"), (.denominator, "denominator")]
      as [(ColumnRole, StaticString)]
    {
      guard let (number, column) = field(role) else {
        numbers.append("1")
        continue
      }
      guard let value = number.double else { return .failure(.number(name, column)) }
      guard value > 0 else { return .failure(.notPositive(name, column)) }
      numbers.append(number.string)
    }
    let name = exchange.map { "\($0):\(symbol)" } ?? symbol
    return .success(Split(symbol: name, exDate: day, numerator: numbers[0], denominator: numbers[1]))
  }
}
