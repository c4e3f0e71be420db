import Testing
import TradingCore

@Suite struct StockSplitTests {
  @Test(arguments: [
    // price, new for old, sell, buy
    ("101.01", "2", "1", "50.51", "50.5"), ("100", "2", "1", "50", "50"), ("0.01", "4", "1", "0.01", "0.01"),
    ("33.33", "1", "10", "333.3", "333.3"), ("10", "3", "2", "6.67", "6.66"), ("10", "1.5", "1", "6.67", "6.66"),
  ])
  func orderPricesRoundToTheTickInTheOwnersFavour(
    price: String, numerator: String, denominator: String, sell: String, buy: String
  ) throws {
    let split = try StockSplit(numerator: Ratio(numerator), denominator: Ratio(denominator))
    #expect(try split.price(Price(price), .sell, tickSize: Price("0.01")).description == sell)
    #expect(try split.price(Price(price), .buy, tickSize: Price("0.01")).description == buy)
  }

  @Test func quantitiesKeepEightDecimals() throws {
    #expect(try StockSplit(numerator: 3, denominator: 2).quantity(Quantity("-15")).description == "-22.5")
    #expect(try StockSplit(numerator: 1, denominator: 3).quantity(Quantity("2")).description == "0.66666667")
    #expect(try StockSplit(numerator: 7, denominator: 1).priceRatio == 1.0 / 7)
  }

  @Test func nonsenseIsRefusedAndTheRangeIsKept() throws {
    #expect(throws: ParameterError.self) { try StockSplit(numerator: 0, denominator: 1) }
    #expect(throws: ParameterError.self) { try StockSplit(numerator: 1, denominator: -1) }
    #expect(throws: ParameterError.self) { try StockSplit(numerator: .max, denominator: 1) }
    let explosion = try StockSplit(numerator: Ratio("9999999999"), denominator: Ratio("0.00000001"))
    let most = try Price("9999999999")
    #expect(.overflow == errorCode(try explosion.quantity(Quantity("9999999999"))))
    let implosion = try StockSplit(numerator: Ratio("0.00000001"), denominator: Ratio("9999999999"))
    #expect(.overflow == errorCode(try implosion.price(most, .buy, tickSize: Price("0.00000001"))))
    #expect(.overflow == errorCode(try implosion.price(most, .sell, tickSize: most)))
    #expect(.overflow == errorCode(try implosion.distance(most)))
  }
}
