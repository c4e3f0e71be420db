/// A closed set that is an enum in SQL too, with the same labels.
public protocol SQLSpelling: CaseIterable, Sendable, Hashable, CustomStringConvertible {
  /// The label of the SQL enum.
  var sql: String { get }
}

extension SQLSpelling {
  /// The case with this label, compared byte for byte.
  public init?(sql label: String) {
    for candidate in Self.allCases where candidate.sql.utf8.elementsEqual(label.utf8) {
      self = candidate
      return
    }
    return nil
  }

  public var description: String { sql }
}
