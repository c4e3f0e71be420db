/// Writes a state as bytes, little end first, so that every number survives bit for bit.
struct StateWriter {
  private(set) var bytes: [UInt8] = []

  /// Its bit pattern: a NaN keeps its payload, and zero its sign.
  mutating func write(_ value: Double) { write(fixedWidth: value.bitPattern) }

  mutating func write(_ values: [Double]) {
    write(values.count)
    for value in values { write(value) }
  }

  mutating func write(_ value: Int) { write(Int64(value)) }

  mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func write(_ value: Int64) { write(fixedWidth: value) }

  mutating func write(_ value: UInt64) { write(fixedWidth: value) }

  mutating func write(_ value: Int128) { write(fixedWidth: value) }

  /// A part with a form of its own.
  mutating func write(bytes part: [UInt8]) {
    write(part.count)
    bytes += part
  }

  mutating func write(_ text: String) { write(bytes: Array(text.utf8)) }

  private mutating func write<Value: FixedWidthInteger>(fixedWidth value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}

/// Reads what `StateWriter` wrote; every read fails, and never traps, on anything else.
struct StateReader {
  struct Malformed: Error {}

  private let state: [UInt8]
  private var next = 0

  init(_ state: [UInt8]) { self.state = state }

  var isAtEnd: Bool { next == state.count }

  mutating func double() throws(Malformed) -> Double { Double(bitPattern: try fixedWidth()) }

  mutating func doubles() throws(Malformed) -> [Double] {
    let count = try int()
    guard count >= 0, count <= (state.count - next) / 8 else { throw Malformed() }
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try double()) }
    return values
  }

  mutating func int() throws(Malformed) -> Int {
    guard let value = Int(exactly: try int64()) else { throw Malformed() }
    return value
  }

  mutating func bool() throws(Malformed) -> Bool {
    switch try fixedWidth() as UInt8 {
    case 0: return false
    case 1: return true
    default: throw Malformed()
    }
  }

  mutating func int64() throws(Malformed) -> Int64 { try fixedWidth() }

  mutating func uint64() throws(Malformed) -> UInt64 { try fixedWidth() }

  mutating func int128() throws(Malformed) -> Int128 { try fixedWidth() }

  mutating func bytes() throws(Malformed) -> [UInt8] {
    let count = try int()
    guard count >= 0, count <= state.count - next else { throw Malformed() }
    defer { next += count }
    return Array(state[next..<(next + count)])
  }

  mutating func text() throws(Malformed) -> String {
    let bytes = try bytes()
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
    return text
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

  private mutating func fixedWidth<Value: FixedWidthInteger>() throws(Malformed) -> Value {
    let size = MemoryLayout<Value>.size
    guard size <= state.count - next else { throw Malformed() }
    var value: Value = 0
    for index in 0..<size { value |= Value(truncatingIfNeeded: state[next + index]) << (8 * index) }
    next += size
    return value
  }
}
