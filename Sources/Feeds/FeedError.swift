/// Why a source of market data cannot be used at all. Single bad rows are no errors: see ``RejectedRow``.
package struct FeedError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// There is no such file, or it cannot be opened.
    case cannotOpen
    /// A live source sends what is not of its format.
    case notJSON
    /// A live source cannot be reached, or its link broke.
    case linkDown
    /// Reading broke off: a damaged archive or a failing device.
    case cannotRead
    /// A file cannot be written: no room, no right, or a failing device.
    case cannotWrite
    case notCSV
    /// The header lacks a column that is needed, or has two of a kind.
    case unusableHeader
    case unknownTimeZone
    case tooManySymbols
    /// A symbol that stands for nothing yet.
    case unknownSymbol
    /// A symbol that trades on several exchanges.
    case ambiguousSymbol
    /// Ticks of one instrument jump so far back in time that they cannot be numbered.
    case disorderedTape
    case invalidOption
    /// A row of a file of which all rows are needed.
    case unusableRow
    /// The length of the bars cannot be told from the data.
    case unknownResolution
  }

  package let code: Code
  /// One line that says what to do, too.
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// A row of a file that could not be used; the others were.
package struct RejectedRow: Sendable, Equatable {
  /// Line of the file on which the row begins, the header being line 1.
  package let line: Int
  package let reason: String
  /// The row as it stands in the file, at most 1,000 characters of it.
  package let content: String
  /// What market.rejected_ticks calls it; nil for a row that is no tick at all.
  package let kind: Kind?

  /// Spelled as market.tick_rejection.
  package enum Kind: String, Sendable {
    case time = "bad_time"
    case price = "bad_price"
    case size = "bad_size"
    case jump
  }

  package init(line: Int, reason: String, content: String, kind: Kind? = nil) {
    self.line = line
    self.reason = reason
    self.content = content
    self.kind = kind
  }
}
