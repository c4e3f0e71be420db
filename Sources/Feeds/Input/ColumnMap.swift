/// What a column of a file means.
package enum ColumnRole: String, Sendable, CaseIterable {
  case ts, time, symbol, series, price, size, seq, venue
  case saleCondition = "sale_condition"
  case suspicious, open, high, low, close, volume
  case adjustedClose = "adjusted_close"
  case exDate = "ex_date"
  case kind, numerator, denominator, amount
  case newSymbol = "new_symbol"
  case exchange, name, currency
  case tickSize = "tick_size"
  case lotSize = "lot_size"
  case multiplier, sector
  case expiresOn = "expires_on"
  case strike
  case optionRight = "option_right"
  case underlying
  case initialMargin = "initial_margin"
  case maintenanceMargin = "maintenance_margin"
  case isShortable = "is_shortable"
  case isActive = "is_active"
  case alias
  case day, holiday, opens, closes

  /// Header names that mean this role, best first, in lower case without spaces and signs.
  var names: [String] {
    switch self {
    case .ts: ["ts", "timestamp", "datetime", "dateandtime", "opentime", "bartime", "time"] + Self.dates
    case .time: ["time", "timeofday", "tradetime", "tm", "hhmmss", "hhmm"]
    case .symbol: ["symbol", "tradingsymbol", "ticker", "instrument", "tckrsymb", "sccode", "scrip"]
    case .series: ["series", "sctysrs"]
    case .price: ["price", "last", "tradeprice", "lastprice", "ltp"]
    case .size: ["size", "quantity", "qty", "volume", "vol"]
    case .seq: ["seq"]
    case .venue: ["venue", "exchange"]
    case .saleCondition: ["salecondition", "salecond", "condition", "conditions"]
    case .suspicious: ["suspicious"]
    case .open: ["open", "openprice", "opnpric", "o"]
    case .high: ["high", "highprice", "hghpric", "h"]
    case .low: ["low", "lowprice", "lwpric", "l"]
    case .close: ["close", "closeprice", "clspric", "c", "price", "last"]
    case .volume:
      [
        "volume", "vol", "v", "quantity", "qty", "size", "tottrdqty", "ttltradgvol", "totaltradedquantity",
        "noofshares", "tickvol", "tickvolume",
      ]
    case .adjustedClose: ["adjclose", "adjustedclose"]
    case .exDate: ["exdate", "date"]
    case .kind: ["kind", "action", "type", "instrumenttype"]
    case .numerator: ["numerator", "ratio", "splitratio", "stocksplits"]
    case .denominator: ["denominator"]
    case .amount: ["amount", "dividend"]
    case .newSymbol: ["newsymbol"]
    case .exchange: ["exchange"]
    case .name: ["name"]
    case .currency: ["currency"]
    case .tickSize: ["ticksize"]
    case .lotSize: ["lotsize", "lot"]
    case .multiplier: ["multiplier"]
    case .sector: ["sector"]
    case .expiresOn: ["expireson", "expiry", "expirydate", "expiration"]
    case .strike: ["strike", "strikeprice"]
    case .optionRight: ["optionright", "optiontype", "right"]
    case .underlying: ["underlying", "underlyingsymbol"]
    case .initialMargin: ["initialmargin"]
    case .maintenanceMargin: ["maintenancemargin"]
    case .isShortable: ["isshortable", "shortable"]
    case .isActive: ["isactive", "active"]
    case .alias: ["alias", "instrumenttoken", "token"]
    case .day: ["date", "tradingdate", "holidaydate", "day"]
    case .holiday: ["name", "holiday", "holidays", "description", "occasion", "reason"]
    case .opens: ["opens", "open", "opentime"]
    case .closes: ["closes", "close", "closetime"]
    }
  }
}

extension ColumnRole {
  /// Names of columns that have a date and not its time of day, where another column may have that.
  static let dates = ["date", "tradedate", "tradingdate", "traddt", "dtyyyymmdd", "yyyymmdd", "day"]
}

/// Which column of a file has which role.
struct ColumnMap: Sendable {
  /// Columns in the file.
  let count: Int
  private let indices: [ColumnRole: Int]

