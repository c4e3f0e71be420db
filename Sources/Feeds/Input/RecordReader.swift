/// Splits comma-separated text (RFC 4180) into records and fields without copying them. What separates fields, a comma, a
/// semicolon, a tab or a bar, is what the first line has most of.
///
/// Lines end with LF or CRLF, the last one also with the end of the file. A byte order mark is skipped, as are empty lines.
/// Within a quoted field, commas and line breaks are data and a doubled quote is one; a quote inside a field that does not
/// begin with one is data, too. A record over several lines whose quotes or number of fields are wrong was none: a stray quote
/// has swallowed lines. Then only its first line is malformed, and reading goes on with the second.
struct RecordReader: ~Copyable {
  /// Longest record in bytes; market data never comes near it.
  static let maximumLength = 64 * 1024
  static let maximumFields = 256
  private static let capacity = 1024 * 1024
  private static let padding = 16

  enum Outcome {
    case record
    /// A line that is no record; ``content`` holds it.
    case malformed(String)
    case end
  }

  let input: ByteInput
  private(set) var separator = UInt8.comma
  /// Number of fields that each record must have; nil while the header is read.
  var expectedCount: Int?
  /// Fields of the present record.
  private(set) var count = 0
  /// Line on which the present record begins, from 1.
  private(set) var line = 0

  private let base: UnsafeMutablePointer<UInt8>
  private let fields: UnsafeMutablePointer<Field>
  /// Fields whose doubled quotes were resolved.
  private let scratch: UnsafeMutablePointer<UInt8>
  private var scratchCount = 0
  /// The present record's place in the buffer, the first byte behind it with its line break, and the end of the data.
  private var position = 0
  private var next = 0
  private var end = 0
  private var contentEnd = 0
  private var nextLine = 1
  private var isAtEnd = false

  init(_ input: consuming ByteInput) {
    self.input = input
    base = .allocate(capacity: Self.capacity + Self.padding)
    base.initialize(repeating: 0, count: Self.capacity + Self.padding)
    base[0] = .lineFeed
    fields = .allocate(capacity: Self.maximumFields)
    scratch = .allocate(capacity: Self.maximumLength + Self.padding)
    scratch.initialize(repeating: 0, count: Self.maximumLength + Self.padding)
  }

  deinit {
    base.deallocate()
    fields.deallocate()
    scratch.deallocate()
  }

  /// A field of the present record; `index` must be below ``count``.
  @inline(__always)
  func field(_ index: Int) -> Field { fields[index] }

  /// The present record as it stands in the file, cut after 1,000 characters, without NUL characters.
  var content: String {
    let bytes = UnsafeBufferPointer(start: base + position, count: min(contentEnd - position, 4_000))
    return String(String(decoding: bytes, as: UTF8.self).prefix(1_000)).replacing("\0", with: "\u{FFFD}")
  }

  /// Reads the next record.
  mutating func advance() throws(FeedError) -> Outcome {
    position = next
    line = nextLine
    while true {
      switch scan() {
      case .complete(let lines):
        contentEnd = next
        while contentEnd > position, base[contentEnd - 1] == .lineFeed || base[contentEnd - 1] == .carriageReturn {
          contentEnd -= 1
        }
        if contentEnd == position {
          if isAtEnd && next >= end { return .end }
          position = next
          line += 1
          nextLine = line
          continue
        }
        if next - position > Self.maximumLength { return try rejectLine("longer than 65,536 bytes") }
        if let expectedCount, count != expectedCount {
          let reason = "\(count) fields where the header has \(expectedCount)"
          if lines > 1 { return try rejectLine("a quote opens and does not close as it should") }
          nextLine = line + 1
          return .malformed(reason)
        }
        nextLine = line + lines
        return .record
      case .wrongQuotes: return try rejectLine("a quote opens and does not close as it should")
      case .tooManyFields: return try rejectLine("more than \(Self.maximumFields) fields")
      case .incomplete:
        if end - position > Self.maximumLength {
          return try rejectLine("longer than 65,536 bytes, or a quote never closes")
        }
        try refill()
      }
    }
  }

  /// The present record is given out again by the next ``advance()``.
  mutating func stepBack() {
    next = position
    nextLine = line
  }

  // MARK: Scanning

  private enum Scan {
    case complete(lines: Int)
    /// The data ends before the record does.
    case incomplete
    case wrongQuotes
    case tooManyFields
  }

  /// Looks for the fields of the record at `position`. A line feed behind the data serves as a stop.
  private mutating func scan() -> Scan {
    // The usual case is compiled by itself.
    separator == .comma ? scan(separatedBy: .comma) : scan(separatedBy: separator)
  }

  /// Whether a byte is neither of the two that end a field.
  @inline(__always)
  private static func isData(_ byte: UInt8, _ separator: UInt8) -> Bool {
    // Digits, letters and most signs are above the comma: one comparison passes them.
    separator == .comma
      ? byte > .comma || (byte != .comma && byte != .lineFeed) : byte != separator && byte != .lineFeed
  }

