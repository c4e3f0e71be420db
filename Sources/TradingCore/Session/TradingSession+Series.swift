/// Agents that look at candles of other lengths or instruments: what has closed is taken in in the order of the closes, the
/// agent's own candle behind all others that close with it.
extension TradingSession {
  typealias Place = (lane: Int, slot: Int)

  // MARK: Ticks

  /// A tick of an instrument that the agent trades or looks at.
  mutating func follow(_ tick: Tick, of source: Int, _ lane: Int, _ slot: Int) {
    lanes[lane].slots[slot].change(at: tick.time)
    if tick.time >= lanes[lane].slots[slot].nextEnd {
      gather(until: tick.time, lane, slot)
      takeIn(until: tick.time, at: tick.time, lane, slot)
    }
    let isOwn = source == lane
    if lanes[lane].slots[slot].agent.isOnTicks {
      if isOwn { close(Candle(of: tick), closedAt: tick.time, at: tick.time, lane, slot) }
    } else if isOwn {
      _ = lanes[lane].slots[slot].agent.builder.update(tick)
    }
    for index in lanes[lane].slots[slot].agent.others.indices
    where lanes[lane].slots[slot].agent.others[index].instrument == tick.instrument {
      if lanes[lane].slots[slot].agent.isOnTicks, lanes[lane].slots[slot].agent.others[index].isOfBaseLength {
        takeIn(
          WaitingCandle(series: index + 1, candle: Candle(of: tick), closedAt: tick.time), at: tick.time, lane, slot)
      } else {
        _ = lanes[lane].slots[slot].agent.others[index].builder.update(tick)
      }
    }
    findNextEnd(lane, slot)
  }

  mutating func findNextEnd(_ lane: Int, _ slot: Int) {
    var next = lanes[lane].slots[slot].agent.builder.formingEnd ?? .latest
    for other in lanes[lane].slots[slot].agent.others { next = min(next, other.builder.formingEnd ?? .latest) }
    // What waits for the close of a session is looked at with the next event.
    lanes[lane].slots[slot].nextEnd = lanes[lane].slots[slot].agent.waiting.isEmpty ? next : .earliest
  }

  /// Closes the candles of fixed width that end by `time`.
  mutating func gather(until time: Timestamp, _ lane: Int, _ slot: Int) {
    if let end = lanes[lane].slots[slot].agent.builder.formingEnd, end <= time,
      let candle = lanes[lane].slots[slot].agent.builder.advance(to: time)
    {
      lanes[lane].slots[slot].agent.waiting.append(WaitingCandle(series: 0, candle: candle, closedAt: end))
    }
    for index in lanes[lane].slots[slot].agent.others.indices {
      guard let end = lanes[lane].slots[slot].agent.others[index].builder.formingEnd, end <= time,
        let candle = lanes[lane].slots[slot].agent.others[index].builder.advance(to: time)
      else { continue }
      lanes[lane].slots[slot].agent.waiting.append(WaitingCandle(series: index + 1, candle: candle, closedAt: end))
    }
  }

  /// Takes in what has closed by `time`, at an event of time `now`.
  mutating func takeIn(until time: Timestamp, at now: Timestamp, _ lane: Int, _ slot: Int) {
    while true {
      let waiting = lanes[lane].slots[slot].agent.waiting
      var first: Int?
      for index in waiting.indices where waiting[index].closedAt <= time {
        if first.map({ waiting[index].isBefore(waiting[$0]) }) ?? true { first = index }
      }
      guard let first else { return }
      // What trades at the close of a session is part of its day: that candle is complete a moment later.
      if waiting[first].series == 0, isAwaitingClose(by: waiting[first].closedAt, lane, slot) { return }
      takeIn(lanes[lane].slots[slot].agent.waiting.remove(at: first), at: now, lane, slot)
    }
  }

  private func isAwaitingClose(by close: Timestamp, _ lane: Int, _ slot: Int) -> Bool {
    for other in lanes[lane].slots[slot].agent.others {
      if let closesAt = other.builder.closesAt, closesAt <= close { return true }
    }
    return false
  }

  private mutating func takeIn(_ entry: WaitingCandle, at now: Timestamp, _ lane: Int, _ slot: Int) {
    if entry.series == 0 {
      close(entry.candle, closedAt: entry.closedAt, at: now, lane, slot)
    } else {
      let clock = clock(ofSeries: entry.series, at: entry.closedAt, lane, slot)
      lanes[lane].slots[slot].agent.update(series: entry.series, entry.candle, closedAt: entry.closedAt, clock: clock)
    }
  }

  // MARK: Bars

  /// All bars that close together go to the series that look at them, then the agents look.
  mutating func closeBars(_ bars: [(event: BarEvent, lane: Int)]) {
    let (opensAt, closesAt) = (bars[0].event.opensAt, bars[0].event.closesAt)
    for (bar, source) in bars {
      for slot in lanes[source].slots.indices where lanes[source].slots[slot].isWide {
        follow(bar, of: source, opensAt, source, slot)
      }
      for place in lanes[source].watchers { follow(bar, of: source, opensAt, place.lane, place.slot) }
    }
    for (bar, lane) in bars {
      for slot in lanes[lane].slots.indices {
        guard lanes[lane].slots[slot].isWide else {
          close(bar.bar, closedAt: closesAt, at: closesAt, lane, slot)
          continue
        }
        closeDays(lane, slot, where: { $0.closesAt.map { $0 <= closesAt } ?? false })
        if !lanes[lane].slots[slot].agent.isMadeOfBars {
          lanes[lane].slots[slot].agent.waiting.append(WaitingCandle(series: 0, candle: bar.bar, closedAt: closesAt))
        }
        takeIn(until: closesAt, at: closesAt, lane, slot)
      }
    }
  }

