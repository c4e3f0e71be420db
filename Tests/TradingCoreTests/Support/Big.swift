/// An integer of any size as a sign and decimal digits, with school arithmetic: the oracle for fixed point. Slow and plain.
struct Big: Equatable, CustomStringConvertible {
  /// From the lowest digit up, without leading zeros; empty for zero.
  private var digits: [Int] = []
  private(set) var isNegative = false

  init(_ value: some BinaryInteger) {
    var rest = value.magnitude
    while rest > 0 {
      digits.append(Int(rest % 10))
      rest /= 10
    }
    isNegative = value < 0
  }

  private init(digits: [Int], isNegative: Bool) {
    self.digits = digits
    while self.digits.last == 0 { self.digits.removeLast() }
    self.isNegative = isNegative && !self.digits.isEmpty
  }

  static func power(_ base: Int, _ exponent: Int) -> Big {
    (0..<exponent).reduce(Big(1)) { product, _ in product * Big(base) }
  }

  var magnitude: Big { Big(digits: digits, isNegative: false) }

  var isZero: Bool { digits.isEmpty }

  static func * (left: Big, right: Big) -> Big {
    var result = Array(repeating: 0, count: left.digits.count + right.digits.count + 1)
    for (i, a) in left.digits.enumerated() {
      for (j, b) in right.digits.enumerated() { result[i + j] += a * b }
    }
    for i in result.indices.dropLast() {
      result[i + 1] += result[i] / 10
      result[i] %= 10
    }
    return Big(digits: result, isNegative: left.isNegative != right.isNegative)
  }

  static func + (left: Big, right: Big) -> Big {
    if left.isNegative != right.isNegative {
      return left.magnitude.isLess(than: right.magnitude)
        ? Big(digits: subtract(left.digits, from: right.digits), isNegative: right.isNegative)
        : Big(digits: subtract(right.digits, from: left.digits), isNegative: left.isNegative)
    }
    var result: [Int] = []
    var carry = 0
    for i in 0...max(left.digits.count, right.digits.count) {
      let sum =
        carry + (i < left.digits.count ? left.digits[i] : 0) + (i < right.digits.count ? right.digits[i] : 0)
      result.append(sum % 10)
      carry = sum / 10
    }
    return Big(digits: result, isNegative: left.isNegative)
  }

  static func - (left: Big, right: Big) -> Big {
    left + Big(digits: right.digits, isNegative: !right.isNegative)
  }

  private static func subtract(_ small: [Int], from large: [Int]) -> [Int] {
    var result = large
    for i in large.indices {
      result[i] -= i < small.count ? small[i] : 0
      if result[i] < 0 {
        result[i] += 10
        result[i + 1] -= 1
      }
    }
    return result
  }

  func isLess(than other: Big) -> Bool {
    if isNegative != other.isNegative { return isNegative }
    let isSmaller =
      digits.count == other.digits.count
      ? digits.reversed().lexicographicallyPrecedes(other.digits.reversed()) : digits.count < other.digits.count
    return isNegative ? magnitude != other.magnitude && !isSmaller : isSmaller
  }

  /// Long division, rounded half away from zero.
  func dividedRounding(by divisor: Big) -> Big {
    let divisorSize = divisor.magnitude
    var quotient: [Int] = []
    var rest = Big(0)
    for digit in digits.reversed() {
      rest = rest * Big(10) + Big(digit)
      var count = 0
      while !rest.isLess(than: divisorSize) {
        rest = rest - divisorSize
        count += 1
      }
      quotient.append(count)
    }
    var result = Big(digits: quotient.reversed(), isNegative: false)
    if !(rest + rest).isLess(than: divisorSize) { result = result + Big(1) }
    return Big(digits: result.digits, isNegative: isNegative != divisor.isNegative)
  }

  var description: String {
    isZero ? "0" : (isNegative ? "-" : "") + digits.reversed().map(String.init).joined()
  }
}
