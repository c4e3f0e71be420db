import TestSupport
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
    let quantity = try size(
      .fixedFractional(riskPercent: .one), price: price, stop: stop, equity: equity, cash: cash, lot: lot)
    #expect(quantity == expected)
  }

  private func size(
    _ sizing: PositionSizing, price: String = "50", stop: String = "0", range: String = "0", deviation: String = "0",
    equity: String = "100000", cash: String = "100000", lot: String = "1", multiplier: String = "1"
  ) throws -> String {
    let figures = try PositionSizing.Figures(
      price: Price(price), stopDistance: Price(stop), averageTrueRange: Price(range), deviation: Price(deviation))
    return try sizing.quantity(
      figures, account: AccountView(equity: Money(equity), cash: Money(cash), position: .zero),
      terms: TradingTerms(tickSize: Price("0.01"), lot: Quantity(lot), multiplier: Ratio(multiplier))
    ).description
  }

  @Test func fixedQuantityAndValueAreCappedByCash() throws {
    func size(_ sizing: PositionSizing, cash: String) throws -> String {
      try self.size(sizing, equity: "0", cash: cash, lot: "10", multiplier: "2")
    }
    #expect(try size(.fixedQuantity(Quantity("37")), cash: "100000") == "30")
    #expect(try size(.fixedQuantity(Quantity("37")), cash: "2999.99") == "20")
    #expect(try size(.fixedQuantity(Quantity("-5")), cash: "100000") == "0")
    #expect(try size(.fixedValue(Money("2999")), cash: "100000") == "20")
    #expect(try size(.fixedValue(Money("3000")), cash: "100000") == "30")
  }

  /// What is sold short is bounded like a purchase, and by its collateral when that is more than its value.
  @Test(arguments: [("0.5", "100"), ("1", "100"), ("1.25", "80")])
  func cashBoundsWhatIsSoldShort(margin: String, expected: String) throws {
    let quantity = try PositionSizing.fixedQuantity(Quantity("500")).quantity(
      PositionSizing.Figures(price: Price("100")), side: .sell,
      account: AccountView(equity: Money("10000"), cash: Money("10000"), position: .zero),
      terms: TradingTerms(tickSize: Price("0.01"), lot: Quantity("1"), initialMargin: Ratio(margin)))
    #expect(quantity.description == expected)
  }

  @Test func riskMaySpreadOverRangesAndDeviations() throws {
    // 1,000 at risk; a fall of 2 × 1.25 or 3 × 0.8.
    let volatility = try PositionSizing.volatility(riskPercent: .one, atrMultiple: Ratio("2"))
    #expect(try size(volatility, range: "1.25") == "400")
    #expect(try size(volatility, range: "0") == "0")
    let deviation = try PositionSizing.deviation(riskPercent: .one, deviations: Ratio("3"), period: 20)
    #expect(try size(deviation, deviation: "0.8") == "416")
    #expect(try size(deviation, deviation: "0.8", cash: "20000") == "400")
  }

  @Test func distancesAndPricesGoUpToTheTick() throws {
    // 0.9901 is a stop of 1.00; 50.001 is a price of 50.01.
    #expect(try size(.fixedFractional(riskPercent: .one), stop: "0.9901") == "1000")
    #expect(try size(.fixedValue(Money("5000.99")), price: "50.001") == "99")
  }

  @Test(arguments: [
    // win rate, payoff, fraction, cap, expected at 50 with an equity of 100,000: 0.6 − 0.4 ÷ 2 = 40 percent
    ("0.6", "2", "1", "100", "800"), ("0.6", "2", "0.5", "100", "400"), ("0.6", "2", "0.5", "15", "300"),
    ("0.5", "1", "1", "100", "0"), ("0.3", "2", "1", "100", "0"), ("1", "1", "1", "100", "2000"),
    ("0.55", "1.5", "0.5", "25", "250"),
  ])
  func kellysFractionHasACap(winRate: String, payoff: String, fraction: String, cap: String, expected: String) throws {
    let kelly = try PositionSizing.kelly(
      winRate: Ratio(winRate), payoff: Ratio(payoff), fraction: Ratio(fraction), capPercent: Ratio(cap))
    #expect(try size(kelly) == expected)
  }

  @Test func jsonNamesTheMethodAndWhatIsLeftOutHasItsStandard() throws {
    let sizings: [(String, PositionSizing)] = try [
      (#"{"method":"fixed_quantity","quantity":100}"#, .fixedQuantity(Quantity("100"))),
      (#"{"method":"fixed_value","value":1234.5}"#, .fixedValue(Money("1234.5"))),
      (#"{"method":"fixed_fractional"}"#, .standard),
      (#"{"method":"volatility","risk_percent":0.5}"#, .volatility(riskPercent: Ratio("0.5"), atrMultiple: Ratio("2"))),
      (#"{"method":"deviation","period":30}"#, .deviation(riskPercent: .one, deviations: Ratio("2"), period: 30)),
      (
        #"{"method":"kelly","win_rate":0.55,"payoff":1.5}"#,
        .kelly(winRate: Ratio("0.55"), payoff: Ratio("1.5"), fraction: Ratio("0.5"), capPercent: Ratio("25"))
      ),
    ]
    for (json, sizing) in sizings {
      #expect(try PositionSizing(json: json) == sizing)
      #expect(try StrategyDefinition(type: .trend, json: #"{"sizing":\#(json)}"#).sizing == sizing)
    }
  }

  @Test(arguments: [
    ("{}", ParameterError.Code.outOfRange, "method"), (#"{"method":"martingale"}"#, .outOfRange, "method"),
    (#"{"method":1}"#, .wrongType, "method"), (#"{"method":"fixed_quantity"}"#, .outOfRange, "quantity"),
    (#"{"method":"fixed_quantity","quantity":0}"#, .outOfRange, "quantity"),
    (#"{"method":"fixed_quantity","quantity":1e11}"#, .outOfRange, "quantity"),
    (#"{"method":"fixed_quantity","quantity":"5"}"#, .wrongType, "quantity"),
    (#"{"method":"fixed_quantity","quantity":5,"value":1}"#, .unknownKey, "value"),
    (#"{"method":"fixed_value","value":-1}"#, .outOfRange, "value"),
    (#"{"method":"fixed_fractional","risk_percent":101}"#, .outOfRange, "risk_percent"),
    (#"{"method":"deviation","period":1}"#, .outOfRange, "period"),
    (#"{"method":"deviation","period":2.5}"#, .wrongType, "period"),
    (#"{"method":"kelly","payoff":2}"#, .outOfRange, "win_rate"),
    (#"{"method":"kelly","win_rate":1.1,"payoff":2}"#, .outOfRange, "win_rate"),
  ])
  func aBadSizingIsRefusedByItsKey(json: String, code: ParameterError.Code, key: String) throws {
    let error = try #require(throws: ParameterError.self) { try PositionSizing(json: json) }
    #expect(error.code == code)
    #expect(error.key == key)
  }

  @Test(arguments: seeds(8))
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
        tickSize: Price(raw: 1), lot: lot, multiplier: Ratio(["1", "0.1", "50"].randomElement(using: &generator)!))
      let price = try Price(raw: .random(in: 1...100_000_000_000, using: &generator))
      let cash = try Money(raw: .random(in: 0...1_000_000_000_000, using: &generator))
      let wanted = try Quantity("1000000000")
      let quantity = try PositionSizing.fixedQuantity(wanted).quantity(
        .init(price: price), account: AccountView(equity: .zero, cash: cash, position: .zero, fees: fees), terms: terms)

      #expect(quantity.raw % lot.raw == 0 && !quantity.isNegative)
      if quantity.isPositive { #expect(try terms.cost(of: quantity, at: price, fees: fees) <= cash) }
      if quantity < wanted { #expect(try terms.cost(of: quantity + lot, at: price, fees: fees) > cash) }
    }
  }

  @Test func extremesAreAnswersOrErrorsAndNeverTraps() throws {
    let tiny = try Price(raw: 1)
    let huge = try Price("9999999999.99999999")
    let all = try Money("99999999999999999999.99999999")
    let most = try Ratio("9999999999.99999999")
    for lot in ["0.00000001", "9999999999"] {
      for price in [tiny, huge] {
        for multiplier in ["0.00000001", "1", "9999999999"] {
          let terms = try TradingTerms(tickSize: tiny, lot: Quantity(lot), multiplier: Ratio(multiplier))
          for sizing in [
            PositionSizing.fixedQuantity(try Quantity("9999999999.99999999")), .fixedValue(all),
            .fixedFractional(riskPercent: try Ratio("100")), .volatility(riskPercent: most, atrMultiple: most),
            .kelly(winRate: most, payoff: most, fraction: most, capPercent: most),
            .kelly(winRate: .zero, payoff: .zero, fraction: .zero, capPercent: .zero),
          ] {
            let quantity = try? sizing.quantity(
              .init(price: price, stopDistance: tiny, averageTrueRange: huge),
              account: AccountView(equity: all, cash: all, position: .zero), terms: terms)
            if let quantity, quantity.isPositive {
              #expect(try terms.cost(of: quantity, at: price, fees: .free) <= all)
            }
          }
        }
      }
    }
  }
}
