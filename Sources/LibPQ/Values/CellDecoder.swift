/// Reads cells in both formats. Every function gives nil when the bytes are not of the kind asked for.
enum CellDecoder {
  static func int64(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> Int64? {
    if format == .text { return parseInteger(bytes) }
    switch type {
    case .int2: return bigEndian(bytes, Int16.self).map(Int64.init)
    case .int4: return bigEndian(bytes, Int32.self).map(Int64.init)
    case .int8: return bigEndian(bytes, Int64.self)
    case .oid, .xid: return bigEndian(bytes, UInt32.self).map(Int64.init)
    case .xid8: return bigEndian(bytes, UInt64.self).flatMap(Int64.init(exactly:))
    case .numeric: return NumericDecoder.text(bytes).flatMap { Int64($0) }
    default: return nil
    }
  }

  static func double(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> Double? {
    if format == .text { return parseDouble(bytes) }
    switch type {
    case .float8: return bigEndian(bytes, UInt64.self).map(Double.init(bitPattern:))
    case .float4: return bigEndian(bytes, UInt32.self).map { Double(Float(bitPattern: $0)) }
    case .numeric: return NumericDecoder.text(bytes).flatMap { Double($0) }
    default: return int64(bytes, type, format).map(Double.init)
    }
  }

  static func numericE8(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> Int64? {
    switch (format, type) {
    case (.text, _): return parseE8(bytes)
    case (.binary, .numeric): return NumericDecoder.e8(bytes)
    default:
      guard let whole = int64(bytes, type, format) else { return nil }
      let (units, overflow) = whole.multipliedReportingOverflow(by: 100_000_000)
      return overflow ? nil : units
    }
  }

  static func bool(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> Bool? {
    guard bytes.count == 1 else { return nil }
    switch (format, bytes[0]) {
    case (.text, UInt8(ascii: "t")): return true
    case (.text, UInt8(ascii: "f")): return false
    case (.binary, 1) where type == .bool: return true
    case (.binary, 0) where type == .bool: return false
    default: return nil
    }
  }

  static func string(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> String? {
    if format == .text { return String(decoding: bytes, as: UTF8.self) }
    switch type {
    case .text, .varchar, .bpchar, .name, .char, .json, .unknown: return String(decoding: bytes, as: UTF8.self)
    case .jsonb: return bytes.first == 1 ? String(decoding: bytes.dropFirst(), as: UTF8.self) : nil
    case .bool: return bool(bytes, type, format).map { $0 ? "t" : "f" }
    case .int2, .int4, .int8, .oid, .xid, .xid8: return int64(bytes, type, format).map(String.init)
    case .float8, .float4: return nil
    case .numeric: return NumericDecoder.text(bytes)
    case .uuid: return uuid(bytes)
    default:
      // Types above the system's range are enums, domains over text… or composites, which are no valid UTF-8 text.
      return type.rawValue >= 16_384 ? String(validating: bytes, as: UTF8.self) : nil
    }
  }

  static func microseconds(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> Int64? {
    switch type {
    case .timestamptz, .timestamp:
      return format == .binary ? bigEndian(bytes, Int64.self) : TimestampParser.microseconds(bytes)
    case .date:
      if format == .text { return TimestampParser.microseconds(bytes) }
      guard let days = bigEndian(bytes, Int32.self) else { return nil }
      if days == Int32.max { return Int64.max }
      if days == Int32.min { return Int64.min }
      let (product, overflow) = Int64(days).multipliedReportingOverflow(by: 86_400_000_000)
      return overflow ? nil : product
    default: return nil
    }
  }

  static func bytes(_ bytes: UnsafeRawBufferPointer, _ type: TypeOID, _ format: Format) -> [UInt8]? {
    if format == .binary { return [UInt8](bytes) }
    guard type == .bytea else { return nil }
    return hexadecimal(bytes)
  }

  // MARK: Pieces

  static func bigEndian<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _: T.Type) -> T? {
    guard bytes.count == MemoryLayout<T>.size else { return nil }
    return T(bigEndian: bytes.loadUnaligned(as: T.self))
  }

  /// Decimal digits with an optional sign; anything else, or overflow, is nil.
  static func parseInteger(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    var index = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { index = 1 }
    guard index < bytes.count else { return nil }
    var value: Int64 = 0
    while index < bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) =
        isNegative
        ? product.subtractingReportingOverflow(Int64(digit)) : product.addingReportingOverflow(Int64(digit))
      if tooLarge || overflow { return nil }
      value = sum
      index += 1
    }
    return value
  }

  /// Decimal digits with an optional sign and point; zeros beyond the eighth decimal are no loss.
  private static func parseE8(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var units: Int128 = 0
    var decimals = -1
    var digits = 0
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: "."), decimals < 0 {
        decimals = 0
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      digits += 1
      if decimals == 8 {
        if byte != UInt8(ascii: "0") { return nil }
        continue
      }
      units = units * 10 + Int128(byte - UInt8(ascii: "0"))
      if units > NumericDecoder.e8Bound { return nil }
      if decimals >= 0 { decimals += 1 }
    }
    guard digits > 0 else { return nil }
    for _ in max(decimals, 0)..<8 { units *= 10 }
    return Int64(exactly: isNegative ? -units : units)
  }

  private static func parseDouble(_ bytes: UnsafeRawBufferPointer) -> Double? {
    // Swift's parser: independent of the locale; accepts "NaN", "Infinity" and "-Infinity".
    Double(String(decoding: bytes, as: UTF8.self))
  }

  private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count == 16 else { return nil }
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 36) { text in
      var end = 0
      for (index, byte) in bytes.enumerated() {
        if index == 4 || index == 6 || index == 8 || index == 10 {
          text[end] = UInt8(ascii: "-")
          end += 1
        }
        text[end] = digits[Int(byte >> 4)]
        text[end + 1] = digits[Int(byte & 15)]
        end += 2
      }
      return end
    }
  }

  /// bytea's `\x` form.
  private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard bytes.count >= 2, bytes.count % 2 == 0, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "x") else {
      return nil
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count / 2 - 1)
    for index in stride(from: 2, to: bytes.count, by: 2) {
      guard let high = nibble(bytes[index]), let low = nibble(bytes[index + 1]) else { return nil }
      decoded.append(high << 4 | low)
    }
    return decoded
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return digit - UInt8(ascii: "a") + 10
    default: return nil
    }
  }
}
