import CLibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The complete result of one statement. Holds libpq's memory; cells are decoded when asked for.
public struct Rows: Sendable, RandomAccessCollection {
  let handle: ResultHandle
  public let count: Int

  init(_ handle: ResultHandle) {
    self.handle = handle
    count = handle.rowCount
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(index: Int) -> Row {
    precondition(index >= 0 && index < count, "row \(index) of \(count)")
    return Row(handle: handle, index: index)
  }

  /// What the statement did, such as "INSERT 0 3"; empty for an empty statement.
  public var commandTag: String { handle.commandTag }
  /// Rows inserted, updated, deleted, copied or selected.
  public var affectedRows: Int { handle.affectedRows }
  public var columns: [Column] { (0..<handle.columnCount).map { Column(handle, $0) } }

  /// The only row of a result that must have exactly one.
  public func only() throws -> Row {
    guard count == 1 else {
      throw PostgresError(.typeMismatch, "the result has \(count) rows where exactly one was expected")
    }
    return self[0]
  }
}

/// Name and type of a result column.
public struct Column: Sendable, Hashable {
  public let name: String
  public let type: TypeOID
  public let format: Format

  init(_ handle: ResultHandle, _ index: Int) {
    name = String(cString: PQfname(handle.pointer, Int32(index)))
    type = TypeOID(rawValue: PQftype(handle.pointer, Int32(index)))
    format = PQfformat(handle.pointer, Int32(index)) == 1 ? .binary : .text
  }
}

/// One row of a result.
public struct Row: Sendable {
  let handle: ResultHandle
  let index: Int

  public var count: Int { handle.columnCount }
  public var columns: [Column] { (0..<handle.columnCount).map { Column(handle, $0) } }

  /// The cell of a column counted from 0; no such column is an error.
  public subscript(column: Int) -> Cell {
    get throws {
      guard column >= 0, column < handle.columnCount else {
        throw PostgresError(.noSuchColumn, "column \(column) of a result with \(handle.columnCount) columns")
      }
      return Cell(handle: handle, row: index, column: column)
    }
  }

  /// The cell of the first column with exactly this name; no such column is an error.
  public subscript(name: String) -> Cell {
    get throws {
      let column = (0..<handle.columnCount).first { strcmp(PQfname(handle.pointer, Int32($0)), name) == 0 }
      guard let column else {
        throw PostgresError(
          .noSuchColumn, "no column \"\(name)\" in (\(columns.map(\.name).joined(separator: ", ")))")
      }
      return Cell(handle: handle, row: index, column: column)
    }
  }
}
