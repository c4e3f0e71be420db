/// The bytes of one field of a record, without quotes. Valid until the next record is read.
///
/// At least 8 bytes behind the end may be read, so that short fields can be compared as one word.
struct Field {
  var start: UnsafePointer<UInt8>
  var count: Int

  @inline(__always)
  var isEmpty: Bool { count == 0 }

  @inline(__always)
  subscript(index: Int) -> UInt8 { start[index] }

  /// Without spaces and tabs at both ends.
  @inline(__always)
  var trimmed: Field {
    if count == 0 || (start[0] > 0x20 && start[count - 1] > 0x20) { return self }
    return slowTrimmed
  }

  private var slowTrimmed: Field {
    var field = self
    while field.count > 0, field.start[0] == 0x20 || field.start[0] == 0x09 {
      field.start += 1
      field.count -= 1
    }
    while field.count > 0, field.start[field.count - 1] == 0x20 || field.start[field.count - 1] == 0x09 {
      field.count -= 1
    }
    return field
  }

  /// Eight bytes from `offset` on, the first one lowest.
  @inline(__always)
  func word(at offset: Int = 0) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// For people: bytes that are no text are replaced.
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether PostgreSQL takes these bytes as text.
  var isText: Bool {
    var isPlain = true
    for byte in bytes where byte >= 0x80 || byte == 0 { isPlain = false }
    return isPlain || (!bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil)
  }
}
