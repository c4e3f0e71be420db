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

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
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
}
