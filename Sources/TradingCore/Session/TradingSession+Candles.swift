/// Candles of days, weeks and months, which end with a session: at the first event behind its close, whatever trades then, and
/// before that event. What an agent sends at the close meets the first price after it, as it does with bars. Candles that are
/// made of shorter bars end likewise, when they did not end with one of these.
extension TradingSession {
  /// The position of a calendar, added when it is new.
  mutating func place(of calendar: CandleCalendar) -> Int {
    if let index = calendars.firstIndex(where: { $0.calendar == calendar }) { return index }
    calendars.append((calendar, .earliest))
    return calendars.count - 1
  }

  mutating func findNextCandle() {
    nextSpan = .latest
    nextCandleEnd = .latest
    for known in calendars { nextSpan = min(nextSpan, known.next) }
    findNextQuestion()
    for lane in lanes {
      for slot in lane.slots where slot.endsByTime {
        if let last = slot.agent.lastInstant { nextCandleEnd = min(nextCandleEnd, last) }
        for other in slot.agent.others {
          if let last = other.builder.lastInstant { nextCandleEnd = min(nextCandleEnd, last) }
        }
      }
    }
  }

  /// Closes the candles whose last time is `now` or before.
  mutating func closeCandles(at now: Timestamp) {
    for lane in lanes.indices {
      for slot in lanes[lane].slots.indices where lanes[lane].slots[slot].endsByTime {
        closeCandles(of: lane, slot, at: now)
      }
    }
    findNextCandle()
  }

  mutating func open(_ span: CandleSpan, of calendar: CandleCalendar) {
    guard let index = calendars.firstIndex(where: { $0.calendar == calendar }) else { return }
    calendars[index].next = span.next
    for lane in lanes.indices {
      for slot in lanes[lane].slots.indices {
        for (series, calendar) in lanes[lane].slots[slot].calendars.enumerated() where calendar == index {
          if series == 0 {
            lanes[lane].slots[slot].agent.builder.open(span)
          } else {
            lanes[lane].slots[slot].agent.others[series - 1].builder.open(span)
          }
        }
      }
    }
    findNextCandle()
  }
}
