/// One object of a specification, whose members are all needed unless they are asked for as optional.
struct SpecificationReader {
  private let members: [(key: String, value: JSONValue)]
  private let name: String

  init(_ members: [(key: String, value: JSONValue)], _ name: String) {
    self.members = members
    self.name = name
  }

  /// Nil when it is left out or null.
  private func value(_ key: String) -> JSONValue? {
    for member in members where isSame(member.key, key) { return member.value.node == nil ? nil : member.value }
    return nil
  }

  private func fault(_ key: String, _ wanted: String) -> BacktestError {
    .malformed("\(name).\(key) must be \(wanted).")
  }

  func has(_ key: String) -> Bool { value(key) != nil }

  func text(_ key: String) throws(BacktestError) -> String {
    guard let text = value(key)?.string else { throw fault(key, "a text") }
    return text
  }

  func flag(_ key: String) throws(BacktestError) -> Bool {
    guard let flag = value(key)?.flag else { throw fault(key, "true or false") }
    return flag
  }

  func whole(_ key: String) throws(BacktestError) -> Int64 {
    guard let whole = value(key)?.whole else { throw fault(key, "a whole number") }
    return whole
  }

  func small(_ key: String) throws(BacktestError) -> Int32 {
    guard let small = Int32(exactly: try whole(key)) else { throw fault(key, "a small whole number") }
    return small
  }

  func optionalSmall(_ key: String) throws(BacktestError) -> Int32? { has(key) ? try small(key) : nil }

  /// Microseconds since 2000-01-01T00:00Z.
  func time(_ key: String) throws(BacktestError) -> Timestamp { .clamping(try whole(key)) }

  /// A decimal in quotes, exact.
  func decimal<Number: FixedPoint>(_ key: String) throws(BacktestError) -> Number {
    guard let text = value(key)?.string, let number = try? Number(text) else {
      throw fault(key, "a decimal of at most eight decimals")
    }
    return number
  }

  func optionalDecimal<Number: FixedPoint>(_ key: String) throws(BacktestError) -> Number? {
    has(key) ? try decimal(key) : nil
  }

  func word<Word: SQLSpelling>(_ key: String) throws(BacktestError) -> Word {
    guard let word = Word(sql: try text(key)) else { throw fault(key, "a word that this version knows") }
    return word
  }

  func object(_ key: String) throws(BacktestError) -> SpecificationReader {
    guard let members = value(key)?.members else { throw fault(key, "an object") }
    return SpecificationReader(members, key)
  }

  /// Empty when it is left out.
  func objects(_ key: String) throws(BacktestError) -> [SpecificationReader] {
    guard let value = value(key) else { return [] }
    guard let elements = value.elements else { throw fault(key, "a list of objects") }
    var readers: [SpecificationReader] = []
    readers.reserveCapacity(elements.count)
    for element in elements {
      guard let members = element.members else { throw fault(key, "a list of objects") }
      readers.append(SpecificationReader(members, key))
    }
    return readers
  }

  /// Whole numbers, in groups of so many; empty when they are left out.
  func wholes(_ key: String, by group: Int = 1) throws(BacktestError) -> [Int64] {
    guard let value = value(key) else { return [] }
    guard let elements = value.elements, elements.count % group == 0 else {
      throw fault(key, "a list of whole numbers, \(group) by \(group)")
    }
    var wholes: [Int64] = []
    wholes.reserveCapacity(elements.count)
    for element in elements {
      guard let whole = element.whole else { throw fault(key, "a list of whole numbers") }
      wholes.append(whole)
    }
    return wholes
  }

  func smalls(_ key: String) throws(BacktestError) -> [Int32] {
    var smalls: [Int32] = []
    for whole in try wholes(key) {
      guard let small = Int32(exactly: whole) else { throw fault(key, "a list of small whole numbers") }
      smalls.append(small)
    }
    return smalls
  }

  func decimals<Number: FixedPoint>(_ key: String) throws(BacktestError) -> [Number] {
    guard let elements = value(key)?.elements else { throw fault(key, "a list of decimals") }
    var numbers: [Number] = []
    for element in elements {
      guard let text = element.string, let number = try? Number(text) else { throw fault(key, "a list of decimals") }
      numbers.append(number)
    }
    return numbers
  }

  /// A measurement.
  func double(_ key: String) throws(BacktestError) -> Double {
    guard let double = value(key)?.double else { throw fault(key, "a number") }
    return double
  }
}
