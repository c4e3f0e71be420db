import Glibc
import TestSupport
import Testing

@testable import TradingCore

@Suite struct FigureTests {
  /// PostgreSQL casts a `float8` to `numeric` by printing 15 significant digits.
  @Test func aPriceHasFifteenDigitsAsPostgreSQLPrintsIt() throws {
    var random = SeededGenerator(seed: 5)
    for round in 0..<20_000 {
      var value = Double.random(in: 0..<1, using: &random)
      for _ in 0..<Int.random(in: 0...17, using: &random) { value *= 10 }
      // Ties go to the even digit.
      if round % 5 == 0 { value = (value / 1e3).rounded(.down) + 0.125 * Double(Int.random(in: 0...7, using: &random)) }
      if round % 7 == 0 { value = 100_000_000_000_000.5 + Double(round) }
      guard value >= 1e-8, value < 1e15 else { continue }
      var text = [CChar](repeating: 0, count: 64)
      _ = withVaList([value]) { vsnprintf(&text, 64, "%.15g", $0) }
      let printed = text.withUnsafeBufferPointer { strtod($0.baseAddress!, nil) }
      let figure = try Figure(price: value)
      let digits = "\(figure.digits.magnitude)".utf8.count
      #expect(digits <= 15, "\(value)")
      #expect(strtod("\(figure.digits)e\(-figure.scale)", nil) == printed, "\(value)")
    }
  }

  @Test func sumsAndProductsAreExact() throws {
    let (a, b) = (Figure(digits: 123_456_789, scale: 8), Figure(digits: 5, scale: -3))
    #expect(try a * b == Figure(digits: 617_283_945, scale: 5))
    #expect(try a + b == Figure(digits: 500_123_456_789, scale: 8))
    #expect(try (a - b).magnitude == Figure(digits: 499_876_543_211, scale: 8))
    #expect(try a <= b)
  }

  @Test(arguments: [(2, 3, 66_666_667), (-2, 3, -66_666_667), (1, 8, 12_500_000), (1, -16, -6_250_000)])
  func quotientsRoundAwayFromZero(_ top: Int, _ bottom: Int, _ rounded: Int) throws {
    #expect(try (Figure(top) / Figure(bottom)).rounded() == Int128(rounded))
  }

  @Test func whatIsBeyondItsRangeIsAnError() throws {
    let large = Figure(digits: .max, scale: 0)
    #expect(throws: ArithmeticError.self) { try large * Figure(3) }
    #expect(throws: ArithmeticError.self) { try large + large }
    #expect(throws: ArithmeticError.self) { try large / Figure.zero }
    #expect(throws: ArithmeticError.self) { try Figure(price: 1e-9) }
  }
}