  private mutating func follow(_ bar: BarEvent, of source: Int, _ opensAt: Timestamp, _ lane: Int, _ slot: Int) {
    lanes[lane].slots[slot].change(at: bar.closesAt)
    gather(until: opensAt, lane, slot)
    takeIn(until: opensAt, at: opensAt, lane, slot)
    if source == lane, lanes[lane].slots[slot].agent.isMadeOfBars { fold(bar, lane, slot) }
    for index in lanes[lane].slots[slot].agent.others.indices
    where lanes[lane].slots[slot].agent.others[index].instrument == bar.instrument {
      if lanes[lane].slots[slot].agent.others[index].isOfBaseLength {
        lanes[lane].slots[slot].agent.waiting.append(
          WaitingCandle(series: index + 1, candle: bar.bar, closedAt: bar.closesAt))
        continue
      }
      _ = lanes[lane].slots[slot].agent.others[index].builder.update(bar.bar)
      if let end = lanes[lane].slots[slot].agent.others[index].builder.formingEnd, end <= bar.closesAt,
        let candle = lanes[lane].slots[slot].agent.others[index].builder.advance(to: bar.closesAt)
      {
        lanes[lane].slots[slot].agent.waiting.append(WaitingCandle(series: index + 1, candle: candle, closedAt: end))
      }
    }
  }

  /// Makes a bar part of the agent's own candle.
  private mutating func fold(_ bar: BarEvent, _ lane: Int, _ slot: Int) {
    _ = lanes[lane].slots[slot].agent.builder.update(bar.bar)
    guard let end = lanes[lane].slots[slot].agent.builder.formingEnd else { return }
    if end <= bar.closesAt {
      if let candle = lanes[lane].slots[slot].agent.builder.advance(to: bar.closesAt) {
        lanes[lane].slots[slot].agent.waiting.append(WaitingCandle(series: 0, candle: candle, closedAt: end))
      }
    } else if let last = lanes[lane].slots[slot].agent.lastInstant {
      nextCandleEnd = min(nextCandleEnd, last)
    }
  }

  // MARK: Calendars

  /// Closes what of an agent's candles that end by time has its last time at `now` or before, and takes it in.
  mutating func closeCandles(of lane: Int, _ slot: Int, at now: Timestamp) {
    var latest = closeDays(lane, slot, where: { $0.lastInstant.map { $0 <= now } ?? false })
    let agent = lanes[lane].slots[slot].agent
    if agent.isMadeOfBars, let last = agent.lastInstant, last <= now, let end = agent.builder.formingEnd {
      latest = max(latest ?? end, end)
    }
    guard let close = latest else { return }
    lanes[lane].slots[slot].change(at: close)
    gather(until: close, lane, slot)
    takeIn(until: close, at: close, lane, slot)
    findNextEnd(lane, slot)
  }

  /// Closes the candles of days, weeks and months that are over.
  /// - Returns: the latest of their closes; nil when there are none.
  @discardableResult
  private mutating func closeDays(_ lane: Int, _ slot: Int, where isOver: (CandleBuilder) -> Bool) -> Timestamp? {
    var latest: Timestamp?
    if isOver(lanes[lane].slots[slot].agent.builder) {
      let closed = lanes[lane].slots[slot].agent.builder.close()
      latest = closed.closedAt
      if let candle = closed.candle {
        lanes[lane].slots[slot].agent.waiting.append(
          WaitingCandle(series: 0, candle: candle, closedAt: closed.closedAt))
      }
    }
    for index in lanes[lane].slots[slot].agent.others.indices
    where isOver(lanes[lane].slots[slot].agent.others[index].builder) {
      let closed = lanes[lane].slots[slot].agent.others[index].builder.close()
      latest = max(latest ?? closed.closedAt, closed.closedAt)
      if let candle = closed.candle {
        lanes[lane].slots[slot].agent.waiting.append(
          WaitingCandle(series: index + 1, candle: candle, closedAt: closed.closedAt))
      }
    }
    return latest
  }
}

extension SessionAgent {
  /// The last time of its own open candle that ends by time; nil when there is none.
  var lastInstant: Timestamp? {
    builder.isOnCalendar
      ? builder.lastInstant : isMadeOfBars ? builder.formingEnd.map { .clamping($0.microseconds - 1) } : nil
  }
}

extension Candle {
  /// A tick as a candle of its own.
  public init(of tick: Tick) {
    self.init(
      bucket: tick.time, open: tick.price, high: tick.price, low: tick.price, close: tick.price, volume: tick.size,
      vwap: tick.size > 0 ? tick.price : .nan, ticks: 1)
  }
}
