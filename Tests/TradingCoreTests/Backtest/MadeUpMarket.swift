import TestSupport

@testable import TradingCore

/// A market that was made up, and what a backtest over it is told: days without a session, early closes, breaks at noon, halts,
/// gaps, moves to a limit, bars without volume, splits, prices of fractions of a cent and of a hundred thousand; and ticks and
/// bars while the exchange is closed, or in part of them.
struct MadeUpMarket {
  enum Feed: CaseIterable { case days, halfHours, ticks }

  struct Instrument {
    let id: Int32
    /// In units of 10⁻⁸, as all amounts here.
    let tick: Int64
    let lot: Int64
    let start: Double
  }

  struct Split {
    let instrument: Int32
    let ratio: Int64
    let day: Int64
    var at: Int64 { day * MadeUpMarket.day }
  }

  /// A bar, or a tick whose prices are all the same.
  struct Event {
    let instrument: Int32
    let opensAt: Int64
    let closesAt: Int64
    var open, high, low, close: Double
    var volume: Double
  }

  struct Day {
    let begin: Int64
    let sessions: [(opensAt: Int64, closesAt: Int64)]
    /// On a day without sessions those of any other.
    var opensAt: Int64 { sessions.first?.opensAt ?? begin + 29 * MadeUpMarket.halfHour }
    var closesAt: Int64 { sessions.last?.closesAt ?? begin + 42 * MadeUpMarket.halfHour }
  }

  static let day: Int64 = 86_400_000_000
  static let halfHour: Int64 = 1_800_000_000
  /// 2024-01-01, a Monday.
  static let first: Int64 = 8_766

