/// The contents of a TZif file (RFC 8536): the 64-bit block and the rule behind it.
struct ZoneFile {
  var changes: [Int64] = []
  var offsets: [Int32] = []
  var firstOffset: Int32 = 0
  var rule: PosixTimeZone?

  /// Nil when the bytes are no such file, or one of version 1, which knows no times after 2037.
  init?(_ bytes: [UInt8]) {
    var reader = BigEndianReader(bytes: bytes[...])
    guard let first = Header(&reader), first.version >= 0x32, reader.skip(first.length(timeSize: 4)),
      let header = Header(&reader)
    else { return nil }
    for _ in 0..<header.times {
      guard let time = reader.integer(Int64.self) else { return nil }
      changes.append(time)
    }
    guard let indices = reader.take(header.times), let types = reader.take(header.types * 6),
      reader.skip(header.length(timeSize: 8) - header.times * 9 - header.types * 6)
    else { return nil }
    var typeOffsets: [Int32] = []
    var typeReader = BigEndianReader(bytes: types)
    for _ in 0..<header.types {
      guard let offset = typeReader.integer(Int32.self), typeReader.skip(2) else { return nil }
      typeOffsets.append(offset)
    }
    guard let initial = typeOffsets.first, indices.allSatisfy({ $0 < typeOffsets.count }) else { return nil }
    firstOffset = initial
    offsets = indices.map { typeOffsets[Int($0)] }
    let footer = reader.bytes.dropFirst().prefix { $0 != 0x0A }
    rule = PosixTimeZone(String(decoding: footer, as: UTF8.self))
  }

  private struct Header {
    let version: UInt8
    let utcIndicators, standardIndicators, leaps, times, types, characters: Int

    init?(_ reader: inout BigEndianReader) {
      guard let magic = reader.take(4), Array(magic) == Array("TZif".utf8), let version = reader.take(1)?.first,
        reader.skip(15)
      else { return nil }
      self.version = version
      var counts: [Int] = []
      for _ in 0..<6 {
        guard let count = reader.integer(UInt32.self) else { return nil }
        counts.append(Int(count))
      }
      (utcIndicators, standardIndicators, leaps) = (counts[0], counts[1], counts[2])
      (times, types, characters) = (counts[3], counts[4], counts[5])
    }

    /// Bytes of the data behind the header.
    func length(timeSize: Int) -> Int {
      times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standardIndicators + utcIndicators
    }
  }
}

private struct BigEndianReader {
  var bytes: ArraySlice<UInt8>

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, bytes.count >= count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  mutating func skip(_ count: Int) -> Bool { take(count) != nil }

  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
    take(MemoryLayout<T>.size)?.reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
  }
}
