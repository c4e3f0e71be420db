/// Cuts the text of a rule into tokens.
struct RuleLexer {
  enum Kind {
    /// `25`, `1.5`, `1e-3`
    case number
    /// `15m`: digits with letters behind them.
    case length
    /// `close`, `and`
    case word
    /// `$fast`; the bytes are those behind the dollar.
    case parameter
    /// `'09:30'`; the bytes are those between the quotes.
    case quoted
    /// `(`, `<=` …
    case symbol
    case end
    /// What no token begins with, or a quote that is never closed.
    case stray
  }

  struct Token {
    var kind: Kind
    /// What the token says.
    var bytes: ArraySlice<UInt8>
    /// As it is written.
    var written: ArraySlice<UInt8>
    var line, column: Int
  }

  private let text: [UInt8]
  private var index = 0
  private var line = 1
  private var column = 1

  init(_ text: [UInt8]) { self.text = text }

  /// The next token; at the end for ever the end.
  mutating func next() -> Token {
    while index < text.count, Self.isSpace(text[index]) { advance() }
    let start = index
    let (line, column) = (line, column)
    guard start < text.count else { return Token(kind: .end, bytes: [], written: [], line: line, column: column) }
    let kind = scan(text[start])
    let written = text[start..<index]
    var bytes = written
    if kind == .parameter { bytes = bytes.dropFirst() }
    if kind == .quoted { bytes = bytes.dropFirst().dropLast() }
    return Token(kind: kind, bytes: bytes, written: written, line: line, column: column)
  }

  private mutating func scan(_ first: UInt8) -> Kind {
    if isDigit(first) { return number() }
    if isLetter(first) {
      skip { isLetter($0) || isDigit($0) }
      return .word
    }
    advance()
    switch first {
    case UInt8(ascii: "$"):
      let start = index
      skip { isLetter($0) || isDigit($0) }
      return isParameterName(text[start..<index]) ? .parameter : .stray
    case UInt8(ascii: "'"):
      skip { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\n") }
      guard take(UInt8(ascii: "'")) else { return .stray }
      return .quoted
    case UInt8(ascii: "<"):
      if !take(UInt8(ascii: "=")) { _ = take(UInt8(ascii: ">")) }
      return .symbol
    case UInt8(ascii: ">"), UInt8(ascii: "="):
      _ = take(UInt8(ascii: "="))
      return .symbol
    case UInt8(ascii: "!"):
      return take(UInt8(ascii: "=")) ? .symbol : .stray
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
      UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"):
      return .symbol
    default:
      // The whole of a character.
      skip { $0 & 0xC0 == 0x80 }
      return .stray
    }
  }

  private mutating func number() -> Kind {
    skip(isDigit)
    var rest = text[index...]
    // A point needs digits behind it: `5.close` is not a number.
    if rest.first == UInt8(ascii: "."), let behind = rest.dropFirst().first, isDigit(behind) {
      advance()
      skip(isDigit)
      rest = text[index...]
    }
    if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
      let signed = rest.dropFirst()
      let hasSign = signed.first == UInt8(ascii: "-") || signed.first == UInt8(ascii: "+")
      if let digit = signed.dropFirst(hasSign ? 1 : 0).first, isDigit(digit) {
        advance()
        if hasSign { advance() }
        skip(isDigit)
      }
    }
    guard index < text.count, isLetter(text[index]) else { return .number }
    skip { isLetter($0) || isDigit($0) }
    return .length
  }

  private mutating func skip(_ isMeant: (UInt8) -> Bool) {
    while index < text.count, isMeant(text[index]) { advance() }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < text.count, text[index] == byte else { return false }
    advance()
    return true
  }

  private mutating func advance() {
    let byte = text[index]
    index += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D }
}