  let feed: Feed
  let instruments: [Instrument]
  let days: [Day]
  let splits: [Split]
  /// So long after the full half hours its bars begin.
  let lag: Int64
  /// In the order in which they happen.
  var events: [Event] = []
  let terms: MadeUpTerms

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let feed = random.pick(Feed.allCases)
    self.feed = feed
    let days: Int64 = feed == .days ? 60 : 8
    instruments = (1...Int32.random(in: 1...3, using: &random)).map { id in
      let kinds: [(tick: Int64, start: Double)] = [
        (1_000_000, 100), (1_000_000, 3), (10_000, 0.02), (5_000_000, 90_000),
      ]
      let (tick, start) = random.pick(kinds)
      let lot: Int64 = random.pick([1, 1, 10])
      return Instrument(id: id, tick: tick, lot: lot * 100_000_000, start: start)
    }
    self.days = (0..<days).map { day in
      let begin = (Self.first + day) * Self.day
      if day % 7 > 4 || random.chance(0.08) { return Day(begin: begin, sessions: []) }
      let halfHours: [(Int64, Int64)] = random.pick([
        [(29, 42)], [(29, 42)], [(29, 42)], [(29, 36)], [(29, 34), (37, 42)],
      ])
      return Day(
        begin: begin, sessions: halfHours.map { (begin + $0.0 * Self.halfHour, begin + $0.1 * Self.halfHour) })
    }
    lag = random.pick([0, 0, 600_000_000, 900_000_000])
    splits = instruments.filter { _ in random.chance(0.3) }.map {
      Split(
        instrument: $0.id, ratio: random.pick([2, 3]), day: Self.first + Int64.random(in: 1..<days, using: &random))
    }
    terms = MadeUpTerms(&random)
    for instrument in instruments { addEvents(of: instrument, &random) }
    events.sort { ($0.opensAt, $0.closesAt, $0.instrument) < ($1.opensAt, $1.closesAt, $1.instrument) }
  }

  private mutating func addEvents(of instrument: Instrument, _ random: inout SeededGenerator) {
    var price = instrument.start
    let tick = Double(instrument.tick) / 1e8
    func onGrid(_ price: Double) -> Double { ((max((price / tick).rounded(), 1) * tick) * 1e8).rounded() / 1e8 }
    for day in days {
      for split in splits where split.instrument == instrument.id {
        if split.day * Self.day <= day.begin, split.day * Self.day + 7 * Self.day > day.begin,
          !events.contains(where: { $0.instrument == instrument.id && $0.opensAt >= split.at })
        {
          price /= Double(split.ratio)
        }
      }
      // A halt of the whole day, and what is there of a day without sessions.
      if random.chance(day.sessions.isEmpty ? 0.6 : 0.06) { continue }
      for (opensAt, closesAt) in slots(of: day, &random) {
        if random.chance(0.08) { continue }
        let gap = random.chance(0.1) ? 0.2 : 0.02
        let open = onGrid(price * (1 + Double.random(in: -gap...gap, using: &random)))
        var bar = Event(
          instrument: instrument.id, opensAt: opensAt, closesAt: closesAt, open: open, high: open, low: open,
          close: open, volume: random.chance(0.15) ? 0 : Double(Int.random(in: 1...20_000, using: &random)))
        // At a limit nothing moves any more.
        if feed != .ticks, !random.chance(0.06) {
          bar.close = onGrid(open * (1 + Double.random(in: -0.03...0.03, using: &random)))
          bar.high = onGrid(max(open, bar.close) * (1 + Double.random(in: 0...0.02, using: &random)))
          bar.low = min(
            onGrid(min(open, bar.close) * (1 - Double.random(in: 0...0.02, using: &random))), open, bar.close)
          bar.high = max(bar.high, open, bar.close)
        }
        price = bar.close
        events.append(bar)
      }
    }
  }

  /// Shorter bars and ticks come before, between and behind the sessions too.
  private func slots(of day: Day, _ random: inout SeededGenerator) -> [(Int64, Int64)] {
    let (early, late) = (day.opensAt - 4 * Self.halfHour, day.closesAt + 4 * Self.halfHour)
    switch feed {
    case .days: return [(day.opensAt, day.closesAt)]
    case .halfHours:
      // A second of silence, so that a fill is of one bar.
      return stride(from: early + lag, to: late, by: Int(Self.halfHour)).map {
        ($0, $0 + Self.halfHour - 1_000_000)
      }
    case .ticks:
      return (0..<60).map { _ in
        if random.chance(0.3) || day.sessions.isEmpty { return Int64.random(in: early...late, using: &random) }
        let session = random.pick(day.sessions)
        return random.chance(0.02)
          ? random.pick([session.opensAt, session.closesAt])
          : Int64.random(in: session.opensAt...session.closesAt, using: &random)
      }.sorted().map { ($0, $0) }
    }
  }

  // MARK: Sessions

  var sessions: [(opensAt: Int64, closesAt: Int64)] { days.flatMap(\.sessions) }

  func isOpen(at time: Int64) -> Bool { sessions.contains { $0.opensAt <= time && time <= $0.closesAt } }

  /// The times that what fills with an event may have: its beginning and its end, as far as they are in a session.
  func times(of event: Event) -> [Int64] {
    if feed == .days { return [event.opensAt, event.closesAt] }
    let reached = sessions.filter { $0.opensAt < event.closesAt && $0.closesAt > event.opensAt }
    guard let first = reached.first, let last = reached.last else {
      return feed == .ticks && isOpen(at: event.opensAt) ? [event.opensAt] : []
    }
    return [max(event.opensAt, first.opensAt), min(event.closesAt, last.closesAt)]
  }

  // MARK: Runs

  func run() throws -> MadeUpRun {
    var backtest = try Backtest(specification: specification)
    let ids = events.map(\.instrument)
    let (opensAt, closesAt) = (events.map(\.opensAt), events.map(\.closesAt))
    let (open, high) = (events.map(\.open), events.map(\.high))
    let (low, close) = (events.map(\.low), events.map(\.close))
    let volume = events.map(\.volume)
    if feed == .ticks {
      try backtest.addTicks(instruments: ids.span, times: opensAt.span, prices: open.span, sizes: volume.span)
    } else {
      try backtest.addBars(
        instruments: ids.span, opensAt: opensAt.span, closesAt: closesAt.span, open: open.span, high: high.span,
        low: low.span, close: close.span, volume: volume.span)
    }
    return try MadeUpRun(try backtest.finish())
  }

  /// The same market until a time, and from then on the same prices and volumes in another order.
  func shuffled(from time: Int64, _ random: inout SeededGenerator) -> MadeUpMarket {
    var other = self
    for instrument in instruments {
      let places = events.indices.filter { events[$0].instrument == instrument.id && events[$0].opensAt >= time }
      for (place, source) in zip(places, places.shuffled(using: &random)) {
        let event = events[source]
        (other.events[place].open, other.events[place].high) = (event.open, event.high)
        (other.events[place].low, other.events[place].close) = (event.low, event.close)
        other.events[place].volume = event.volume
      }
    }
    return other
  }

  // MARK: Specification

  private static func text(_ raw: Int64) -> String { Money(unchecked: Int128(raw)).description }

  private var specification: String {
    let begin = Self.first * Self.day
    let length = feed == .days ? Self.day : feed == .halfHours ? Self.halfHour : terms.tickCandle
    let list = { (parts: [String]) in "[" + parts.joined(separator: ",") + "]" }
    let shares = instruments.map {
      """
      {"id": \($0.id), "kind": "equity", "symbol": "S\($0.id)", "currency": "USD", "exchange": 1, "lot_size": "\(Self.text($0.lot))", "is_active": true, "is_traded": true, "tick_size": "\(Self.text($0.tick))", "multiplier": "1", "is_shortable": true, "initial_margin": "0.5"}
      """
    }
    let actions = splits.enumerated().map { index, split in
      """
      {"id": \(index + 1), "kind": "split", "ex_day": \(split.day), "numerator": "\(split.ratio)", "denominator": "1", "instrument": \(split.instrument), "effective_at": \(split.at)}
      """
    }
    let last = Self.first + Int64(days.count) + 40
    let spans = (Self.first - 10...last).flatMap { number in
      let begin = number * Self.day
      let hours = days.first { $0.begin == begin && !$0.sessions.isEmpty }
      return [begin, hours?.opensAt ?? begin, hours?.closesAt ?? begin + Self.day, begin + Self.day].map { "\($0)" }
    }
    return """
      {"from": \(begin), "begins": \(begin), "until": \(last * Self.day), \(feed == .ticks ? "" : "\"resolution\": \(length), ")"feed": "\(feed == .ticks ? "ticks" : "bars")",
       "settings": {"fill": "\(feed == .ticks ? "tick" : "next_open")"},
       "agent": {"name": "made-up", "type": "custom", "strategy": 1, "months": 0, "days": \(feed == .days ? 1 : 0), "microseconds": \(length), "parameters": "\(terms.rules.replacing("\"", with: "\\\""))", "requires_approval": false, "skip_bars": 0, "instruments": \(list(instruments.map { "\($0.id)" })), "legs": []},
       "symbols": [], "predictions": [], "limits": [], "protections": [], "grids": [{"hour": \(Self.halfHour), "opening": \(29 * Self.halfHour), "exchange": 1}],
       "actions": \(list(actions)), "instruments": \(list(shares)), "calendars": [{"exchange": 1, "day_starts": 0, "offsets": [], "sessions": \(list(sessions.flatMap { ["\($0.opensAt)", "\($0.closesAt)"] }))}],
       "candles": [{"exchange": 1, "months": 0, "days": 1, "spans": \(list(spans))}], "fees": [\(terms.fees)],
       "portfolio": {"id": 1, "owner": "tester", "capital": "\(Self.text(terms.capital))", "currency": "USD", "account_type": "\(terms.isMargin ? "margin" : "cash")", "fee_schedule": "made-up", "slippage_bps": "\(terms.slippage)", "slippage_ticks": 0, "impact_bps": "0", "latency": 0, \(terms.participation.map { "\"participation\": \"\($0)\", " } ?? "")"requires_approval": false, "snapshot_interval": \(Self.day), "market_order_buffer": "0.05"}}
      """
  }
}