  /// - Parameters:
  ///   - header: names of the columns, in order.
  ///   - required: roles without which the file is of no use; `optional`: roles that may be missing.
  ///   - options: columns named by the user, exactly or but for case; an empty name says that there is none. A file of one
  ///     symbol needs no column for it.
  init(
    header: [String], required: [ColumnRole], optional: [ColumnRole], _ options: FileOptions, file: String
  ) throws(FeedError) {
    let required = required.filter { $0 != .symbol || options.symbol == nil }
    let map = options.map
    count = header.count
    let normalized = header.map(Self.normalize)
    var found: [ColumnRole: Int] = [:]
    for role in required + optional {
      if let name = map[role] {
        if name.isEmpty { continue }
        guard let index = header.firstIndex(of: name) ?? normalized.firstIndex(of: Self.normalize(name)) else {
          throw FeedError(
            .unusableHeader, "\(file) has no column \"\(name)\" for \(role.rawValue); it has \(Self.list(header))")
        }
        found[role] = index
        continue
      }
      var names = role.names
      // A date beside a time of day: neither alone is the time, both together are.
      if role == .ts, let date = ColumnRole.dates.first(where: normalized.contains) {
        names.removeAll { $0 == "time" }
        if ColumnRole.time.names.contains(where: normalized.contains) { names = [date] }
      }
      // The time of day is looked for beside a column that has, or may have, none.
      if role == .time, let ts = found[.ts], map[.ts] == nil, !ColumnRole.dates.contains(normalized[ts]) { continue }
      guard let name = names.first(where: normalized.contains) else { continue }
      let matches = normalized.indices.filter { normalized[$0] == name }
      if role == .time, matches.contains(where: { $0 == found[.ts] }) { continue }
      guard matches.count == 1 else {
        throw FeedError(
          .unusableHeader,
          "\(file): several columns could be \(role.rawValue): \(Self.list(header)); choose one with --map \(role.rawValue)=<column>"
        )
      }
      found[role] = matches[0]
    }
    indices = found
    let missing = required.filter { found[$0] == nil && map[$0] != "" }
    guard missing.isEmpty else {
      let roles = missing.map(\.rawValue).joined(separator: ", ")
      var hint = missing.map { "--map \($0.rawValue)=<column>" }.joined(separator: " ")
      if missing.contains(.symbol) { hint += ", or --symbol <symbol> when the whole file is of one instrument" }
      throw FeedError(
        .unusableHeader, "\(file) has no column for \(roles); it has \(Self.list(header)); name them with \(hint)")
    }
  }

  /// The column of a role; nil when the file has none.
  subscript(role: ColumnRole) -> Int? { indices[role] }

  private static func normalize(_ name: String) -> String {
    let word = name.lowercased().unicodeScalars.filter {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
    }
    // Some vendors count their columns: `1. open`.
    let letters = word.drop { $0.properties.numericType != nil }
    return String(String.UnicodeScalarView(letters.isEmpty ? word[...] : letters))
  }

  private static func list(_ header: [String]) -> String {
    let shown = header.prefix(40).map { "\"\($0.prefix(60))\"" }.joined(separator: ", ")
    return header.count > 40 ? shown + ", … (\(header.count) columns)" : shown
  }
}

extension RecordReader {
  /// Reads the header, which every file must have.
  mutating func readHeader() throws(FeedError) -> [String] {
    let outcome = try advance()
    guard case .record = outcome else {
      if case .end = outcome { throw FeedError(.notCSV, "\(input.name) is empty; it should begin with a header line") }
      throw notText
    }
    var names: [String] = []
    for index in 0..<count {
      let name = field(index).trimmed
      guard name.isText else { throw notText }
      names.append(name.string)
    }
    expectedCount = count
    return names
  }

  /// The header of a file of bars. One that begins with its first bar has the columns that such files have: a time, or a date and a
  /// time of day, then open, high, low, close and volume.
  mutating func readBarHeader() throws(FeedError) -> [String] {
    let names = try readHeader()
    var parser = TimeParser()
    guard count >= 6, parser.parse(field(0).trimmed) != nil else { return names }
    let isSplit = count >= 7 && field(1).trimmed.double == nil && VendorTime.timeOfDay(field(1).trimmed) != nil
    let first = isSplit ? 2 : 1
    guard
      (first..<first + 5).allSatisfy({ field($0).trimmed.number(decimalComma: separator == UInt8(ascii: ";")) != nil })
    else { return names }
    stepBack()
    let known = (isSplit ? ["date", "time"] : ["ts"]) + ["open", "high", "low", "close", "volume"]
    return known + (known.count..<count).map { "column \($0 + 1)" }
  }

  private var notText: FeedError {
    FeedError(
      .notCSV, "\(input.name) is no comma-separated text in UTF-8 with a header line (plain or packed with gzip)")
  }
}
