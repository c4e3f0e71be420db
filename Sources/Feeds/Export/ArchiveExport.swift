import EngineStore
import LibPQ
import TradingCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes stored ticks or imported bars into an archive of CSV files packed with gzip, which `bourse import` reads back into
/// the same rows, and `bourse replay ticks` feeds as they are:
///
///     <folder>/ticks/2013/10/2013-10-07.US.csv.gz        a day (UTC) of an exchange, in order of time
///     <folder>/bars/2013/10/2013-10.US.1d.csv.gz         a month (local) of an exchange and length of bars
///
/// A file is there in whole or not at all. One that is there is left as it is, so that an export goes on where it was
/// interrupted; only the last of each kind, which may have grown, is written anew.
package struct ArchiveExport: Sendable {
  package var kind: ExportStore.Kind
  package var folder: String
  package var exchange: String?
  /// Only this instrument, `SYMBOL` or `EXCHANGE:SYMBOL`; its files carry its symbol.
  package var symbol: String?
  /// Bars only; nil is all lengths.
  package var resolution: BarResolution?
  package var from: Timestamp?
  package var until: Timestamp?
  /// Write files anew that are there: for ticks that were stored late.
  package var overwrites: Bool

  package init(
    _ kind: ExportStore.Kind, folder: String, exchange: String? = nil, symbol: String? = nil,
    resolution: BarResolution? = nil, from: Timestamp? = nil, until: Timestamp? = nil, overwrites: Bool = false
  ) {
    self.kind = kind
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    self.exchange = exchange
    self.symbol = symbol
    self.resolution = resolution
    self.from = from
    self.until = until
    self.overwrites = overwrites
  }

  package struct Report: Sendable, Equatable {
    /// Files written, and those that were there.
    package var written = 0
    package var kept = 0
    package var rows = 0
    package var duration = Duration.zero
  }

  /// - Parameter wrote: gets the path and rows of each file that was written.
  package func run(
    on connection: Connection, wrote: (String, Int) -> Void = { _, _ in }
  ) async throws -> Report {
    let start = ContinuousClock.now
    let store = ExportStore(connection, kind, from: from, until: until)
    let instrument: (exchange: String, symbol: String, id: Int32)?
    if let symbol { instrument = try await store.instrument(symbol) } else { instrument = nil }
    let pieces = try await store.pieces(exchange: instrument?.exchange ?? exchange, resolution: resolution?.seconds)
    var last: [String: Int] = [:]
    for (index, piece) in pieces.enumerated() { last["\(piece.exchange) \(piece.resolution ?? 0)"] = index }
    let lastOnes = Set(last.values)
    var report = Report()
    for (index, piece) in pieces.enumerated() {
      try Task.checkCancellation()
      let path = path(of: piece, symbol: instrument?.symbol)
      if !overwrites, !lastOnes.contains(index), access(path, F_OK) == 0 {
        report.kept += 1
        continue
      }
      let rows = try await write(piece, instrument?.id, store, path)
      guard rows > 0 else { continue }
      report.written += 1
      report.rows += rows
      wrote(path, rows)
    }
    report.duration = ContinuousClock.now - start
    return report
  }

  private func write(
    _ piece: ExportStore.Piece, _ instrument: Int32?, _ store: ExportStore, _ path: String
  ) async throws -> Int {
    var file: ArchiveFile?
    let rows = try await store.read(piece, instrument: instrument) { line in
      if file == nil { file = try ArchiveFile(path) }
      try file?.write(line)
    }
    try file?.finish()
    return rows
  }

  private func path(of piece: ExportStore.Piece, symbol: String?) -> String {
    let (year, month) = (piece.day.prefix(4), piece.day.dropFirst(5).prefix(2))
    var name = kind == .ticks ? piece.day : String(piece.day.prefix(7))
    name += ".\(piece.exchange)"
    // A slash is the only sign of a symbol that a file's name cannot have.
    if let symbol { name += ".\(symbol.replacing("/", with: "%2F"))" }
    if let resolution = piece.resolution { name += ".\(Self.shortName(resolution))" }
    return "\(folder)/\(kind.rawValue)/\(year)/\(month)/\(name).csv.gz"
  }

  /// `1d`, `5m`, `30s`: as `--resolution` takes it.
  static func shortName(_ seconds: Int64) -> String {
    let units: [(Int64, String)] = [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m")]
    guard let (length, name) = units.first(where: { seconds % $0.0 == 0 }) else { return "\(seconds)s" }
    return "\(seconds / length)\(name)"
  }
}
