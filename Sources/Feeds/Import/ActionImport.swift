import EngineStore
import LibPQ

/// Imports corporate actions (splits, bonuses, dividends, symbol changes), each file in one transaction.
package struct ActionImport: Sendable {
  private static let required: [ColumnRole] = [.symbol, .exDate]
  private static let optional: [ColumnRole] = [.kind, .numerator, .denominator, .amount, .newSymbol]

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

  private struct Row {
    var symbol: String
    var exDate: Int32
    var action: ImportStore.Action
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
        switch row(file.records, file.columns) {
        case .failure(let problem):
          let reason = problem.reason(file.records)
          report.rejected.append(RejectedRow(line: line, reason: reason, content: file.records.content))
        case .success(let row):
          do {
            let isNew = try await ImportStore.add(row.action, of: row.symbol, exDate: row.exDate, on: connection)
            if isNew { report.added += 1 } else { report.known += 1 }
          } catch let error as PostgresError
            where [.class("TR"), .class("22"), .class("23")].contains(where: { $0 ~= error.sqlState })
          {
            let reason = [error.message, error.detail].compactMap { $0 }.joined(separator: ": ")
            report.rejected.append(RejectedRow(line: line, reason: reason, content: file.records.content))
          }
        }
      }
    }
    return report
  }

  /// `10:1`, `10/1`, `10 for 1` and `10-for-1` in their parts; nil when the text is none of these.
  static func ratio(_ text: String) -> (new: String, old: String)? {
    let parts = text.lowercased().replacing("-for-", with: ":").replacing(" for ", with: ":").replacing("/", with: ":")
      .split(separator: ":", omittingEmptySubsequences: false)
      .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
    func isPositive(_ part: String) -> Bool {
      part.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 == .period } && (Double(part) ?? 0) > 0
    }
    return parts.count == 2 && parts.allSatisfy(isPositive) ? (parts[0], parts[1]) : nil
  }

  private func row(_ records: borrowing RecordReader, _ columns: ColumnMap) -> Result<Row, RowProblem> {
    func field(_ role: ColumnRole) -> (Field, Int)? { columns[role].map { (records.field($0).trimmed, $0) } }
    var symbol = options.symbol
    if let (text, column) = field(.symbol) {
      guard SymbolTable.isSymbol(text) else { return .failure(.symbol(column)) }
      symbol = text.string
    }
    var times = TimeParser(dateOrder: options.dateOrder)
    guard let symbol, let (date, _) = field(.exDate) else { return .failure(.other("symbol is missing")) }
    guard let written = times.parse(date), !written.hasTimeOfDay, let day = written.day else {
      let problem = VendorTime(date, options.dateOrder).problem
      return .failure(.other("ex_date \"\(date.string)\" \(problem ?? "is not readable")"))
    }
    /// A positive number as it is written; nil when there is no such column or nothing in it.
    func number(_ role: ColumnRole, _ name: StaticString) throws(RowProblem) -> String? {
      guard let (text, column) = field(role), !text.isEmpty else { return nil }
      guard let value = text.double else { throw .number(name, column) }
      guard value > 0 else { throw .notPositive(name, column) }
      return text.string
    }
    let action: ImportStore.Action
    do throws(RowProblem) {
      // A file of one kind needs no column for it.
      let kind =
        field(.kind)?.0.string.lowercased().replacing(" ", with: "_")
        ?? (columns[.numerator] == nil ? columns[.amount] == nil ? "symbol_change" : "dividend" : "split")
      switch kind {
      case "split", "bonus":
        guard let (text, _) = field(.numerator), !text.isEmpty else {
          return .failure(.other("a \(kind) needs a numerator"))
        }
        if let (new, old) = Self.ratio(text.string) {
          // The whole ratio stands in one column.
          action = kind == "bonus" ? .bonus(newShares: new, held: old) : .split(numerator: new, denominator: old)
        } else {
          let numerator = try number(.numerator, "numerator") ?? ""
          let denominator = try number(.denominator, "denominator") ?? "1"
          action =
            kind == "bonus"
            ? .bonus(newShares: numerator, held: denominator)
            : .split(numerator: numerator, denominator: denominator)
        }
      case "dividend":
        guard let amount = try number(.amount, "amount") else { return .failure(.other("a dividend needs an amount")) }
        action = .dividend(amount: amount)
      case "symbol_change":
        guard let (name, column) = field(.newSymbol) else {
          return .failure(.other("a symbol change needs a new_symbol"))
        }
        guard SymbolTable.isSymbol(name) else { return .failure(.symbol(column)) }
        action = .symbolChange(newSymbol: name.string)
      default: return .failure(.other("the kind is none of split, bonus, dividend and symbol_change"))
      }
    } catch {
      return .failure(error)
    }
    return .success(
      Row(
        symbol: symbol.contains(":") ? symbol : exchange.map { "\($0):\(symbol)" } ?? symbol, exDate: day,
        action: action))
  }
}
