import TestSupport
import Testing
import TradingCore

@Suite struct FixedPointTests {
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("+7", "7"), ("007.50", "7.5"), (".5", "0.5"), ("5.", "5"), ("-0.00000001", "-0.00000001"),
    ("1.100000000000", "1.1"), ("9999999999.99999999", "9999999999.99999999"),
    ("-9999999999.99999999", "-9999999999.99999999"), ("120.00000000", "120"),
  ])
  func decimalTextIsReadExactlyAndPrintedWithTheFewestDigits(text: String, printed: String) throws {
    #expect(try Price(text).description == printed)
    #expect(try Quantity(text).description == printed)
    #expect(try Money(text).description == printed)
  }

  @Test(arguments: [
    ("", ArithmeticError.Code.malformed), ("-", .malformed), (".", .malformed), ("1e5", .malformed),
    ("1,5", .malformed),
    ("1.2.3", .malformed), ("--1", .malformed), ("1-", .malformed), (" 1", .malformed), ("NaN", .malformed),
    ("0x10", .malformed), ("٣", .malformed), ("1\0", .malformed),
    ("0.000000001", .inexact), ("1.123456789", .inexact),
    ("10000000000", .overflow), ("-10000000000.00000000", .overflow),
    ("99999999999999999999999999999999999999999999", .overflow),
  ])
  func textThatIsNotAnExactPriceIsRefused(text: String, code: ArithmeticError.Code) {
    #expect(code == errorCode(try Price(text)))
  }

  @Test func theBoundsAreThoseOfTheColumns() throws {
    #expect(try Money("99999999999999999999.99999999").description == "99999999999999999999.99999999")
    #expect(.overflow == errorCode(try Money("100000000000000000000")))
    #expect(.overflow == errorCode(try Money(raw: Money.rawBound)))
    #expect(.overflow == errorCode(try Price(raw: .min)))
    #expect(.overflow == errorCode(try Money(raw: .min)))
    #expect(.overflow == errorCode(try Price(Int.max)))
    let most = try Price(raw: Price.rawBound - 1)
    #expect(.overflow == errorCode(try most + Price("0.00000001")))
    #expect(.overflow == errorCode(try -most - Price("0.00000001")))
    #expect(try most - most == .zero)
  }

  @Test(arguments: [
    (0.1, "0.1"), (-0.1, "-0.1"), (1.5, "1.5"), (0.000_000_005, "0.00000001"), (0.000_000_004_999, "0"), (-0.0, "0"),
    (123.456_789_01, "123.45678901"), (1e-300, "0"), (9_999_999_999.0, "9999999999"),
    // 3 ÷ 2^9 has nine decimals ending in 5: a true tie.
    (0.005_859_375, "0.00585938"), (-0.005_859_375, "-0.00585938"),
  ])
  func doublesAreRoundedHalfAwayFromZero(value: Double, printed: String) throws {
    #expect(try Price(value).description == printed)
  }

  @Test(arguments: [
    (Double.nan, ArithmeticError.Code.notFinite), (Double.infinity, .notFinite), (-Double.infinity, .notFinite),
    (1e10, .overflow), (-1e10, .overflow), (9_999_999_999.999_999_999, .overflow),
    (.greatestFiniteMagnitude, .overflow),
    (1e28, .overflow),
  ])
  func doublesWithoutAPriceAreRefused(value: Double, code: ArithmeticError.Code) {
    #expect(code == errorCode(try Price(value)))
  }

  @Test func everyDoubleBecomesTheNearestDecimal() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<1500 {
      let exponent = Int.random(in: -40...70, using: &generator)
      let value = Double(
        sign: Bool.random(using: &generator) ? .plus : .minus, exponent: exponent,
        significand: Double.random(in: 1..<2, using: &generator))
      let ulps = Big(Int64(value.significand * 0x1p52)) * Big(100_000_000)
      let power = exponent - 52
      let exact =
        power < 0 ? ulps.dividedRounding(by: .power(2, -power)) : ulps * .power(2, power)
      let expected = value < 0 ? Big(0) - exact : exact
      if exact.isLess(than: Big(Money.rawBound)) {
        #expect(try Big(Money(value).raw) == expected, "\(value)")
      } else {
        #expect(.overflow == errorCode(try Money(value)), "\(value)")
      }
    }
  }

  @Test func theDoubleOfADecimalIsTheOneItsTextReadsAs() throws {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      let bits = Int.random(in: 1...93, using: &generator)
      let magnitude = Int128(UInt128.random(in: 0..<(1 << UInt128(bits)), using: &generator))
      let money = try Money(raw: Bool.random(using: &generator) ? magnitude : -magnitude)
      #expect(money.double == Double(money.description), "\(money)")
    }
    #expect(Money.zero.double == 0)
    #expect(try Price("-9999999999.99999999").double == -1e10)
  }

  @Test func textAndRawAgreeForRandomNumbers() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<5000 {
      let bits = Int.random(in: 1...93, using: &generator)
      let raw = Int128(UInt128.random(in: 0..<(1 << UInt128(bits)), using: &generator))
      let money = try Money(raw: Bool.random(using: &generator) ? raw : -raw)
      #expect(try Money(money.description) == money)
    }
  }

  @Test func valuesOfTradesMatchUnlimitedArithmetic() throws {
    var generator = SeededGenerator(seed: 4)
    var inRange = 0
    for _ in 0..<1500 {
      let price = try Price(raw: anyRaw(&generator))
      let quantity = try Quantity(raw: anyRaw(&generator))
      let multiplier = try Bool.random(using: &generator) ? Ratio.one : Ratio(raw: anyRaw(&generator))
      let exact = (Big(price.raw) * Big(quantity.raw) * Big(multiplier.raw)).dividedRounding(by: .power(10, 16))
      if exact.magnitude.isLess(than: Big(Money.rawBound)) {
        inRange += 1
        #expect(try Big(price.value(of: quantity, multiplier: multiplier).raw) == exact)
      } else {
        #expect(
          .overflow
            == errorCode(try price.value(of: quantity, multiplier: multiplier)))
      }
    }
    #expect(inRange > 200 && inRange < 1500)
  }

  @Test func sharesOfMoneyMatchUnlimitedArithmetic() throws {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<1500 {
      let bits = Int.random(in: 1...93, using: &generator)
      let cost = try Money(raw: Int128(UInt128.random(in: 0..<(1 << UInt128(bits)), using: &generator)))
      let part = try Quantity(raw: anyRaw(&generator))
      let whole = try Quantity(raw: anyRaw(&generator) | 1)
      let exact = (Big(cost.raw) * Big(part.raw)).dividedRounding(by: Big(whole.raw))
      if exact.magnitude.isLess(than: Big(Money.rawBound)) {
        #expect(try Big(cost.share(of: part, in: whole).raw) == exact)
      } else {
        #expect(.overflow == errorCode(try cost.share(of: part, in: whole)))
      }
      let percent = try Ratio(raw: anyRaw(&generator))
      let exactPercent = (Big(cost.raw) * Big(percent.raw)).dividedRounding(by: .power(10, 10))
      if exactPercent.magnitude.isLess(than: Big(Money.rawBound)) {
        #expect(try Big(cost.percent(percent).raw) == exactPercent)
      } else {
        #expect(.overflow == errorCode(try cost.percent(percent)))
      }
    }
  }

  @Test func sellingAPositionInPartsReleasesItsWholeCost() throws {
    var cost = try Money("1000.00000001")
    var held = try Quantity("3")
    var released = Money.zero
    for _ in 0..<3 {
      let part = try cost.share(of: Quantity("1"), in: held)
      try released += part
      try cost -= part
      try held -= Quantity("1")
    }
    #expect(cost == .zero)
    #expect(released.description == "1000.00000001")
  }

  @Test func divisionByZeroIsAnErrorAndNotATrap() throws {
    let money = try Money("1")
    #expect(.divisionByZero == errorCode(try money.share(of: .zero, in: .zero)))
    #expect(.divisionByZero == errorCode(try money.price(per: .zero)))
    #expect(.divisionByZero == errorCode(try money.scaled(by: 1, over: 0)))
  }

  @Test func theAveragePriceOfACostIsRoundedOnce() throws {
    #expect(try Money("100").price(per: Quantity("3")).description == "33.33333333")
    #expect(try Money("200").price(per: Quantity("3")).description == "66.66666667")
    #expect(try Money("200").price(per: Quantity("3"), multiplier: Ratio("50")).description == "1.33333333")
  }

  @Test(arguments: [
    ("10.05", "0.1", "10.1", "10.1", "10"), ("10.04", "0.1", "10", "10.1", "10"),
    ("10.1", "0.1", "10.1", "10.1", "10.1"),
    ("-10.05", "0.1", "-10.1", "-10", "-10.1"), ("-10.04", "0.1", "-10", "-10", "-10.1"),
    ("0.00000001", "0.25", "0", "0.25", "0"), ("-0.00000001", "0.25", "0", "0", "-0.25"),
    ("9999999999.99", "0.01", "9999999999.99", "9999999999.99", "9999999999.99"),
  ])
  func pricesRoundToTheTick(price: String, tick: String, nearest: String, up: String, down: String) throws {
    let price = try Price(price)
    let tick = try Price(tick)
    #expect(try price.rounded(toTick: tick).description == nearest)
    #expect(try price.rounded(toTick: tick, .up).description == up)
    #expect(try price.rounded(toTick: tick, .down).description == down)
  }

  @Test func roundingOutOfTheRangeOrToANonsenseIncrementIsRefused() throws {
    let most = try Price("9999999999.99999999")
    #expect(.overflow == errorCode(try most.rounded(toTick: Price("0.01"), .up)))
    #expect(.badIncrement == errorCode(try most.rounded(toTick: .zero)))
    #expect(.badIncrement == errorCode(try most.rounded(toTick: Price("-1"))))
    #expect(
      .badIncrement == errorCode(try Quantity("1").roundedDown(toLot: .zero)))
  }

  @Test(arguments: [("10.9", "1", "10"), ("-10.9", "1", "-10"), ("99", "100", "0"), ("0.123456789", "0.001", "0.123")])
  func quantitiesRoundDownToTheLot(quantity: String, lot: String, expected: String) throws {
    let quantity = try Quantity(Double(quantity)!)
    #expect(try quantity.roundedDown(toLot: Quantity(lot)).description == expected)
  }

  /// Any raw value, small ones as likely as large ones.
  private func anyRaw(_ generator: inout SeededGenerator) -> Int64 {
    let bits = Int.random(in: 0...59, using: &generator)
    let magnitude = Int64.random(in: 0...(1 << Int64(bits)), using: &generator)
    return Bool.random(using: &generator) ? magnitude : -magnitude
  }
}

/// The code of the error that the expression throws, nil when it has a value.
func errorCode<Value>(_ expression: @autoclosure () throws -> Value) -> ArithmeticError.Code? {
  do {
    _ = try expression()
    return nil
  } catch {
    return (error as? ArithmeticError)?.code
  }
}
