/// How to read a file of market data, where its header and rows do not say it.
package struct FileOptions: Sendable, Equatable {
  /// Columns by name; an empty name says that the file has none for this role.
  package var map: [ColumnRole: String] = [:]
  /// IANA zone of times that name none; nil is each instrument's exchange's.
  package var timeZone: String?
  /// The symbol of all rows; a column for it is not looked for.
  package var symbol: String?
  /// Order of day and month in dates that leave it open; nil refuses these.
  package var dateOrder: DateOrder?
  /// Series of a share, as the National Stock Exchange of India calls its kinds of trading, that count; nil is `EQ`.
  package var series: [String]?

  package init(
    map: [ColumnRole: String] = [:], timeZone: String? = nil, symbol: String? = nil, dateOrder: DateOrder? = nil,
    series: [String]? = nil
  ) {
    self.map = map
    self.timeZone = timeZone
    self.symbol = symbol
    self.dateOrder = dateOrder
    self.series = series
  }

  func zone() throws(FeedError) -> TimeZoneRules? {
    guard let timeZone else { return nil }
    return try TimeZoneRules(named: timeZone)
  }

  /// Roles that only a column can fill.
  private var needed: Set<ColumnRole> { [.ts, .symbol, .price, .open, .high, .low, .close, .exDate, .kind] }

  /// Refuses columns named for roles that do not occur in files of this kind, and a symbol that is none.
  func check(roles: [ColumnRole]) throws(FeedError) {
    for role in map.keys where !roles.contains(role) {
      throw FeedError(
        .invalidOption,
        "\(role.rawValue) is no column of such a file; columns are \(roles.map(\.rawValue).joined(separator: ", "))")
    }
    // Units may be unknown, as those of an index are; time, symbol and prices may not.
    for (role, name) in map where name.isEmpty && needed.contains(role) {
      throw FeedError(.invalidOption, "a column for \(role.rawValue) is needed")
    }
    if let symbol, !SymbolTable.isSymbol(symbol) {
      throw FeedError(
        .invalidOption,
        "\"\(symbol)\" is no symbol: a letter, digit or ^, then letters, digits, spaces and . _ / & + = ^ -, at most 64"
      )
    }
  }
}
