/// Numbers the ticks of one instrument that have the same time, in the order of the tape.
///
/// A tape that runs forwards or backwards is numbered for ever. In one that jumps, the last 256 different times are
/// remembered; a tick of a time that may have gone by before those cannot be numbered.
struct TapeNumbering {
  private struct Time {
    var time: Int64
    /// The next number; negative when the numbers given out before are forgotten.
    var next: Int32
  }

  private static let window = 256

  private var times: [Time] = []
  /// Place of the time that came last.
  private var current = 0
  /// Place at which the next new time is stored, once the window is full.
  private var oldest = 0
  private var earliest = Int64.max
  private var latest = Int64.min
  private var earliestForgotten = Int64.max
  private var latestForgotten = Int64.min

  var isEmpty: Bool { times.isEmpty }

  /// The tick's number among those of its time, from 0; nil when that cannot be told.
  @inline(__always)
  mutating func number(_ time: Int64) -> Int32? {
    if !times.isEmpty, times[current].time == time { return numberAgain(current) }
    if time > latest || time < earliest {
      remember(time, next: 1)
      return 0
    }
    return numberEarlier(time)
  }

  private mutating func numberEarlier(_ time: Int64) -> Int32? {
    if let index = times.firstIndex(where: { $0.time == time }) {
      current = index
      return numberAgain(index)
    }
    let isForgotten = time >= earliestForgotten && time <= latestForgotten
    remember(time, next: isForgotten ? -1 : 1)
    return isForgotten ? nil : 0
  }

  @inline(__always)
  private mutating func numberAgain(_ index: Int) -> Int32? {
    let number = times[index].next
    if number < 0 { return nil }
    times[index].next = number + 1
    return number
  }

  private mutating func remember(_ time: Int64, next: Int32) {
    latest = max(latest, time)
    earliest = min(earliest, time)
    if times.count < Self.window {
      times.append(Time(time: time, next: next))
      current = times.count - 1
      return
    }
    earliestForgotten = min(earliestForgotten, times[oldest].time)
    latestForgotten = max(latestForgotten, times[oldest].time)
    times[oldest] = Time(time: time, next: next)
    current = oldest
    oldest = (oldest + 1) % Self.window
  }
}
