import EngineStore
import TradingCore

/// What a file's symbol stands for.
package struct Listing: Sendable, Equatable {
  package var instrument: Int32
  /// IANA time zone of its exchange, in which times without zone are read.
  package var timeZone: String
  /// Microseconds from local midnight to where its trading day begins.
  package var dayStart: Int64
  /// A price this many times above or below those before it is rejected; nil rejects none.
  package var collar: Double?
  /// Sale conditions that make a tick suspicious.
  package var suspiciousConditions: Set<String>
  /// Ticks before are rejected: those that were stored have been dropped, and their candles kept.
  package var earliest: Timestamp

  package init(
    instrument: Int32, timeZone: String, dayStart: Int64 = 0, collar: Double? = nil,
    suspiciousConditions: Set<String> = [], earliest: Timestamp = .earliest
  ) {
    self.instrument = instrument
    self.timeZone = timeZone
    self.dayStart = dayStart
    self.collar = collar
    self.suspiciousConditions = suspiciousConditions
    self.earliest = earliest
  }
}

/// Finds the slot of a symbol by its bytes; slots count the different symbols of a file from 0.
struct SymbolTable {
  /// More different symbols than any market lists: the wrong column was taken for the symbol.
  static let limit = 100_000

  struct Slot {
    let symbol: String
    /// Nil for a symbol whose rows are skipped.
    let listing: Listing?
    /// Place of the zone's clock.
    let clock: Int
  }

  /// The row of a symbol that was read last near a change of the clocks, and whether the file runs backwards there.
  private struct Pass {
    var last: Int64
    var isBackward: Bool?
  }

  private var passes: [Int: Pass] = [:]
  private(set) var slots: [Slot] = []
  private(set) var clocks: [LocalClock] = []
  private let zone: TimeZoneRules?
  private let resolve: (String) throws -> Listing?
  private var clockIndices: [String: Int] = [:]
  private var longSymbols: [String: Int] = [:]
  /// Open addressing by the bytes of symbols of up to eight; 0 is free. The slot is stored plus one.
  private var keys: [UInt64] = Array(repeating: 0, count: 1024)
  private var values: [Int32] = Array(repeating: 0, count: 1024)
  private var shortCount = 0

  /// - Parameters:
  ///   - zone: reads all times without zone instead of each exchange's.
  ///   - resolve: called once for each symbol; nil skips its rows.
  init(zone: TimeZoneRules?, resolve: @escaping (String) throws -> Listing?) {
    self.zone = zone
    self.resolve = resolve
  }

  /// The slot of a symbol; nil when it is not readable as one: a letter, a digit or `^`, then at most 63 letters, digits, spaces
  /// or signs of `._/&+=^-`, as the database demands; perhaps behind the code of its exchange and a colon.
  @inline(__always)
  mutating func slot(of field: Field) throws -> Int? {
    guard field.count > 0, field.count <= 8 else { return try longSlot(of: field) }
    let key = field.word() & (UInt64.max >> UInt64(64 - 8 * field.count))
    var index = Self.hash(key) & (keys.count - 1)
    while keys[index] != key || values[index] == 0 {
      if values[index] == 0 { return try addShort(key, field) }
      index = (index + 1) & (keys.count - 1)
    }
    return Int(values[index]) - 1
  }

  /// When a row of a slot was, by the local time in the zone given for the file, or else in that of the slot's exchange. Of an
  /// hour that comes twice the order of the rows tells which is meant; a date alone, or midnight, is read as PostgreSQL does.
  /// - Parameter mayRepeat: whether rows of a symbol may have one time, as ticks may and bars may not.
  /// - Returns: nil for a time that the clocks skip.
  @inline(__always)
  mutating func instant(_ time: WrittenTime, slot: Int, mayRepeat: Bool) -> Int64? {
    if let offset = time.offset { return time.wall - Int64(offset) * 1_000_000 }
    let clock = zone == nil ? slots[slot].clock : 0
    if clocks[clock].isUniform(ofWall: time.wall) { return clocks[clock].instant(ofWall: time.wall) }
    if time.day != nil {
      let instant = clocks[clock].instant(ofWall: time.wall)
      passed(instant, slot)
      return instant
    }
    let instants = clocks[clock].instants(ofWall: time.wall)
    guard let first = instants.first, let second = instants.last else { return nil }
    var instant = first
    if second > first, let last = passes[slot]?.last {
      let isBackward = passes[slot]?.isBackward ?? (last > second)
      if isBackward {
        instant = second < last || mayRepeat && second == last ? second : first
      } else {
        instant = first > last || mayRepeat && first == last ? first : second
      }
    }
    passed(instant, slot)
    return instant
  }

