import TestSupport
import Testing
import TradingCore

@Suite struct FeeScheduleTests {
  /// 0.005 a share, 0.35 an order, 0.01 percent, at least 1, at most 20.
  static func broker() throws -> FeeSchedule {
    try FeeSchedule(
      perShare: Price("0.005"), perOrder: Money("0.35"), percent: Ratio("0.01"), minimum: Money("1"),
      maximum: Money("20"))
  }

  @Test(arguments: [
    ("0", "0", "0"), ("1", "100", "1"), ("1000", "10000", "6.35"), ("100000", "1000000", "20"),
    ("333", "12345.67", "3.249567"),
  ])
  func theFeeIsTheClampedSumOfItsParts(quantity: String, notional: String, expected: String) throws {
    let fee = try Self.broker().fee(cumulativeQuantity: Quantity(quantity), cumulativeNotional: Money(notional))
    #expect(fee.description == expected)
  }

  @Test func eachTermIsRoundedBeforeTheSum() throws {
    // Both terms are 0.000000005: rounded apart they give two units of 1e-8, together only one.
    let schedule = try FeeSchedule(perShare: Price("0.00000001"), percent: Ratio("0.00000001"))
    let fee = try schedule.fee(cumulativeQuantity: Quantity("0.5"), cumulativeNotional: Money("50"))
    #expect(fee.description == "0.00000002")
  }

  @Test(arguments: seeds(5))
  func cuttingAnOrderIntoFillsDoesNotChangeItsFee(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let schedule = try Self.broker()
    var quantity = Quantity.zero
    var notional = Money.zero
    var charged = Money.zero
    for _ in 0..<40 {
      let fill = try Quantity(raw: .random(in: 1...50_000_000_000, using: &generator))
      let value = try Price(raw: .random(in: 1...90_000_000_000, using: &generator)).value(of: fill)
      let charge = try schedule.charge(
        quantity: fill, notional: value, afterQuantity: quantity, afterNotional: notional)
      #expect(!charge.isNegative)
      try charged += charge
      try quantity += fill
      try notional += value
      #expect(try charged == schedule.fee(cumulativeQuantity: quantity, cumulativeNotional: notional))
    }
  }

  @Test func contradictorySchedulesAreRefused() throws {
    #expect(throws: ParameterError.self) { try FeeSchedule(minimum: Money("2"), maximum: Money("1")) }
    #expect(throws: ParameterError.self) { try FeeSchedule(perShare: Price("-0.01")) }
    #expect(throws: ParameterError.self) { try FeeSchedule(maximum: Money("-1")) }
    #expect(try FeeSchedule.free.fee(cumulativeQuantity: Quantity("5"), cumulativeNotional: Money("5")) == .zero)
  }

