/// Builds rows in the binary format of COPY, in one buffer that is reused; writing a row allocates nothing once the
/// buffer has grown.
///
/// The columns' types must be exactly those of the table, since binary COPY converts nothing. For each row:
/// ``startRow()``, then one `write` per column in order. Then ``CopyIn/send(_:file:line:)`` takes what has gathered.
public struct CopyWriter: ~Copyable, @unchecked Sendable {
  /// Columns per row.
  public let columnCount: Int
  /// Rows since the last send.
  public private(set) var rowCount = 0
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  private var end = 0
  private var columnsLeft = 0

  /// - Parameter capacity: bytes to begin with.
  public init(columnCount: Int, capacity: Int = 64 * 1024) {
    precondition(columnCount >= 0 && columnCount <= 1_664, "PostgreSQL tables have at most 1664 columns")
    self.columnCount = columnCount
    self.capacity = max(64, capacity)
    memory = .allocate(byteCount: self.capacity, alignment: 8)
  }

  deinit { memory.deallocate() }

  /// Bytes since the last send.
  public var byteCount: Int { end }

  /// Begins a row; the one before must be complete.
  public mutating func startRow() {
    precondition(columnsLeft == 0, "the row before lacks \(columnsLeft) columns")
    reserve(2)
    store(Int16(truncatingIfNeeded: columnCount))
    columnsLeft = columnCount
    rowCount += 1
  }

  public mutating func writeNull() {
    nextColumn()
    reserve(4)
    store(Int32(-1))
  }

  public mutating func write(int2 value: Int16?) { writeFixed(value) }
  public mutating func write(int4 value: Int32?) { writeFixed(value) }
  public mutating func write(int8 value: Int64?) { writeFixed(value) }
  public mutating func write(float8 value: Double?) { writeFixed(value?.bitPattern) }
  /// Microseconds since 2000-01-01 00:00 UTC.
  public mutating func write(timestamptz microseconds: Int64?) { writeFixed(microseconds) }
  /// Days since 2000-01-01.
  public mutating func write(date days: Int32?) { writeFixed(days) }
  /// An interval that has neither days nor months.
  public mutating func write(interval microseconds: Int64) {
    nextColumn()
    reserve(20)
    store(Int32(16))
    store(microseconds)
    store(Int64(0))
  }
  public mutating func write(bool value: Bool?) { writeFixed(value.map { $0 ? UInt8(1) : 0 }) }

  /// For text, varchar, json, enums and domains over them. PostgreSQL refuses NUL bytes.
  public mutating func write(text value: String?) {
    guard var value else { return writeNull() }
    value.withUTF8 { write(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// A field in the type's own binary form: UTF-8 for text, contents for bytea, 16 bytes for uuid.
  public mutating func write(bytes: UnsafeRawBufferPointer) {
    nextColumn()
    reserve(4 + bytes.count)
    store(Int32(bytes.count))
    if let base = bytes.baseAddress { (memory + end).copyMemory(from: base, byteCount: bytes.count) }
    end += bytes.count
  }

  public mutating func write(bytes: [UInt8]) { bytes.withUnsafeBytes { write(bytes: $0) } }

  /// A `numeric` of `value` / 10⁸, exact.
  ///
  /// Binary beats text here: 10⁸ is two of numeric's base-10000 digits, so no decimal point has to be moved.
  public mutating func write(numericE8 value: Int64?) { write(numericE8: value.map { Int128($0) }) }

  /// A `numeric` of `value` / 10⁸, exact.
  public mutating func write(numericE8 value: Int128?) {
    guard let value else { return writeNull() }
    nextColumn()
    reserve(4 + NumericEncoder.maximumByteCount)
    let length = NumericEncoder.encode(e8: value, to: memory + end + 4)
    store(Int32(length))
    end += length
  }

  /// Forgets what has gathered, an incomplete row included.
  public mutating func removeAll() {
    end = 0
    rowCount = 0
    columnsLeft = 0
  }

  /// The rows gathered, without the header and trailer of the format.
  public func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    precondition(columnsLeft == 0, "the last row lacks \(columnsLeft) columns")
    return try body(UnsafeRawBufferPointer(start: memory, count: end))
  }

  // MARK: Pieces

  @inline(__always)
  private mutating func writeFixed<T: FixedWidthInteger>(_ value: T?) {
    guard let value else { return writeNull() }
    nextColumn()
    reserve(4 + MemoryLayout<T>.size)
    store(Int32(MemoryLayout<T>.size))
    store(value)
  }

  @inline(__always)
  private mutating func nextColumn() {
    precondition(columnsLeft > 0, "a row has only \(columnCount) columns, and startRow() comes first")
    columnsLeft -= 1
  }

  @inline(__always)
  private mutating func store<T: FixedWidthInteger>(_ value: T) {
    memory.storeBytes(of: value.bigEndian, toByteOffset: end, as: T.self)
    end += MemoryLayout<T>.size
  }

  @inline(__always)
  private mutating func reserve(_ count: Int) {
    if end + count > capacity { grow(by: count) }
  }

  private mutating func grow(by count: Int) {
    let newCapacity = max(capacity * 2, end + count)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 8)
    larger.copyMemory(from: memory, byteCount: end)
    memory.deallocate()
    memory = larger
    capacity = newCapacity
  }
}
