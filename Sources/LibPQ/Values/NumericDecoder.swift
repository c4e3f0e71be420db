/// PostgreSQL's binary `numeric`: base-10000 digits with a weight, a sign and a display scale.
enum NumericDecoder {
  private static let negative: UInt16 = 0x4000
  private static let notANumber: UInt16 = 0xC000
  private static let positiveInfinity: UInt16 = 0xD000
  private static let negativeInfinity: UInt16 = 0xF000

  /// The decimal text the server itself would show, or nil when the bytes are no numeric.
  static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
    func word(_ index: Int) -> UInt16 { Self.word(bytes, index) }
    guard bytes.count >= 8 else { return nil }
    let digitCount = Int(word(0))
    let weight = Int(Int16(bitPattern: word(1)))
    let sign = word(2)
    let scale = Int(word(3))
    switch sign {
    case notANumber: return "NaN"
    case positiveInfinity: return "Infinity"
    case negativeInfinity: return "-Infinity"
    case 0, negative: break
    default: return nil
    }
    guard bytes.count == 8 + digitCount * 2 else { return nil }
    func digit(_ position: Int) -> UInt16 { position >= 0 && position < digitCount ? word(4 + position) : 0 }

    var text: [UInt8] = []
    text.reserveCapacity(max(weight + 1, 1) * 4 + scale + 2)
    if sign == negative { text.append(UInt8(ascii: "-")) }
    if weight < 0 {
      text.append(UInt8(ascii: "0"))
    } else {
      for position in 0...weight { append(digit(position), to: &text, trimmingZeros: position == 0) }
    }
    if scale > 0 {
      text.append(UInt8(ascii: "."))
      let end = text.count + scale
      var position = weight + 1
      while text.count < end {
        append(digit(position), to: &text, trimmingZeros: false)
        position += 1
      }
      text.removeLast(text.count - end)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Above every magnitude that `Int64` has, and small enough to be multiplied without overflow.
  static let e8Bound: Int128 = 1 << 64

  /// The number times 10⁸, or nil when that is no `Int64`.
  static func e8(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    guard bytes.count >= 8 else { return nil }
    let digitCount = Int(word(bytes, 0))
    let weight = Int(Int16(bitPattern: word(bytes, 1)))
    let sign = word(bytes, 2)
    guard sign == 0 || sign == negative, bytes.count == 8 + digitCount * 2 else { return nil }
    var units: Int128 = 0
    // Groups of weight 0 and above are whole numbers, -1 and -2 are the eight decimals.
    for position in 0..<max(digitCount, weight + 3) {
      let digit = position < digitCount ? Int128(word(bytes, 4 + position)) : 0
      if weight - position < -2 {
        if digit != 0 { return nil }
        continue
      }
      units = units * 10_000 + digit
      if units > e8Bound { return nil }
    }
    return Int64(exactly: sign == negative ? -units : units)
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt16 {
    UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
  }

  private static func append(_ digit: UInt16, to text: inout [UInt8], trimmingZeros: Bool) {
    var started = !trimmingZeros
    for divisor: UInt16 in [1000, 100, 10, 1] {
      let value = digit / divisor % 10
      if value != 0 || divisor == 1 { started = true }
      if started { text.append(UInt8(ascii: "0") + UInt8(value)) }
    }
  }
}
