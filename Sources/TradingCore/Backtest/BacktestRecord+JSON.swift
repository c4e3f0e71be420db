/// The result of a run as `research.record_backtest` reads it: a table is an object with the number of its rows and for each
/// column the text of an array, because that is what the database takes in fastest. Decimals are exact, times in microseconds
/// since 2000-01-01.
extension BacktestRecord {
  func json(_ books: MemoryBooks, _ specification: BacktestSpecification) throws(BacktestError) -> String {
    let portfolio = books.portfolios[0]
    var writer = RuleWriter()
    do throws(ArithmeticError) {
      try writeTotals(portfolio, to: &writer)
      writer.write(portfolio.orders, agent: specification.agent.name)
      writer.write(portfolio.fills)
      try writer.write(portfolio.closures, of: portfolio)
      try writer.write(trades.all) { specification.terms.instruments[$0.place].terms.multiplier }
    } catch {
      throw BacktestError(BooksError(error), at: days.last?.at)
    }
    writer.table("days", days.count)
    writer.column("day", days) { $0.number($1.day) }
    writer.column("at", days) { $0.number($1.at.microseconds) }
    writer.column("equity", days) { $0.decimal($1.equity) }
    writer.column("cash", days) { $0.decimal($1.cash) }
    writer.raw("}")
    writer.table("curve", curve.count)
    writer.column("times", curve) { $0.number($1.at.microseconds) }
    writer.column("equity", curve) { $0.decimal($1.equity) }
    writer.raw("}}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// What statistics are computed from, and nothing else, for `research.record_trials`.
  func trialJSON(_ books: MemoryBooks, _ specification: BacktestSpecification) throws(BacktestError) -> String {
    let portfolio = books.portfolios[0]
    var writer = RuleWriter()
    do throws(ArithmeticError) {
      try writeTotals(portfolio, to: &writer)
      var refused = 0
      for order in portfolio.orders where order.status == .rejected { refused += 1 }
      writer.raw(#","orders":{"count":\#(portfolio.orders.count),"rejected":\#(refused)}"#)
      writer.table("fills", portfolio.fills.count)
      writer.column("instrument", portfolio.fills) { $0.number(Int64($1.instrument)) }
      writer.column("quantity", portfolio.fills) { $0.decimal($1.quantity) }
      writer.column("price", portfolio.fills) { $0.decimal($1.price) }
      writer.raw("}")
      var excursions: [(adverse: Money, favourable: Money)] = []
      for trade in trades.all {
        excursions.append(try trade.excursions(specification.terms.instruments[trade.place].terms.multiplier))
      }
      writer.table("trades", trades.all.count)
      writer.column("opened_at", trades.all) { $0.number($1.openedAt.microseconds) }
      writer.column("closed_at", trades.all) { $0.number($1.closedAt?.microseconds) }
      writer.column("pnl", trades.all) { $0.decimal($1.profit) }
      writer.column("fees", trades.all) { $0.decimal($1.fees) }
      writer.column("mae", excursions) { $0.decimal($1.adverse) }
      writer.column("mfe", excursions) { $0.decimal($1.favourable) }
      writer.raw("}")
    } catch {
      throw BacktestError(BooksError(error), at: days.last?.at)
    }
    writer.table("days", days.count)
    writer.column("day", days) { $0.number($1.day) }
    writer.column("equity", days) { $0.decimal($1.equity) }
    writer.raw("}}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Begins the object.
  private func writeTotals(_ portfolio: PortfolioBooks, to writer: inout RuleWriter) throws(ArithmeticError) {
    writer.raw(#"{"engine":"#)
    writer.string(engineVersion)
    writer.raw(#","fingerprint":"#)
    writer.string(Self.hexadecimal(fingerprint))
    writer.raw(#","events":\#(events),"final_equity":"#)
    writer.string((days.last?.equity ?? portfolio.equity).description)
    writer.raw(#","final_cash":"#)
    writer.string((days.last?.cash ?? portfolio.cash).description)
    var (fees, income) = (Money.zero, Money.zero)
    for fill in portfolio.fills { try fees += fill.fee }
    for payment in portfolio.payments where payment.kind == .dividend || payment.kind == .borrow {
      try income += payment.amount
    }
    writer.raw(#","fees":"#)
    writer.string(fees.description)
    writer.raw(#","income":"#)
    writer.string(income.description)
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    for place in 0..<16 { bytes.append(digits[Int(number >> UInt64(60 - 4 * place) & 15)]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension PortfolioBooks {
  /// Of the close of a lot its share of the closing fill's fee or of what the exercise cost, and its share of the opening
  /// fill's fee by value, which no split changes.
  fileprivate func fees(of closure: ClosureRecord) throws(ArithmeticError) -> Money {
    let closed = closure.quantity.magnitude
    let closing =
      closure.fill > 0
      ? try fill(closure.fill).fee.share(of: closed, in: fill(closure.fill).quantity)
      : closure.fill == 0 ? try exerciseFees(of: closure) : .zero
    let opening = fill(closure.lot)
    let entry = try closure.cost - closure.settled
    if opening.value.isZero { return closing }
    let part = min(entry.isNegative ? -entry : entry, opening.value)
    return try closing + opening.fee.share(byValue: part, in: opening.value)
  }

  private func fill(_ number: Int64) -> FillRecord { fills[Int(number) - 1] }

  private func exerciseFees(of closure: ClosureRecord) throws(ArithmeticError) -> Money {
    var (fees, closed) = (Money.zero, Quantity.zero)
    for payment in payments
    where payment.kind == .exercise && payment.at == closure.closedAt && payment.instrument == closure.instrument {
      try fees -= payment.amount
    }
    for other in closures
    where other.fill == 0 && other.closedAt == closure.closedAt && other.instrument == closure.instrument {
      try closed += other.quantity.magnitude
    }
    return try fees.share(of: closure.quantity.magnitude, in: closed)
  }
}

/// Tables.
extension RuleWriter {
  /// Begins one, which its columns follow.
  fileprivate mutating func table(_ name: String, _ count: Int) {
    raw(#","\#(name)":{"count":\#(count)"#)
  }

  fileprivate mutating func column<Row>(_ name: String, _ rows: [Row], _ write: (inout RuleWriter, Row) -> Void) {
    begin(name)
    for place in rows.indices {
      if place > 0 { byte(UInt8(ascii: ",")) }
      write(&self, rows[place])
    }
    raw(#"}""#)
  }

  private mutating func begin(_ column: String) {
    raw(#",""#)
    raw(column)
    raw(#"":"{"#)
  }

  // MARK: Elements

  fileprivate mutating func number(_ number: Int64?) {
    guard let number else { return raw("NULL") }
    if number < 0 { byte(UInt8(ascii: "-")) }
    write { $0.append(number: number.magnitude) }
  }

  fileprivate mutating func decimal(_ decimal: (some FixedPoint)?) {
    guard let decimal else { return raw("NULL") }
    write { decimal.write(to: &$0) }
  }

  /// In quotes of the array, which the JSON around it escapes.
  fileprivate mutating func text(_ text: String?) {
    guard let text else { return raw("NULL") }
    raw(#"\""#)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): raw(#"\\\""#)
      case UInt8(ascii: #"\"#): raw(#"\\\\"#)
      default: escaped(byte)
      }
    }
    raw(#"\""#)
  }

  // MARK: Rows

  fileprivate mutating func write(_ orders: [OrderRecord], agent: String) {
    table("orders", orders.count)
    raw(#","agent":"#)
    string(agent)
    column("id", orders) { $0.number($1.number) }
    column("instrument", orders) { $0.number(Int64($1.instrument)) }
    column("client_order_id", orders) { $0.text($1.clientOrderID) }
    column("side", orders) { $0.raw($1.side.sql) }
    column("type", orders) { $0.raw($1.terms.type.sql) }
    column("quantity", orders) { $0.decimal($1.quantity) }
    column("limit_price", orders) { $0.decimal($1.terms.limitPrice) }
    column("stop_price", orders) { $0.decimal($1.terms.stopPrice) }
    column("status", orders) { $0.raw($1.status.sql) }
    column("code", orders) { $0.text($1.code) }
    column("reason", orders) { $0.text($1.reason) }
    column("submitted_at", orders) { $0.number($1.submittedAt.microseconds) }
    column("closed_at", orders) { $0.number($1.closedAt?.microseconds) }
    column("filled", orders) { $0.decimal($1.filled) }
    column("average_price", orders) { $0.decimal($1.averagePrice) }
    column("fees", orders) { $0.decimal($1.fees) }
    raw("}")
  }

  fileprivate mutating func write(_ fills: [FillRecord]) {
    table("fills", fills.count)
    column("id", fills) { $0.number($1.number) }
    column("order", fills) { $0.number($1.order) }
    column("instrument", fills) { $0.number(Int64($1.instrument)) }
    column("side", fills) { $0.raw($1.side.sql) }
    column("quantity", fills) { $0.decimal($1.quantity) }
    column("price", fills) { $0.decimal($1.price) }
    column("fee", fills) { $0.decimal($1.fee) }
    column("realised", fills) { $0.decimal($1.realised) }
    column("at", fills) { $0.number($1.at.microseconds) }
    raw("}")
  }

  fileprivate mutating func write(
    _ closures: [ClosureRecord], of portfolio: PortfolioBooks
  ) throws(ArithmeticError) {
    var fees: [Money] = []
    for closure in closures { fees.append(try portfolio.fees(of: closure)) }
    table("lots", closures.count)
    column("fill", closures) { $0.number($1.fill) }
    column("lot", closures) { $0.number($1.lot) }
    column("instrument", closures) { $0.number(Int64($1.instrument)) }
    column("quantity", closures) { $0.decimal($1.quantity) }
    column("cost", closures) { $0.decimal($1.cost) }
    column("value", closures) { $0.decimal($1.value) }
    column("opened_at", closures) { $0.number($1.openedAt.microseconds) }
    column("closed_at", closures) { $0.number($1.closedAt.microseconds) }
    column("settled", closures) { $0.decimal($1.settled) }
    column("fees", fees) { $0.decimal($1) }
    raw("}")
  }

  fileprivate mutating func write(
    _ trades: [BacktestTrade], _ multiplier: (BacktestTrade) -> Ratio
  ) throws(ArithmeticError) {
    var prices: [(entry: Price, exit: Price?)] = []
    var excursions: [(adverse: Money, favourable: Money)] = []
    for trade in trades {
      prices.append((try trade.entryPrice(multiplier(trade)), try trade.exitPrice(multiplier(trade))))
      excursions.append(try trade.excursions(multiplier(trade)))
    }
    table("trades", trades.count)
    column("no", trades) { $0.number(Int64($1.number)) }
    column("instrument", trades) { $0.number(Int64($1.instrument)) }
    column("side", trades) { $0.raw($1.side.sql) }
    column("quantity", trades) { $0.decimal($1.quantity) }
    column("opened_at", trades) { $0.number($1.openedAt.microseconds) }
    column("closed_at", trades) { $0.number($1.closedAt?.microseconds) }
    column("entry_price", prices) { $0.decimal($1.entry) }
    column("exit_price", prices) { $0.decimal($1.exit) }
    column("entry_value", trades) { $0.decimal($1.entry) }
    column("pnl", trades) { $0.decimal($1.profit) }
    column("fees", trades) { $0.decimal($1.fees) }
    column("bars", trades) { $0.number(Int64($1.bars)) }
    column("mae", excursions) { $0.decimal($1.adverse) }
    column("mfe", excursions) { $0.decimal($1.favourable) }
    column("exit_reason", trades) { $0.raw($1.exitReason?.sql ?? "NULL") }
    raw("}")
  }
}
