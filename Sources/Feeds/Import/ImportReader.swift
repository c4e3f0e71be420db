import LibPQ

/// Reads a file for an import: its rows become binary rows of a staging table in which a symbol's slot stands for its
/// instrument.
protocol ImportReader: ~Copyable {
  init(_ path: String, _ options: FileOptions, resolve: @escaping (String) throws -> Listing?) throws

  var records: RecordReader { get }
  var symbols: SymbolTable { get }
  /// Data rows read so far, and those of them that could not be used.
  var row: Int { get }
  var rejectedCount: Int { get }

  /// Whether a row of this symbol could be used.
  func hasRows(slot: Int) -> Bool

  /// Writes the next rows, reading at most `rowLimit` of them.
  /// - Returns: false at the end of the file.
  mutating func stage(_ writer: inout CopyWriter, rowLimit: Int, reject: (RejectedRow) -> Void) throws -> Bool
}
