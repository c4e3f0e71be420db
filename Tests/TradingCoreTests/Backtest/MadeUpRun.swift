@testable import TradingCore

/// The result of a backtest, as it is written.
struct MadeUpRun {
  struct Order: Equatable {
    let id: Int64
    let instrument: Int64
    let side, type, quantity: String
    let submittedAt: Int64
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
    orders = try root.objects("orders").map {
      Order(
        id: try $0.whole("id"), instrument: try $0.whole("instrument"), side: try $0.text("side"),
        type: try $0.text("type"), quantity: try $0.text("quantity"), submittedAt: try $0.whole("submitted_at"))
    }
    fills = try root.objects("fills").map {
      Fill(
        id: try $0.whole("id"), order: try $0.whole("order"), instrument: try $0.whole("instrument"),
        isBuy: try $0.text("side") == "buy", quantity: Int64(try raw($0, "quantity")),
        price: Int64(try raw($0, "price")),
        fee: try raw($0, "fee"), at: try $0.whole("at"))
    }
    days = try root.objects("days").map {
      Day(at: try $0.whole("at"), equity: try raw($0, "equity"), cash: try raw($0, "cash"))
    }
    let points = document.members.first { $0.key == "curve" }?.value.members ?? []
    let values = points.first { $0.key == "equity" }?.value.elements ?? []
    curve = Array(zip(try root.object("curve").wholes("times"), values.map { $0.double ?? .nan }))
    finalEquity = try raw(root, "final_equity")
    finalCash = try raw(root, "final_cash")
  }
}