  /// Why ``instant(_:slot:mayRepeat:)`` has no answer.
  func zoneName(slot: Int) -> String { clocks[zone == nil ? slots[slot].clock : 0].rules.name }

  private mutating func passed(_ instant: Int64, _ slot: Int) {
    guard let last = passes[slot]?.last else {
      passes[slot] = Pass(last: instant, isBackward: nil)
      return
    }
    if instant != last { passes[slot] = Pass(last: instant, isBackward: instant < last) }
  }

  /// Days from 2000-01-01 to the day of a bar: as written when the time is midnight or absent, else the exchange's trading day.
  func day(_ time: WrittenTime, instant: Int64, slot: Int) -> Int32 {
    time.day ?? clocks[slots[slot].clock].day(of: instant - (slots[slot].listing?.dayStart ?? 0))
  }

  // MARK: New symbols

  private static func hash(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 40) }

  private mutating func addShort(_ key: UInt64, _ field: Field) throws -> Int? {
    guard let slot = try add(field) else { return nil }
    if shortCount * 2 >= keys.count { grow() }
    insert(key, Int32(slot + 1))
    shortCount += 1
    return slot
  }

  private mutating func insert(_ key: UInt64, _ value: Int32) {
    var index = Self.hash(key) & (keys.count - 1)
    while values[index] != 0 { index = (index + 1) & (keys.count - 1) }
    keys[index] = key
    values[index] = value
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: 0, count: oldKeys.count * 2)
    values = Array(repeating: 0, count: oldKeys.count * 2)
    for (key, value) in zip(oldKeys, oldValues) where value != 0 { insert(key, value) }
  }

  private mutating func longSlot(of field: Field) throws -> Int? {
    guard field.count > 8, field.count <= 81 else { return nil }
    let symbol = field.string
    if let slot = longSymbols[symbol] { return slot }
    guard let slot = try add(field) else { return nil }
    longSymbols[symbol] = slot
    return slot
  }

  private mutating func add(_ field: Field) throws -> Int? {
    guard Self.isSymbol(field) else { return nil }
    return try add(field.string)
  }

  /// Adds the symbol of a file that has no column for it.
  mutating func add(_ symbol: String) throws -> Int {
    guard slots.count < Self.limit else {
      throw FeedError(
        .tooManySymbols, "more than \(Self.limit) different symbols; is it the right column? See --map symbol=<column>")
    }
    let listing = try resolve(symbol)
    let clock = try zone.map { try self.clock($0.name, $0) } ?? 0
    let own = try listing.map { try self.clock($0.timeZone, nil) } ?? clock
    slots.append(Slot(symbol: symbol, listing: listing, clock: own))
    return slots.count - 1
  }

  private mutating func clock(_ name: String, _ rules: TimeZoneRules?) throws(FeedError) -> Int {
    if let index = clockIndices[name] { return index }
    if let rules {
      clocks.append(LocalClock(rules))
    } else {
      clocks.append(LocalClock(try TimeZoneRules(named: name)))
    }
    clockIndices[name] = clocks.count - 1
    return clocks.count - 1
  }

  static func isSymbol(_ field: Field) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    var symbol = field.bytes[...]
    if let colon = symbol.firstIndex(of: .colon) {
      let exchange = symbol[..<colon]
      guard (2...16).contains(exchange.count), isLetter(exchange[0]),
        exchange.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") })
      else { return false }
      symbol = symbol[(colon + 1)...]
    }
    guard let first = symbol.first, symbol.count <= 64, isLetter(first) || isDigit(first) || first == UInt8(ascii: "^")
    else {
      return false
    }
    return symbol.dropFirst().allSatisfy { isLetter($0) || isDigit($0) || "._/&+=^ -".utf8.contains($0) }
  }

  static func isSymbol(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      bytes.baseAddress.map { isSymbol(Field(start: $0, count: bytes.count)) } ?? false
    }
  }
}

extension Listing {
  package init(_ listing: EngineStore.Listing) {
    self.init(
      instrument: listing.instrument, timeZone: listing.timeZone, collar: listing.collar,
      suspiciousConditions: listing.suspiciousConditions, earliest: listing.earliest)
  }
}
