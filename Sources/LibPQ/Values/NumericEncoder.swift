/// Writes PostgreSQL's binary `numeric`: base-10000 digits with a weight, a sign and a display scale.
enum NumericEncoder {
  /// 31 decimal digits before the point are 8 groups of four, and 8 after it two more.
  private static let maximumDigits = 10
  static let maximumByteCount = 8 + 2 * maximumDigits
  private static let negative: UInt16 = 0x4000

  /// Encodes `value` / 10⁸ with a display scale of 8.
  /// - Returns: bytes written, at most ``maximumByteCount``.
  static func encode(e8 value: Int128, to target: UnsafeMutableRawPointer) -> Int {
    var groups: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
      (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return withUnsafeMutableBytes(of: &groups) { raw in
      let groups = raw.assumingMemoryBound(to: UInt64.self)
      // groups[0] and [1] are the fraction, least significant first.
      var count = 0
      var rest = value.magnitude
      while rest > UInt128(UInt64.max) {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000)
        groups[count] = UInt64(remainder)
        rest = quotient
        count += 1
      }
      var small = UInt64(rest)
      while small > 0 {
        groups[count] = small % 10_000
        small /= 10_000
        count += 1
      }
      var lowest = 0
      while lowest < count, groups[lowest] == 0 { lowest += 1 }
      let digitCount = count - lowest

      func put(_ word: UInt16, at index: Int) {
        target.storeBytes(of: word.bigEndian, toByteOffset: index * 2, as: UInt16.self)
      }
      put(UInt16(digitCount), at: 0)
      put(UInt16(bitPattern: digitCount == 0 ? 0 : Int16(count - 3)), at: 1)
      put(value < 0 ? negative : 0, at: 2)
      put(8, at: 3)
      for index in 0..<digitCount { put(UInt16(groups[count - 1 - index]), at: 4 + index) }
      return 8 + 2 * digitCount
    }
  }
}
