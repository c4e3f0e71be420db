import Testing
import TradingCore

@Suite struct PositionSizingTests {
  @Test(arguments: [
    // price, stop distance, equity, cash, lot, expected: 1 percent of the equity at risk
    ("100", "5", "100000", "100000", "1", "200"),
    ("100", "5", "100000", "15050", "1", "150"),
    ("100", "3", "100000", "100000", "1", "333"),
    ("100", "3", "100000", "100000", "100", "300"),
    ("100", "5", "100000", "99.99", "1", "0"),
    ("100", "0", "100000", "100000", "1", "0"),
    ("0", "5", "100000", "100000", "1", "0"),
    ("100", "5", "-100000", "100000", "1", "0"),
    ("100", "5", "100000", "-1", "1", "0"),
    ("30000", "500", "100000", "100000", "0.001", "2"),
  ])
  func riskToTheStopDecidesAndCashLimits(
    price: String, stop: String, equity: String, cash: String, lot: String, expected: String
  ) throws {
    let terms = try TradingTerms(tickSize: Price("0.01"), lot: Quantity(lot))
    let quantity = try PositionSizing.fixedFractional(riskPercent: .one).quantity(
      price: Price(price), stopDistance: Price(stop), equity: Money(equity), cash: Money(cash), terms: terms)
    #expect(quantity.description == expected)
  }

  @Test func fixedQuantityAndValueAreCappedByCash() throws {
    let terms = try TradingTerms(tickSize: Price("0.01"), lot: Quantity("10"), multiplier: Ratio("2"))
    func size(_ sizing: PositionSizing, cash: String) throws -> String {
      try sizing.quantity(
        price: Price("50"), stopDistance: .zero, equity: .zero, cash: Money(cash), terms: terms
      ).description
    }
    #expect(try size(.fixedQuantity(Quantity("37")), cash: "100000") == "30")
    #expect(try size(.fixedQuantity(Quantity("37")), cash: "2999.99") == "20")
    #expect(try size(.fixedQuantity(Quantity("-5")), cash: "100000") == "0")
    #expect(try size(.fixedValue(Money("2999")), cash: "100000") == "20")
    #expect(try size(.fixedValue(Money("3000")), cash: "100000") == "30")
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func theQuantityIsTheLargestThatCashPaysForWithFees(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<150 {
      let fees = try FeeSchedule(
        perShare: Price(raw: .random(in: 0...5_000_000, using: &generator)),
        perOrder: Money(raw: .random(in: 0...500_000_000, using: &generator)),
        percent: Ratio(raw: .random(in: 0...200_000_000, using: &generator)),
        minimum: Money(raw: .random(in: 0...1_000_000_000, using: &generator)))
      let lot = try Quantity(["0.00000001", "0.001", "1", "25"].randomElement(using: &generator)!)
      let terms = try TradingTerms(
        tickSize: Price("0.01"), lot: lot, multiplier: Ratio(["1", "0.1", "50"].randomElement(using: &generator)!),
        fees: fees)
      let price = try Price(raw: .random(in: 1...100_000_000_000, using: &generator))
      let cash = try Money(raw: .random(in: 0...1_000_000_000_000, using: &generator))
      let wanted = try Quantity("1000000000")
      let quantity = try PositionSizing.fixedQuantity(wanted).quantity(
        price: price, stopDistance: .zero, equity: .zero, cash: cash, terms: terms)

      #expect(quantity.raw % lot.raw == 0 && !quantity.isNegative)
      if quantity.isPositive { #expect(try terms.cost(of: quantity, at: price) <= cash) }
      if quantity < wanted { #expect(try terms.cost(of: quantity + lot, at: price) > cash) }
    }
  }

  @Test func extremesAreAnswersOrErrorsAndNeverTraps() throws {
    let tiny = try Price(raw: 1)
    let huge = try Price("9999999999.99999999")
    let all = try Money("99999999999999999999.99999999")
    for lot in ["0.00000001", "9999999999"] {
      for price in [tiny, huge] {
        for multiplier in ["0.00000001", "1", "9999999999"] {
          let terms = try TradingTerms(tickSize: tiny, lot: Quantity(lot), multiplier: Ratio(multiplier))
          for sizing in [
            PositionSizing.fixedQuantity(try Quantity("9999999999.99999999")), .fixedValue(all),
            .fixedFractional(riskPercent: try Ratio("100")),
          ] {
            let quantity = try? sizing.quantity(
              price: price, stopDistance: tiny, equity: all, cash: all, terms: terms)
            if let quantity, quantity.isPositive { #expect(try terms.cost(of: quantity, at: price) <= all) }
          }
        }
      }
    }
  }
}
