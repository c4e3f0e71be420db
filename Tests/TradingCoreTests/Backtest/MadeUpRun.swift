import Testing

@testable import TradingCore

/// The result of a backtest, as it is written.
struct MadeUpRun {
  struct Order: Equatable {
    let id: Int64
    let instrument: Int64
    let side, type: String
    /// As it was last; a fill of another order may take from it.
    private(set) var quantity: String?
    let submittedAt: Int64
    private(set) var closedAt: Int64?

    /// What is known of it before a time.
    func known(before time: Int64) -> Order {
      if let closedAt, closedAt < time { return self }
      var order = self
      (order.quantity, order.closedAt) = (nil, nil)
      return order
    }
  }

  struct Fill: Equatable {
    let id, order, instrument: Int64
    let isBuy: Bool
    let quantity, price: Int64
    let fee: Int128
    let at: Int64
  }

  struct Day: Equatable {
    let at: Int64
    let equity, cash: Int128
  }

  let orders: [Order]
  let fills: [Fill]
  let days: [Day]
  let curve: [(at: Int64, equity: Double)]
  let finalEquity, finalCash: Int128

  init(_ json: String) throws {
    let document = try JSONDocument(json, depth: 32, longest: 268_435_456)
    let root = SpecificationReader(document.members, "result")
    func raw(_ reader: SpecificationReader, _ key: String) throws -> Int128 {
      let money: Money = try reader.decimal(key)
      return money.raw
    }
    // A table has the text of an array for each column.
    func column<Value>(_ table: String, _ name: String, _ value: (String) throws -> Value) throws -> [Value] {
      let table = try root.object(table)
      let values = try table.text(name).dropFirst().dropLast().split(separator: ",").map { try value(String($0)) }
      #expect(values.count == Int(try table.whole("count")))
      return values
    }
    func whole(_ text: String) throws -> Int64 { try #require(Int64(text)) }
    func fixed(_ text: String) throws -> Int128 { try Money(text).raw }
    let sides = try column("orders", "side") { $0 }
    let types = try column("orders", "type") { $0 }
    let quantities = try column("orders", "quantity") { $0 }
    let submittedAt = try column("orders", "submitted_at", whole)
    let closedAt = try column("orders", "closed_at") { $0 == "NULL" ? nil : try whole($0) }
    let orderInstruments = try column("orders", "instrument", whole)
    orders = try column("orders", "id", whole).enumerated().map { row, id in
      Order(
        id: id, instrument: orderInstruments[row], side: sides[row], type: types[row], quantity: quantities[row],
        submittedAt: submittedAt[row], closedAt: closedAt[row])
    }
    let filledOrders = try column("fills", "order", whole)
    let fillInstruments = try column("fills", "instrument", whole)
    let isBuy = try column("fills", "side") { $0 == "buy" }
    let fillQuantities = try column("fills", "quantity", fixed)
    let prices = try column("fills", "price", fixed)
    let fees = try column("fills", "fee", fixed)
    let filledAt = try column("fills", "at", whole)
    fills = try column("fills", "id", whole).enumerated().map { row, id in
      Fill(
        id: id, order: filledOrders[row], instrument: fillInstruments[row], isBuy: isBuy[row],
        quantity: Int64(fillQuantities[row]), price: Int64(prices[row]), fee: fees[row], at: filledAt[row])
    }
    let equities = try column("days", "equity", fixed)
    let cash = try column("days", "cash", fixed)
    days = try column("days", "at", whole).enumerated().map { row, at in
      Day(at: at, equity: equities[row], cash: cash[row])
    }
    let values = try column("curve", "equity") { try #require(Double($0)) }
    curve = Array(zip(try column("curve", "times", whole), values))
    finalEquity = try raw(root, "final_equity")
    finalCash = try raw(root, "final_cash")
  }
}
