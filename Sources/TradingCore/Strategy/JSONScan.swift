/// What json-c, even when strict, lets pass or mends in silence, found before it: NUL and other control characters, halves of
/// surrogate pairs, unknown escapes, strings in single quotes, comments, words and numbers that JSON does not have.
///
/// Whether brackets, commas and colons are where they belong is left to json-c.
struct JSONScan {
  /// Colons outside of strings: as many as there are keys.
  private(set) var keys = 0
  private let bytes: [UInt8]
  private var index = 0

  /// Nil: refused.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    while index < bytes.count {
      guard token() else { return nil }
    }
  }

  private mutating func token() -> Bool {
    switch bytes[index] {
    case UInt8(ascii: "\""):
      return string()
    case UInt8(ascii: ":"):
      keys += 1
      index += 1
      return true
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","), 0x20, 0x09,
      0x0A, 0x0D:
      index += 1
      return true
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return number()
    default:
      return word("true") || word("false") || word("null")
    }
  }

  private mutating func word(_ word: String) -> Bool {
    guard bytes[index...].starts(with: word.utf8) else { return false }
    index += word.utf8.count
    return true
  }

  private mutating func number() -> Bool {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")), !digits() { return false }
    if take(UInt8(ascii: ".")), !digits() { return false }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
      if !digits() { return false }
    }
    // `01`, `1x`
    return index == bytes.count || !isDigit(bytes[index]) && !isLetter(bytes[index])
  }

  private mutating func digits() -> Bool {
    let start = index
    while index < bytes.count, isDigit(bytes[index]) { index += 1 }
    return index > start
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func string() -> Bool {
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): guard escape() else { return false }
      case 0..<0x20: return false
      default: break
      }
    }
    return false
  }

  /// Behind the backslash.
  private mutating func escape() -> Bool {
    guard index < bytes.count else { return false }
    let byte = bytes[index]
    index += 1
    guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
    guard let unit = unit(), unit != 0 else { return false }
    switch unit {
    case 0xD800..<0xDC00:
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = self.unit() else { return false }
      return low >= 0xDC00 && low < 0xE000
    case 0xDC00..<0xE000: return false
    default: return true
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit() -> Int? {
    guard index + 4 <= bytes.count else { return nil }
    var unit = 0
    for byte in bytes[index..<index + 4] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit * 16 + Int(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit * 16 + Int(byte - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit * 16 + Int(byte - UInt8(ascii: "A")) + 10
      default: return nil
      }
    }
    index += 4
    return unit
  }
}
