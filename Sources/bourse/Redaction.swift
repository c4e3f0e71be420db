/// A text without what looks like a secret in it: passwords in addresses (`scheme://user:password@host`), what is said to be one
/// (`password=…`, `"token": "…"`), and what proves who asks (`Authorization: Bearer …`). A second line of defence: errors and
/// options hide theirs by themselves.
/// - Parameter name: what the text is the value of; one that names a secret hides all of it.
func redacted(_ text: String, named name: String = "") -> String {
  if Redaction.isSecret(Array(name.utf8)[...]) { return Redaction.mask }
  var redaction = Redaction(bytes: Array(text.utf8))
  return redaction.run() ? String(decoding: redaction.bytes, as: UTF8.self) : text
}

private struct Redaction {
  static let mask = "(secret)"
  /// What names of secrets end with.
  private static let names = [
    "password", "passwd", "pwd", "passphrase", "secret", "token", "authorization", "apikey", "api_key", "api-key",
    "credentials",
  ].map { Array($0.utf8) }
  private static let schemes = ["bearer", "basic"].map { Array($0.utf8) }

  var bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
    let lower = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return names.contains { lower.count >= $0.count && lower.suffix($0.count).elementsEqual($0) }
  }

  /// - Returns: whether something was hidden.
  mutating func run() -> Bool {
    var hasHidden = false
    while place < bytes.count {
      if Self.isWord(bytes[place]) {
        let start = place
        skip(while: Self.isWord)
        let word = bytes[start..<place]
        if starts(with: "://") {
          hasHidden = hidePassword() || hasHidden
        } else if Self.isSecret(word) {
          hasHidden = hideValue() || hasHidden
        }
      } else {
        place += 1
      }
    }
    return hasHidden
  }

  /// Of `://user:password@host`, of which the place is the beginning.
  private mutating func hidePassword() -> Bool {
    place += 3
    let start = place
    let end = bytes[start...].firstIndex { $0 <= 0x20 || "/?#\"'<>".utf8.contains($0) } ?? bytes.endIndex
    guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")),
      let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":"))
    else { return false }
    hide(colon + 1..<at)
    return true
  }

  /// Of `name=value`, `name: value` or `"name": "value"`, of which the place is the end of the name.
  private mutating func hideValue() -> Bool {
    var next = place
    if next < bytes.count, Self.isQuote(bytes[next]) { next += 1 }
    while next < bytes.count, bytes[next] == 0x20 { next += 1 }
    guard next < bytes.count, "=:".utf8.contains(bytes[next]) else { return false }
    place = next + 1
    skip { $0 == 0x20 }
    guard place < bytes.count else { return false }
    let start = place
    if Self.isQuote(bytes[place]) {
      let quote = bytes[place]
      var end = place + 1
      while end < bytes.count, bytes[end] != quote { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
      hide(start + 1..<max(start + 1, min(end, bytes.count)))
      return true
    }
    skip(while: Self.isOfValue)
    let word = bytes[start..<place].map { $0 | 0x20 }
    if Self.schemes.contains(word) {
      skip { $0 == 0x20 }
      skip(while: Self.isOfValue)
    }
    guard place > start else { return false }
    hide(start..<place)
    return true
  }

  private mutating func hide(_ range: Range<Int>) {
    bytes.replaceSubrange(range, with: Self.mask.utf8)
    place = range.lowerBound + Self.mask.utf8.count
  }

  private mutating func skip(while isSkipped: (UInt8) -> Bool) {
    while place < bytes.count, isSkipped(bytes[place]) { place += 1 }
  }

  private func starts(with text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
    default: false
    }
  }

  private static func isQuote(_ byte: UInt8) -> Bool { "\"'".utf8.contains(byte) }

  private static func isOfValue(_ byte: UInt8) -> Bool { byte > 0x20 && !"&;,)}\"'".utf8.contains(byte) }
}
