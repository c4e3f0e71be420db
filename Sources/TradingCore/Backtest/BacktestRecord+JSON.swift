/// The result of a run as `research.record_backtest` reads it: decimals in quotes, times in microseconds since 2000-01-01.
extension BacktestRecord {
  func json(_ books: MemoryBooks, _ specification: BacktestSpecification) throws(BacktestError) -> String {
    let portfolio = books.portfolios[0]
    var writer = RuleWriter()
    writer.raw(#"{"engine":"#)
    writer.string(engineVersion)
    writer.raw(#","fingerprint":"#)
    writer.string(Self.hexadecimal(fingerprint))
    writer.raw(#","events":\#(events),"final_equity":"#)
    writer.string((days.last?.equity ?? portfolio.equity).description)
    writer.raw(#","final_cash":"#)
    writer.string((days.last?.cash ?? portfolio.cash).description)
    writer.raw(#","fees":"#)
    do throws(ArithmeticError) {
      var fees = Money.zero
      for fill in portfolio.fills { try fees += fill.fee }
      writer.string(fees.description)
      writer.raw(#","orders":"#)
      writer.list(portfolio.orders) { $0.write($1, agent: specification.agent.name) }
      writer.raw(#","fills":"#)
      writer.list(portfolio.fills) { $0.write($1) }
      writer.raw(#","trades":["#)
      for (index, trade) in trades.all.enumerated() {
        if index > 0 { writer.raw(",") }
        try writer.write(trade, specification.terms.instruments[trade.place].terms.multiplier)
      }
    } catch {
      throw BacktestError(BooksError(error), at: days.last?.at)
    }
    writer.raw(#"],"days":"#)
    writer.list(days) { writer, day in
      writer.raw(#"{"day":\#(day.day),"at":\#(day.at.microseconds),"equity":"#)
      writer.string(day.equity.description)
      writer.raw(#","cash":"#)
      writer.string(day.cash.description)
      writer.raw("}")
    }
    writer.raw(#","curve":{"times":"#)
    writer.list(curve) { $0.raw("\($1.at.microseconds)") }
    writer.raw(#","equity":"#)
    writer.list(curve) { $0.raw($1.equity.description) }
    writer.raw("}}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = []
    for place in 0..<16 { bytes.append(digits[Int(number >> UInt64(60 - 4 * place) & 15)]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension RuleWriter {
  private mutating func member(_ key: String, _ text: String?) {
    guard let text else { return }
    raw(",\"")
    raw(key)
    raw("\":")
    string(text)
  }

  private mutating func member(_ key: String, _ time: Timestamp?) {
    if let time { raw(",\"\(key)\":\(time.microseconds)") }
  }

  fileprivate mutating func write(_ order: OrderRecord, agent: String) {
    raw(#"{"id":\#(order.number),"instrument":\#(order.instrument)"#)
    member("agent", agent)
    member("client_order_id", order.clientOrderID)
    member("side", order.side.sql)
    member("type", order.terms.type.sql)
    member("quantity", order.quantity.description)
    member("limit_price", order.terms.limitPrice?.description)
    member("stop_price", order.terms.stopPrice?.description)
    member("status", order.status.sql)
    member("code", order.code)
    member("reason", order.reason)
    member("submitted_at", order.submittedAt)
    member("closed_at", order.closedAt)
    member("filled", order.filled.description)
    member("average_price", order.averagePrice?.description)
    member("fees", order.fees.description)
    raw("}")
  }

  fileprivate mutating func write(_ fill: FillRecord) {
    raw(#"{"id":\#(fill.number),"order":\#(fill.order),"instrument":\#(fill.instrument)"#)
    member("side", fill.side.sql)
    member("quantity", fill.quantity.description)
    member("price", fill.price.description)
    member("fee", fill.fee.description)
    member("realised", fill.realised.description)
    member("at", fill.at)
    raw("}")
  }

  fileprivate mutating func write(_ trade: BacktestTrade, _ multiplier: Ratio) throws(ArithmeticError) {
    raw(#"{"no":\#(trade.number),"instrument":\#(trade.instrument),"bars":\#(trade.bars)"#)
    member("side", trade.side.sql)
    member("quantity", trade.quantity.description)
    member("opened_at", trade.openedAt)
    member("closed_at", trade.closedAt)
    member("entry_price", try trade.entryPrice(multiplier).description)
    member("exit_price", try trade.exitPrice(multiplier)?.description)
    member("entry_value", trade.entry.description)
    member("pnl", trade.profit.description)
    member("fees", trade.fees.description)
    let excursions = try trade.excursions(multiplier)
    member("mae", excursions.adverse.description)
    member("mfe", excursions.favourable.description)
    member("exit_reason", trade.exitReason?.sql)
    raw("}")
  }
}
