// How the words of the language are spelt: for lexer, parser, printer and both forms of JSON.

/// A closed set of words of the language.
protocol RuleWord: CaseIterable {
  var spelling: String { get }
}

extension RuleWord {
  /// The one that is spelt so, in any case.
  init?(_ word: some Collection<UInt8>) {
    for candidate in Self.allCases where isSameWord(word, candidate.spelling) {
      self = candidate
      return
    }
    return nil
  }
}

extension CandleField: RuleWord {
  public var spelling: String {
    switch self {
    case .open: "open"
    case .high: "high"
    case .low: "low"
    case .close: "close"
    case .volume: "volume"
    }
  }
}

extension TradeField: RuleWord {
  public var spelling: String {
    switch self {
    case .position: "position"
    case .barsSinceEntry: "bars_since_entry"
    case .secondsSinceEntry: "seconds_since_entry"
    case .entryPrice: "entry_price"
    case .openProfit: "open_profit"
    case .openProfitR: "open_profit_r"
    }
  }
}

extension ClockField: RuleWord {
  public var spelling: String {
    switch self {
    case .time: "time"
    case .sessionMinutes: "session_minutes"
    case .minutesToClose: "minutes_to_close"
    case .weekday: "weekday"
    }
  }
}

/// What cannot be the name of anything.
enum RuleKeyword: RuleWord {
  case and, or, not, between, `for`, bar, bars, prediction

  var spelling: String {
    switch self {
    case .and: "and"
    case .or: "or"
    case .not: "not"
    case .between: "between"
    case .for: "for"
    case .bar: "bar"
    case .bars: "bars"
    case .prediction: "prediction"
    }
  }
}

extension RuleOperator {
  /// In the text, and as the key of the JSON form.
  public var spelling: String {
    switch self {
    case .negate, .subtract: "-"
    case .add: "+"
    case .multiply: "*"
    case .divide: "/"
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .equal: "="
    case .notEqual: "!="
    case .between: "between"
    case .not: "not"
    case .and: "and"
    case .or: "or"
    }
  }

  /// How tightly it binds, and what an expression of each rank may stand in: `or` is 1, a name 8.
  var rank: RuleRank {
    switch self {
    case .or: .or
    case .and: .and
    case .not: .not
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .between: .comparison
    case .add, .subtract: .sum
    case .multiply, .divide: .product
    case .negate: .sign
    }
  }

  /// Two operands between which it stands.
  static let comparisons: [RuleOperator] = [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual]
}

/// How tightly the parts of an expression hold together, loosest first.
enum RuleRank: Int, Comparable {
  case or, and, not, comparison, sum, product, sign, postfix, whole

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The next tighter one, which the right operand of this one has at least.
  var tighter: Self { Self(rawValue: rawValue + 1) ?? .whole }
}

extension RuleLength {
  /// `15m`
  public var text: String { "\(count)" + unit.spelling }

  /// Reads `15m`.
  init?(_ text: some Collection<UInt8>) {
    var count = 0
    var rest = text[...]
    while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      count = count * 10 + Int(byte - UInt8(ascii: "0"))
      guard count <= RuleLimits.lookback else { return nil }
      rest = rest.dropFirst()
    }
    guard count > 0 else { return nil }
    for unit in Unit.allCases where unit.spelling.utf8.elementsEqual(rest) {
      self.init(count: count, unit: unit)
      return
    }
    return nil
  }
}

extension RuleLength.Unit {
  /// A month is `mo`, a minute `m`: in lower case alone, since elsewhere `M` is a month.
  public var spelling: String {
    switch self {
    case .second: "s"
    case .minute: "m"
    case .hour: "h"
    case .day: "d"
    case .week: "w"
    case .month: "mo"
    }
  }
}

/// The time of day `09:30` in minutes since midnight.
func timeOfDay(_ text: some Collection<UInt8>) -> Int? {
  let bytes = Array(text)
  guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
  func digit(_ index: Int) -> Int? {
    let byte = bytes[index]
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
  }
  guard let tens = digit(0), let ones = digit(1), let minuteTens = digit(3), let minuteOnes = digit(4) else {
    return nil
  }
  let (hour, minute) = (tens * 10 + ones, minuteTens * 10 + minuteOnes)
  return hour < 24 && minute < 60 ? hour * 60 + minute : nil
}

/// `09:30`
func timeOfDayText(_ minutes: Int) -> String {
  let (hour, minute) = (minutes / 60 % 24, minutes % 60)
  return (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)"
}

/// Whether it can be the name of a symbol or of a model: as the market's symbols, with the exchange before a colon.
func isRuleName(_ name: some Collection<UInt8>) -> Bool {
  guard let first = name.first, isLetterOrDigit(first) || first == UInt8(ascii: "^"), name.count <= RuleLimits.name
  else { return false }
  return name.allSatisfy { byte in
    isLetterOrDigit(byte) || " ._/&+=^:-".utf8.contains(byte)
  }
}

/// Whether it can be the name of a parameter, without the `$`.
func isParameterName(_ name: some Collection<UInt8>) -> Bool {
  guard let first = name.first, isLetter(first), name.count <= RuleLimits.name else { return false }
  return name.allSatisfy { isLetter($0) || isDigit($0) }
}

func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

/// A letter of a word: also the underscore.
func isLetter(_ byte: UInt8) -> Bool {
  let lower = byte | 0x20
  return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
  isDigit(byte) || isLetter(byte) && byte != UInt8(ascii: "_")
}

enum RuleSpelling {
  /// `did you mean close?` for a word that is one slip away from one of the language; otherwise empty.
  static func suggestion(for word: some Collection<UInt8>) -> String {
    let written = word.prefix(32).map { isDigit($0) ? $0 : $0 | 0x20 }
    func isNear(_ spelling: String) -> Bool { isOneSlip(written, Array(spelling.utf8)) }
    for field in CandleField.allCases where isNear(field.spelling) { return "did you mean \(field.spelling)?" }
    for field in TradeField.allCases where isNear(field.spelling) { return "did you mean \(field.spelling)?" }
    for field in ClockField.allCases where isNear(field.spelling) { return "did you mean \(field.spelling)?" }
    for signature in RuleFunction.catalogue where isNear(signature.name) { return "did you mean \(signature.shape)?" }
    return ""
  }

  /// Whether one letter too many, too few or another one, or two that changed places, are all the difference.
  private static func isOneSlip(_ word: [UInt8], _ meant: [UInt8]) -> Bool {
    guard word.count > 2, abs(word.count - meant.count) <= 1 else { return false }
    let (most, least) = (max(word.count, meant.count), min(word.count, meant.count))
    var front = 0
    while front < least, word[front] == meant[front] { front += 1 }
    var back = 0
    while back < least - front, word[word.count - 1 - back] == meant[meant.count - 1 - back] { back += 1 }
    let different = most - front - back
    if different <= 1 { return true }
    return different == 2 && word.count == meant.count && word[front] == meant[front + 1]
      && word[front + 1] == meant[front]
  }
}