  @Test func aFeeBeyondTheRangeOfMoneyIsAnError() throws {
    let schedule = try FeeSchedule(percent: Ratio("9999999999"))
    let notional = try Money("99999999999999999999")
    #expect(
      .overflow == errorCode(try schedule.fee(cumulativeQuantity: Quantity("1"), cumulativeNotional: notional)))
  }

  /// Intraday shares on India's National Stock Exchange since October 2024, as discount brokers publish it.
  static func intraday() throws -> FeeSchedule {
    try FeeSchedule(lines: [
      FeeLine(.gst, percent: Ratio("18"), decimals: 2, percentOf: [.brokerage, .exchange, .sebi]),
      FeeLine(.stampDuty, side: .buy, percent: Ratio("0.003"), decimals: 2),
      FeeLine(.exchange, percent: Ratio("0.00297"), decimals: 2), FeeLine(.sebi, percent: Ratio("0.0001"), decimals: 2),
      FeeLine(.securitiesTransactionTax, side: .sell, product: .intraday, percent: Ratio("0.025"), decimals: 0),
      FeeLine(.securitiesTransactionTax, product: .delivery, percent: Ratio("0.1"), decimals: 0),
      FeeLine(.brokerage, product: .intraday, percent: Ratio("0.03"), maximum: Money("20"), decimals: 2),
    ])
  }

  @Test(arguments: [
    // Zerodha's calculator as it opens: 400 shares bought at 1000 and sold at 1100.
    (Side.buy, Product.intraday, "400", "400000", ["20", "0", "11.88", "0.4", "5.81", "12"]),
    (.sell, .intraday, "400", "440000", ["20", "110", "13.07", "0.44", "6.03", "0"]),
    (.sell, .delivery, "400", "440000", ["0", "440", "13.07", "0.44", "2.43", "0"]),
    (.sell, .carryForward, "400", "440000", ["0", "0", "13.07", "0.44", "2.43", "0"]),
    // A question of its forum: 2.525 rupees of tax are 3.
    (.sell, .intraday, "100", "10100", ["3.03", "3", "0.3", "0.01", "0.6", "0"]),
  ])
  func aContractNoteHasALineForEachComponent(
    side: Side, product: Product, quantity: String, value: String, expected: [String]
  ) throws {
    let fees = try Self.intraday().fees(
      side: side, product: product, quantity: Quantity(quantity), value: Money(value))
    #expect(fees.map(\.description) == expected)
    let sum = try fees.reduce(into: Money.zero) { try $0 += $1 }
    #expect(
      try Self.intraday().fee(
        side: side, product: product, cumulativeQuantity: Quantity(quantity), cumulativeNotional: Money(value)) == sum)
  }

  @Test(arguments: [("0", "6"), ("250", "5.5"), ("1000", "4")])
  func whatRestsInTheBookPaysTheMakersShare(makerValue: String, expected: String) throws {
    let schedule = try FeeSchedule(lines: [FeeLine(.brokerage, percent: Ratio("0.6"), makerPercent: Ratio("0.4"))])
    let fee = try schedule.fee(
      cumulativeQuantity: Quantity("1"), cumulativeNotional: Money("1000"), makerValue: Money(makerValue))
    #expect(fee.description == expected)
  }

  @Test func aMaximumInPercentCountsBelowTheMinimum() throws {
    let schedule = try FeeSchedule(lines: [
      FeeLine(.brokerage, perShare: Price("0.005"), minimum: Money("1"), maximumPercent: Ratio("1"))
    ])
    for (quantity, value, expected) in [("10", "2", "0.02"), ("100", "2500", "1"), ("1000", "250", "2.5")] {
      let fee = try schedule.fee(cumulativeQuantity: Quantity(quantity), cumulativeNotional: Money(value))
      #expect(fee.description == expected)
    }
  }

  @Test func linesThatContradictThemselvesAreRefused() throws {
    #expect(throws: ParameterError.self) { try FeeLine(.gst, percent: Ratio("18"), percentOf: [.gst]) }
    #expect(throws: ParameterError.self) { try FeeLine(.gst, percent: Ratio("18"), percentOf: [.stampDuty]) }
    #expect(throws: ParameterError.self) { try FeeLine(.gst, makerPercent: Ratio("1"), percentOf: [.sebi]) }
    #expect(throws: ParameterError.self) { try FeeLine(.gst, decimals: 9) }
    #expect(throws: ParameterError.self) { try FeeLine(.gst, makerPercent: Ratio("-1")) }
    #expect(throws: ParameterError.self) { try FeeLine(.gst, maximumPercent: Ratio("-1")) }
  }

  @Test func anOrderHasTheTermsOfItsDay() throws {
    func schedule(_ perOrder: String) throws -> FeeSchedule { try FeeSchedule(perOrder: Money(perOrder)) }
    let history = try FeeHistory([
      (begin: Timestamp("2024-01-08T00:00:00Z"), schedule: schedule("2")),
      (begin: Timestamp("2020-01-01T00:00:00Z"), schedule: schedule("1")),
    ])
    #expect(try history.schedule(at: Timestamp("2019-12-31T23:59:59.999999Z")) == nil)
    #expect(try history.schedule(at: Timestamp("2024-01-07T23:59:59.999999Z")) == schedule("1"))
    #expect(try history.schedule(at: Timestamp("2024-01-08T00:00:00Z")) == schedule("2"))
    #expect(FeeHistory.free.schedule(at: .earliest) == .free)
  }

  @Test func componentsHaveTheirPlaces() {
    #expect(FeeComponent.allCases.map(\.index) == Array(0..<9))
  }
}
