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

  /// The slot of a symbol; nil when it is not readable as one: a letter or digit, then at most 63 letters, digits, spaces
  /// or signs of `._/&+-`, as the database demands.
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

  /// As PostgreSQL reads the local time in the zone given for the file, or else in that of the slot's exchange.
  @inline(__always)
  mutating func instant(_ time: WrittenTime, slot: Int) -> Int64 {
    if let offset = time.offset { return time.wall - Int64(offset) * 1_000_000 }
    return clocks[zone == nil ? slots[slot].clock : 0].instant(ofWall: time.wall)
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
    guard field.count > 8, field.count <= 64 else { return nil }
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
    guard field.count > 0, field.count <= 64 else { return false }
    for (index, byte) in field.bytes.enumerated() {
      let isLetterOrDigit = (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
      if !isLetterOrDigit && (index == 0 || !"._/&+ -".utf8.contains(byte)) { return false }
    }
    return true
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