  @inline(__always)
  private mutating func scan(separatedBy separator: UInt8) -> Scan {
    var place = UnsafePointer(base) + position
    let limit = UnsafePointer(base) + end
    var lines = 1
    count = 0
    scratchCount = 0
    while true {
      if count == Self.maximumFields { return .tooManyFields }
      let start = place
      if place.pointee == .quote {
        guard let field = quotedField(&place, limit, &lines) else { return isAtEnd ? .wrongQuotes : .incomplete }
        fields[count] = field
        count += 1
        if place.pointee == .carriageReturn {
          // Either the break follows, or it is still to be read.
          if place + 1 == limit && !isAtEnd { return .incomplete }
          place += 1
          if place.pointee != .lineFeed { return .wrongQuotes }
        }
        if place.pointee != separator && place.pointee != .lineFeed { return .wrongQuotes }
      } else {
        while Self.isData(place.pointee, separator) { place += 1 }
        fields[count] = Field(start: start, count: place - start)
        count += 1
      }
      if place.pointee == separator {
        place += 1
        continue
      }
      if place == limit {
        if !isAtEnd { return .incomplete }
        next = end
      } else {
        next = place - UnsafePointer(base) + 1
      }
      if fields[count - 1].start == start { dropCarriageReturn() }
      return .complete(lines: lines)
    }
  }

  @inline(__always)
  private mutating func dropCarriageReturn() {
    let last = fields[count - 1]
    if last.count > 0, last[last.count - 1] == .carriageReturn { fields[count - 1].count -= 1 }
  }

  /// A field in quotes; `place` moves behind the closing one. Nil when it does not close before `limit`.
  private mutating func quotedField(
    _ place: inout UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>, _ lines: inout Int
  ) -> Field? {
    place += 1
    var start = place
    var copied: Int?
    while place < limit {
      if place.pointee == .lineFeed { lines += 1 }
      guard place.pointee == .quote else {
        place += 1
        continue
      }
      if place + 1 == limit && !isAtEnd { return nil }
      let isDoubled = place + 1 < limit && place[1] == .quote
      if !isDoubled {
        defer { place += 1 }
        guard let copied else { return Field(start: start, count: place - start) }
        guard append(start, place - start) else { return nil }
        return Field(start: scratch + copied, count: scratchCount - copied)
      }
      copied = copied ?? scratchCount
      guard append(start, place + 1 - start) else { return nil }
      place += 2
      start = place
    }
    return nil
  }

  /// False when the record is too long anyway.
  private mutating func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard scratchCount + count <= Self.maximumLength else { return false }
    (scratch + scratchCount).update(from: bytes, count: count)
    scratchCount += count
    return true
  }

  // MARK: Data

  /// Moves the unfinished record to the front and reads more behind it.
  private mutating func refill() throws(FeedError) {
    let isFirst = end == 0
    let rest = end - position
    if position > 0 { base.update(from: base + position, count: rest) }
    let room = UnsafeMutableRawBufferPointer(start: base + rest, count: Self.capacity - rest)
    let read = try input.read(into: room)
    isAtEnd = read < room.count
    position = 0
    end = rest + read
    base[end] = .lineFeed
    if isFirst, end >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF { position = 3 }
    if isFirst { separator = firstSeparator() }
  }

  /// What the first line that is not empty has most of, outside quotes; a comma when it has none of them.
  private func firstSeparator() -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for index in position..<end {
      let byte = base[index]
      if byte == .quote { isQuoted.toggle() }
      if byte == .lineFeed, !counts.isEmpty || index - position > 1 { break }
      if !isQuoted, Self.separators.contains(byte) { counts[byte, default: 0] += 1 }
    }
    return Self.separators.max { counts[$0, default: 0] < counts[$1, default: 0] }.flatMap {
      counts[$0] == nil ? nil : $0
    }
      ?? .comma
  }

  private static let separators: [UInt8] = [.comma, UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]

  /// Gives up the line at `position`, however long it is, and goes on with the next.
  private mutating func rejectLine(_ reason: String) throws(FeedError) -> Outcome {
    var index = position
    while base[index] != .lineFeed { index += 1 }
    // The content has to survive the search for the end of a line that is longer than the buffer.
    if index == end && !isAtEnd && position > 0 {
      base.update(from: base + position, count: end - position)
      index -= position
      end -= position
      position = 0
    }
    while index == end && !isAtEnd {
      let kept = min(end - position, Self.maximumLength)
      let room = UnsafeMutableRawBufferPointer(start: base + position + kept, count: Self.capacity - position - kept)
      let read = try input.read(into: room)
      isAtEnd = read < room.count
      end = position + kept + read
      base[end] = .lineFeed
      index = position + kept
      while base[index] != .lineFeed { index += 1 }
    }
    contentEnd = index
    next = min(index + 1, end)
    nextLine = line + 1
    return .malformed(reason)
  }
}

extension UInt8 {
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C
}
