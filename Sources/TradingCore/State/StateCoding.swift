/// Writes a state as `[Double]` so that every number survives bit for bit, also through PostgreSQL's `float8[]` as text.
///
/// Integers that a `Double` may not hold exactly are split into digits of 32 bits. (Reinterpreting their bits would be
/// shorter, but many of those patterns are NaNs, which lose their payload on the way.)
struct StateWriter {
  private(set) var values: [Double] = []

  mutating func write(_ value: Double) { values.append(value) }

  mutating func write(_ values: [Double]) {
    write(values.count)
    self.values += values
  }

  /// A small number: its size must be below 2^53.
  mutating func write(_ value: Int) { values.append(Double(value)) }

  mutating func write(_ flag: Bool) { values.append(flag ? 1 : 0) }

  mutating func write(_ value: Int64) {
    values.append(Double(value >> 32))
    values.append(Double(UInt32(truncatingIfNeeded: value)))
  }

  mutating func write(_ value: Int128) {
    write(Int64(truncatingIfNeeded: value >> 64))
    write(Int64(truncatingIfNeeded: value))
  }
}

/// Reads what `StateWriter` wrote; every read fails, and never traps, on anything else.
struct StateReader {
  struct Malformed: Error {}

  private let values: [Double]
  private var next = 0

  init(_ values: [Double]) { self.values = values }

  var isAtEnd: Bool { next == values.count }

  mutating func double() throws(Malformed) -> Double {
    guard next < values.count else { throw Malformed() }
    defer { next += 1 }
    return values[next]
  }

  mutating func doubles() throws(Malformed) -> [Double] {
    let count = try int()
    guard count >= 0, count <= values.count - next else { throw Malformed() }
    defer { next += count }
    return Array(values[next..<(next + count)])
  }

  mutating func int() throws(Malformed) -> Int {
    guard let value = Int(exactly: try double()) else { throw Malformed() }
    return value
  }

  mutating func bool() throws(Malformed) -> Bool {
    switch try double() {
    case 0: return false
    case 1: return true
    default: throw Malformed()
    }
  }

  mutating func int64() throws(Malformed) -> Int64 {
    guard let high = Int32(exactly: try double()), let low = UInt32(exactly: try double()) else { throw Malformed() }
    return Int64(high) << 32 | Int64(low)
  }

  mutating func int128() throws(Malformed) -> Int128 {
    let high = try int64()
    return Int128(high) << 64 | Int128(UInt64(bitPattern: try int64()))
  }

  mutating func price() throws(Malformed) -> Price {
    let raw = try int64()
    guard let price = try? Price(raw: raw) else { throw Malformed() }
    return price
  }

  mutating func quantity() throws(Malformed) -> Quantity {
    let raw = try int64()
    guard let quantity = try? Quantity(raw: raw) else { throw Malformed() }
    return quantity
  }

  mutating func money() throws(Malformed) -> Money {
    let raw = try int128()
    guard let money = try? Money(raw: raw) else { throw Malformed() }
    return money
  }

  mutating func timestamp() throws(Malformed) -> Timestamp {
    let microseconds = try int64()
    guard let time = try? Timestamp(microseconds: microseconds) else { throw Malformed() }
    return time
  }
}
