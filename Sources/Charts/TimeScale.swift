/// Times along the bottom of a plot: either as they pass, or one slot for each candle, so that nights and weekends take no room.
struct TimeScale: Sendable {
  private enum Kind: Sendable {
    case passing(from: ChartTime, until: ChartTime)
    /// In order.
    case slots([ChartTime])
  }

  private let kind: Kind
  let left: Double
  let right: Double

  /// - Parameter times: whatever is shown; the scale holds them all.
  init(passing times: some Sequence<ChartTime>, left: Double, right: Double) {
    var (from, until) = (Double.infinity, -Double.infinity)
    for time in times where time.seconds.magnitude < 1e13 {
      from = min(from, time.seconds)
      until = max(until, time.seconds)
    }
    if from > until { (from, until) = (0, 86_400) }
    if from == until { (from, until) = (from - 43_200, until + 43_200) }
    kind = .passing(from: ChartTime(seconds: from), until: ChartTime(seconds: until))
    (self.left, self.right) = (left, right)
  }

  /// - Parameter slots: the times of candles, in order.
  init(slots: [ChartTime], left: Double, right: Double) {
    kind = .slots(slots)
    (self.left, self.right) = (left, right)
  }

  /// The width of a slot; 0 where time passes.
  var slotWidth: Double {
    if case .slots(let times) = kind { (right - left) / Double(max(times.count, 1)) } else { 0 }
  }

  /// Where a time is; in a slot, its middle. What is before or behind all is at the edge.
  func position(_ time: ChartTime) -> Double {
    switch kind {
    case .passing(let from, let until):
      let share = (time.seconds - from.seconds) / (until.seconds - from.seconds)
      return left + min(max(share, 0), 1) * (right - left)
    case .slots(let times):
      let slot = min(max(Self.count(of: times, upTo: time) - 1, 0), max(times.count - 1, 0))
      return left + (Double(slot) + 0.5) * slotWidth
    }
  }

  /// How many times are not later.
  private static func count(of times: [ChartTime], upTo time: ChartTime) -> Int {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Ticks with their labels, never closer than their texts allow.
  func ticks() -> [(position: Double, label: String)] {
    let from: ChartTime
    let until: ChartTime
    switch kind {
    case .passing(let first, let last): (from, until) = (first, last)
    case .slots(let times):
      guard let first = times.first, let last = times.last else { return [] }
      (from, until) = (first, last)
    }
    let room = 64.0
    var step = CalendarStep.atLeast(seconds: (until.seconds - from.seconds) / max((right - left) / room, 1))
    // Where slots leave out nights, many ticks fall onto the same place: then days are told apart, not hours.
    if slotWidth > 0, step.seconds < 86_400, until.seconds - from.seconds > 2 * 86_400 {
      step = CalendarStep.atLeast(seconds: 86_400)
    }
    var result: [(position: Double, label: String)] = []
    var time = step.start(of: from)
    var previous: ChartTime?
    var end = -Double.infinity
    for _ in 0..<2_000 where time <= until {
      if time >= from || slotWidth > 0 && result.isEmpty && step.next(after: time) > until {
        let shown = max(time, from)
        var position = position(shown)
        // The first slot that does not begin before the tick.
        if case .slots(let times) = kind {
          let place = Self.count(of: times, upTo: ChartTime(seconds: shown.seconds - 0.001))
          position = left + (Double(min(place, times.count - 1)) + 0.5) * slotWidth
        }
        let label = step.label(shown, after: previous)
        let half = Double(label.count) * 3.4
        if position - half > end + 8, position + half < right + 24 {
          result.append((position, label))
          end = position + half
          previous = shown
        }
      }
      time = step.next(after: time)
    }
    return result
  }
}
