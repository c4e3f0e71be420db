#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// When a time zone's clocks stood how, from the system's time zone data (TZif, RFC 8536), which PostgreSQL uses as well.
///
/// Instants are seconds since 1970-01-01 00:00 UTC; offsets are seconds east of Greenwich.
struct TimeZoneRules: Sendable {
  let name: String
  /// Instants at which the offset changes, ascending, and the offset from each of them on.
  private let changes: [Int64]
  private let offsets: [Int32]
  private let firstOffset: Int32
  /// For instants after the last change.
  private let rule: PosixTimeZone?

  /// - Parameter name: IANA name, such as `America/New_York`.
  init(named name: String) throws(FeedError) {
    self.name = name
    let isName =
      !name.isEmpty && !name.hasPrefix("/") && !name.contains("..")
      && name.utf8.allSatisfy {
        ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || "/_+-".utf8.contains($0)
      }
    let folder = getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo"
    guard isName, let data = Self.contents(of: "\(folder)/\(name)"), let file = ZoneFile(data) else {
      let hint =
        access("\(folder)/UTC", R_OK) == 0
        ? "names are those of the IANA, such as America/New_York"
        : "install the package tzdata, there is none in \(folder)"
      throw FeedError(.unknownTimeZone, "unknown time zone \"\(name)\"; \(hint)")
    }
    (changes, offsets, firstOffset, rule) = (file.changes, file.offsets, file.firstOffset, file.rule)
  }

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    // The largest zone has a few kilobytes; reading a folder fails and gives nothing.
    var bytes = [UInt8](repeating: 0, count: 256 * 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    return count > 0 ? Array(bytes[..<count]) : nil
  }

  func offset(at instant: Int64) -> Int32 {
    guard let first = changes.first, instant >= first else {
      return changes.isEmpty ? rule?.offset(at: instant) ?? firstOffset : firstOffset
    }
    if let last = changes.last, instant >= last, let rule { return rule.offset(at: instant) }
    var low = 0
    var high = changes.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if changes[middle] <= instant { low = middle } else { high = middle }
    }
    return offsets[low]
  }

  /// The instant at which clocks show `wall` (seconds from 1970-01-01 00:00 to the local time), as PostgreSQL decides:
  /// a time that clocks skip is read by the offset before the change, one that they show twice by the offset after it.
  func instant(ofWall wall: Int64) -> Int64 {
    // As PostgreSQL does, this relies on offsets below 24 hours and on changes that are further apart than two days.
    let earlier = wall - Self.day
    let before = offset(at: earlier)
    var low = earlier
    var high = wall + 2 * Self.day
    if offset(at: high) == before { return wall - Int64(before) }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if offset(at: middle) == before { low = middle } else { high = middle }
    }
    let after = offset(at: high)
    let instantBefore = wall - Int64(before)
    let instantAfter = wall - Int64(after)
    if instantBefore < high && instantAfter < high { return instantBefore }
    if instantBefore > high && instantAfter >= high { return instantAfter }
    return instantBefore > instantAfter ? instantBefore : instantAfter
  }

  /// All instants at which clocks show `wall`, the earliest first: none where they skip it, two where they show it twice.
  func instants(ofWall wall: Int64) -> [Int64] {
    let offsets = Set([offset(at: wall - Self.day), offset(at: wall + Self.day)])
    return offsets.map { wall - Int64($0) }.filter { offset(at: $0) == Int32(wall - $0) }.sorted()
  }

  /// The offset that holds for every local time of a day, nil when clocks change about then.
  /// - Parameter midnight: seconds from 1970-01-01 to the beginning of the local day.
  func uniformOffset(ofDayFrom midnight: Int64) -> Int32? {
    let offset = offset(at: midnight - Self.day)
    return self.offset(at: midnight + 3 * Self.day) == offset ? offset : nil
  }

  private static let day: Int64 = 86_400
}

/// Converts local times of one zone, quickly for times of the same day.
struct LocalClock {
  let rules: TimeZoneRules
  private var day = Int64.min
  private var offset: Int32?

  /// Seconds from 1970-01-01 to 2000-01-01.
  private static let epoch: Int64 = 946_684_800

  init(_ rules: TimeZoneRules) { self.rules = rules }

  /// Whether clocks do not change about this local time.
  @inline(__always)
  mutating func isUniform(ofWall wall: Int64) -> Bool {
    let day = wall.quotientAndRemainder(flooredBy: WrittenTime.microsecondsPerDay).0
    if day == self.day { return offset != nil }
    _ = instant(ofWall: wall)
    return offset != nil
  }

  /// - Parameter wall: microseconds from 2000-01-01 00:00 to a local time.
  /// - Returns: microseconds since 2000-01-01 00:00 UTC.
  @inline(__always)
  mutating func instant(ofWall wall: Int64) -> Int64 {
    let day = wall.quotientAndRemainder(flooredBy: WrittenTime.microsecondsPerDay).0
    if day != self.day {
      self.day = day
      offset = rules.uniformOffset(ofDayFrom: day * 86_400 + Self.epoch)
    }
    if let offset { return wall - Int64(offset) * 1_000_000 }
    let (second, rest) = wall.quotientAndRemainder(flooredBy: 1_000_000)
    return (rules.instant(ofWall: second + Self.epoch) - Self.epoch) * 1_000_000 + rest
  }

  /// What a local time may mean on a day on which clocks change: as for ``instant(ofWall:)``, none, one or two.
  mutating func instants(ofWall wall: Int64) -> [Int64] {
    let instant = instant(ofWall: wall)
    if offset != nil { return [instant] }
    let (second, rest) = wall.quotientAndRemainder(flooredBy: 1_000_000)
    return rules.instants(ofWall: second + Self.epoch).map { ($0 - Self.epoch) * 1_000_000 + rest }
  }

  /// Days from 2000-01-01 to the local day of an instant.
  func day(of instant: Int64) -> Int32 {
    let second = instant.quotientAndRemainder(flooredBy: 1_000_000).0
    let wall = second + Int64(rules.offset(at: second + Self.epoch))
    return Int32(wall.quotientAndRemainder(flooredBy: 86_400).0)
  }
}
