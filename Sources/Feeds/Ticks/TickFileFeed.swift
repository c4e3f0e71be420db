import CZLib
import TradingCore

/// The ticks of a file, in batches, from the beginning or from where an earlier reader stopped.
///
/// A row has the same number, and a tick the same sequence, whatever the batches. Rows that cannot be used are left out and
/// counted, as are those of symbols that are not wanted.
package final class TickFileFeed {
  /// Identifies the content: another file, or other ways to read it, have another name.
  package let name: String
  private var reader: TickReader
  private var isAtEnd = false
  /// The first hundred rows that could not be used.
  package private(set) var rejected: [RejectedRow] = []

  /// - Parameters:
  ///   - path: a regular file, plain or packed with gzip. A pipe cannot be read twice, as a restart demands.
  ///   - instruments: what the file's symbols stand for; ticks of others are skipped, or
  ///     refused as ``FeedError/Code/unknownSymbol``.
  package init(
    _ path: String, options: FileOptions = FileOptions(), instruments: [String: Listing], skipsUnknown: Bool = true
  ) throws {
    name = try Self.name(of: path, options)
    reader = try TickReader(path, options) { symbol in
      if let listing = instruments[symbol] { return listing }
      if skipsUnknown { return nil }
      throw FeedError(
        .unknownSymbol, "\(path) has ticks of \(symbol), which is unknown; add it with market.add_instrument(...)")
    }
  }

  /// The different symbols of a file in order of appearance, to look up before the feed is made.
  package static func symbols(of path: String, options: FileOptions = FileOptions()) throws -> [String] {
    if let symbol = options.symbol { return [symbol] }
    var options = options
    // Times are not read, so no zone is needed.
    options.timeZone = nil
    var reader = try TickReader(path, options) { _ in nil }
    var batch = TickBatch()
    while try reader.read(into: &batch, tickLimit: .max, reject: { _ in }) {}
    return reader.symbols.slots.map(\.symbol)
  }

  /// Data rows dealt with so far: the position to ``skip(to:)`` after a restart.
  package var row: Int { reader.row }
  package var rejectedCount: Int { reader.rejectedCount }
  /// Rows of symbols that are not wanted.
  package var skippedCount: Int { reader.skippedCount }

  /// The next ticks, at most `limit`; nil at the end.
  /// - Throws: ``FeedError`` when the file is damaged, or `disorderedTape`.
  package func read(upTo limit: Int) throws -> TickBatch? {
    var batch = TickBatch()
    batch.reserveCapacity(min(limit, 65_536))
    return try read(into: &batch, upTo: limit) ? batch : nil
  }

  /// Like ``read(upTo:)``, reusing the memory of `batch`, whose ticks are forgotten.
  /// - Returns: false at the end, when there was no row left.
  package func read(into batch: inout TickBatch, upTo limit: Int) throws -> Bool {
    batch.removeAll()
    batch.firstRow = reader.row + 1
    var refused: [RejectedRow] = []
    // As many rows, too: a file of nothing but bad ones does not gather in memory.
    while !isAtEnd, batch.isEmpty, refused.isEmpty {
      isAtEnd = try !reader.read(into: &batch, tickLimit: limit, rowLimit: limit) { row in
        if rejected.count < 100 { rejected.append(row) }
        refused.append(row)
      }
      try checkOrder()
    }
    batch.rejected = refused
    batch.lastRow = reader.row
    return !batch.isEmpty || !refused.isEmpty
  }

  /// Goes on behind data row `row`, counted from 1. Reads what lies before it, because the ticks' sequence depends on it.
  package func skip(to row: Int) throws {
    guard row >= reader.row else {
      throw FeedError(.invalidOption, "row \(row) lies behind; the feed is at row \(reader.row)")
    }
    var batch = TickBatch()
    batch.reserveCapacity(min(row - reader.row, 65_536))
    while reader.row < row, !isAtEnd {
      batch.removeAll()
      isAtEnd = try !reader.read(into: &batch, tickLimit: 65_536, rowLimit: row - reader.row) { row in
        if rejected.count < 100 { rejected.append(row) }
      }
      try checkOrder()
    }
    guard reader.row == row else {
      throw FeedError(.cannotRead, "\(reader.records.input.name) ends at row \(reader.row), before row \(row)")
    }
  }

  private func checkOrder() throws(FeedError) {
    if reader.disorderedCount > 0 {
      throw FeedError(
        .disorderedTape,
        "\(reader.records.input.name) jumps back in time near line \(reader.records.line); sort it by time, or import it"
      )
    }
  }

  // MARK: Name

  private static func name(of path: String, _ options: FileOptions) throws -> String {
    let input = try ByteInput(path)
    guard input.size != nil else {
      throw FeedError(.cannotOpen, "\(path) is a pipe or a device; ticks are fed from a file, which can be read again")
    }
    let (checksum, size) = try checksum(of: path)
    var name = "ticks:\(path.split(separator: "/").last ?? ""):\(hexadecimal(checksum)):\(size)"
    if let symbol = options.symbol { name += ":symbol=\(symbol)" }
    if let zone = options.timeZone { name += ":time_zone=\(zone)" }
    for (role, column) in options.map.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      name += ":\(role.rawValue)=\(column)"
    }
    return name
  }

  private static func hexadecimal(_ value: UInt) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}
