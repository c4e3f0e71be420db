/// How many events a batch takes: as many as are allowed, and fewer while commits are slow, so that a fill or a price is
/// seldom later than the delay that is allowed. Batches decide nothing but when things are committed.
struct BatchSize {
  /// Longest commit before batches shrink.
  static let delay = Duration.milliseconds(250)
  static let least = 100

  let largest: Int
  private(set) var events: Int

  init(largest: Int) {
    self.largest = largest
    events = largest
  }

  /// A batch of `count` events took this long.
  mutating func note(_ count: Int, took duration: Duration) {
    if duration > Self.delay {
      // Only as far as the events are to blame: a wait for somebody's lock does not become shorter with fewer.
      if count >= events { events = max(min(Self.least, largest), events / 2) }
    } else if duration < Self.delay / 4 {
      events = min(largest, events * 2)
    }
  }
}
