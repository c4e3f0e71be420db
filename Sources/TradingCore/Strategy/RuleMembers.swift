/// The members of an object inside a strategy's parameters, each of which may be asked for.
struct RuleMembers {
  let members: [(key: String, value: JSONValue)]
  let place: RulePlace

  init(_ value: JSONValue, _ place: RulePlace) throws(RuleError) {
    guard let members = value.members else { throw RuleError(place, expected: "an object", found: value.shown) }
    self.members = members.filter { $0.value.node != nil }
    self.place = place
  }

  /// Nil when it is left out or null.
  func value(_ key: String) -> JSONValue? { members.first { isSame($0.key, key) }?.value }

  func needed(_ key: String) throws(RuleError) -> JSONValue {
    guard let value = value(key) else { throw RuleError(place, problem: "\(key) is missing") }
    return value
  }

  func allow(_ keys: [String]) throws(RuleError) {
    for (key, _) in members where !keys.contains(where: { isSame($0, key) }) {
      var known = ""
      for (index, key) in keys.enumerated() { known += (index == 0 ? "" : ", ") + key }
      throw .unknownKey(place.member(RuleError.readable(key, 60)), known)
    }
  }
}

/// What a number in a strategy's parameters may be.
enum ConstantRange {
  /// From 1.
  case whole(Int)
  /// Above 0.
  case factor(Int)

  func contains(_ number: RuleNumber) -> Bool {
    switch self {
    case .whole(let limit): number.whole.map { $0 >= 1 && $0 <= limit } ?? false
    case .factor(let limit): number.digits > 0 && number.double <= Double(limit)
    }
  }

  var words: String {
    switch self {
    case .whole(let limit): "a whole number from 1 to \(limit)"
    case .factor(let limit): "a number above 0 and at most \(limit)"
    }
  }
}

extension RuleReader {
  static func constant(_ value: JSONValue, _ place: RulePlace, _ range: ConstantRange) throws(RuleError) -> RuleNumber {
    guard let numeral = value.numeral, let number = RuleNumber(numeral.utf8), range.contains(number) else {
      throw RuleError(place, expected: range.words, found: value.shown)
    }
    return number
  }

  /// A number or `"$name"`: as it is written, and its value.
  func constant(
    _ value: JSONValue, _ place: RulePlace, _ range: ConstantRange
  ) throws(RuleError) -> (rule: Rule, number: RuleNumber) {
    guard let text = value.string, text.utf8.first == UInt8(ascii: "$") else {
      let number = try Self.constant(value, place, range)
      return (.number(number), number)
    }
    let name = String(decoding: text.utf8.dropFirst(), as: UTF8.self)
    let operand = try builder.parameter(name, place)
    // Every parameter of a strategy has a value.
    guard case .number(let number)? = try builder.value(name, place) else { return (operand.rule, .one) }
    guard range.contains(number) else {
      throw RuleError(place, expected: range.words, found: "\(text), which is \(number.text)")
    }
    return (operand.rule, number)
  }

  static func ratio(_ number: RuleNumber, _ place: RulePlace) throws(RuleError) -> Ratio {
    guard let ratio = try? Ratio(number.text) else {
      throw RuleError(place, expected: "a number of at most eight decimals", found: number.text)
    }
    return ratio
  }
}

extension RuleNumber {
  static let one = RuleNumber(digits: 1)
  static let hundred = RuleNumber(digits: 100)
}
