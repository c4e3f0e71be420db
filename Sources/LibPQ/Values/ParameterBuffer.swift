/// The parameters of one statement laid out for libpq, in buffers that are reused from call to call.
struct ParameterBuffer {
  private var bytes: [UInt8] = []
  private var offsets: [Int] = []
  private var types: [UInt32] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []
  private var pointers: [UnsafePointer<CChar>?] = []

  /// Offset of NULL.
  private static let null = -1
  /// The protocol counts parameters in 16 bits.
  static let maximumCount = 65_535

  /// Throws what ``encode(_:)`` would throw, without keeping anything.
  static func check(_ values: [Value]) throws {
    try checkCount(values)
    for (index, value) in values.enumerated() {
      let hasNUL =
        switch value.payload {
        case .text(let text): text.utf8.contains(0)
        case .texts(let texts), .numerics(let texts): texts.contains { $0?.utf8.contains(0) ?? false }
        default: false
        }
      if hasNUL { throw nulByte(index + 1) }
    }
  }

  private static func checkCount(_ values: [Value]) throws {
    guard values.count <= maximumCount else {
      throw PostgresError(.invalidParameter, "\(values.count) parameters; at most \(maximumCount) can be sent")
    }
  }

  private static func nulByte(_ position: Int) -> PostgresError {
    PostgresError(.invalidParameter, "parameter $\(position) contains a NUL byte, which PostgreSQL text cannot")
  }

  mutating func encode(_ values: [Value]) throws {
    try Self.checkCount(values)
    bytes.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    types.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    formats.removeAll(keepingCapacity: true)
    for (index, value) in values.enumerated() {
      let start = bytes.count
      types.append(value.type.rawValue)
      let format = try append(value, position: index + 1)
      guard bytes.count - start <= Int(Int32.max) else {
        throw PostgresError(.invalidParameter, "parameter $\(index + 1) is larger than 2 GiB")
      }
      if case .null = value.payload { offsets.append(Self.null) } else { offsets.append(start) }
      lengths.append(Int32(bytes.count - start))
      formats.append(format.rawValue)
      // libpq takes text up to the first NUL.
      if format == .text { bytes.append(0) }
    }
  }

  /// Bytes that a message with these parameters has, about.
  var byteCount: Int { bytes.count + 8 * offsets.count }

  /// Calls libpq with the arrays it wants. They are valid during the call only.
  mutating func withArrays<T>(
    _ body: (
      _ count: Int32, _ types: UnsafePointer<UInt32>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
      _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
    ) throws -> T
  ) rethrows -> T {
    let count = offsets.count
    if count == 0 { return try body(0, nil, nil, nil, nil) }
    return try bytes.withUnsafeBytes { raw in
      // An empty buffer may have no address, yet a nil pointer would mean NULL.
      let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      pointers.removeAll(keepingCapacity: true)
      for offset in offsets { pointers.append(offset == Self.null ? nil : base.map { $0 + offset } ?? Self.nothing) }
      return try body(Int32(count), types, pointers, lengths, formats)
    }
  }

  private nonisolated(unsafe) static let nothing = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

  private mutating func append(_ value: Value, position: Int) throws -> Format {
    switch value.payload {
    case .null: break
    case .bool(let value): bytes.append(value ? 1 : 0)
    case .int2(let value): append(bigEndian: value)
    case .int4(let value): append(bigEndian: value)
    case .int8(let value): append(bigEndian: value)
    case .float8(let value): append(bigEndian: value.bitPattern)
    case .bytes(let value): bytes.append(contentsOf: value)
    case .text(let text):
      try append(text, position: position)
      return .text
    case .bools(let values):
      appendArray(values, element: .bool) { $0.bytes.append($1 ? 1 : 0) }
    case .int4s(let values):
      appendArray(values, element: .int4) { $0.append(bigEndian: $1) }
    case .int8s(let values):
      let element: TypeOID = value.type == .timestamptzArray ? .timestamptz : .int8
      appendArray(values, element: element) { $0.append(bigEndian: $1) }
    case .float8s(let values):
      appendArray(values, element: .float8) { $0.append(bigEndian: $1.bitPattern) }
    case .texts(let values):
      // As literals when the type is not text[], so that arrays of enums or domains can be written too.
      guard value.type == .textArray else {
        try appendArrayLiteral(values, position: position)
        return .text
      }
      try appendArray(values, element: .text) { try $0.append($1, position: position) }
    case .numericE8(let units): append(e8: units)
    case .numericE8s(let values):
      appendArray(values, element: .numeric) { $0.append(e8: $1) }
    case .numerics(let values):
      try appendArrayLiteral(values, position: position)
      return .text
    }
    return .binary
  }

  private mutating func append(bigEndian value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func append(e8 units: Int64) {
    withUnsafeTemporaryAllocation(byteCount: NumericEncoder.maximumByteCount, alignment: 2) { buffer in
      let count = NumericEncoder.encode(e8: Int128(units), to: buffer.baseAddress!)
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  private mutating func append(_ text: String, position: Int) throws {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    if bytes[start...].contains(0) { throw Self.nulByte(position) }
  }

  /// One-dimensional array in binary form: dimensions, whether there are NULLs, element type, length, lower bound,
  /// then each element with its length (-1 is NULL).
  private mutating func appendArray<Element>(
    _ values: [Element?], element: TypeOID, _ appendElement: (inout ParameterBuffer, Element) throws -> Void
  ) rethrows {
    append(bigEndian: Int32(values.isEmpty ? 0 : 1))
    append(bigEndian: Int32(values.contains { $0 == nil } ? 1 : 0))
    append(bigEndian: element.rawValue)
    if values.isEmpty { return }
    append(bigEndian: Int32(values.count))
    append(bigEndian: Int32(1))
    for value in values {
      guard let value else {
        append(bigEndian: Int32(-1))
        continue
      }
      let lengthAt = bytes.count
      append(bigEndian: Int32(0))
      try appendElement(&self, value)
      let length = Int32(bytes.count - lengthAt - 4)
      withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(lengthAt..<lengthAt + 4, with: $0) }
    }
  }

  /// `{"a","b",NULL}` with quotes and backslashes escaped.
  private mutating func appendArrayLiteral(_ values: [String?], position: Int) throws {
    bytes.append(UInt8(ascii: "{"))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      guard let value else {
        bytes.append(contentsOf: "NULL".utf8)
        continue
      }
      bytes.append(UInt8(ascii: "\""))
      for byte in value.utf8 {
        if byte == 0 { throw Self.nulByte(position) }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: "}"))
  }
}
