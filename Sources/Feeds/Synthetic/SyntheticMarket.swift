import TradingCore

/// A made-up market: trades that look like real ones and are none. For demonstrations, load and tests, never for judging a
/// strategy.
///
/// - Trades happen in the sessions that are given, more of them after the open and before the close than at noon.
/// - Volatility comes in clusters: the variance of each minute follows a GARCH(1,1) process (Bollerslev 1986), and busy
///   minutes are volatile ones.
/// - A part of each minute's move is the market's, shared by all instruments; the rest is the instrument's own.
/// - Rarely a price jumps by many times its usual move, and it opens away from where it closed.
/// - Trades alternate between bid and ask, one tick apart, and sizes have a heavy tail.
///
/// The same seed gives the same ticks, bit for bit, however they are read; instruments have streams of their own, so that
/// adding one changes no other.
package struct SyntheticMarket: Sendable {
  package struct Instrument: Sendable {
    package var id: Int32
    /// Names its stream of chance.
    package var symbol: String
    package var tickSize: Double
    package var lotSize: Double
    /// Opening and closing times of its sessions, in order, in microseconds since 2000-01-01 UTC.
    package var sessions: [Range<Int64>]

    package init(id: Int32, symbol: String, tickSize: Double, lotSize: Double, sessions: [Range<Int64>]) {
      self.id = id
      self.symbol = symbol
      self.tickSize = tickSize
      self.lotSize = lotSize
      self.sessions = sessions
    }
  }

  package struct Terms: Sendable, Hashable {
    package var seed: UInt64
    /// Trades of an instrument in an average session.
    package var ticksPerSession: Int
    /// Standard deviation of a year's return; 0.25 is 25 percent.
    package var volatility: Double

    package init(seed: UInt64, ticksPerSession: Int = 5_000, volatility: Double = 0.25) {
      self.seed = seed
      self.ticksPerSession = ticksPerSession
      self.volatility = volatility
    }
  }

  /// What is spelt as the venue of its ticks, so that nobody takes them for real.
  package static let venue = "SYNTHETIC"

  private static let minute: Int64 = 60_000_000
  /// Persistence of variance: yesterday's, and the weight of the latest move. The rest is the long run's.
  private static let (beta, alpha) = (0.92, 0.06)
  private static let marketShare = 0.4
  private static let jumpsPerSession = 0.05

  private struct Walker: Sendable {
    var instrument: Instrument
    var random: RandomStream
    /// The fair price, and variance of a minute's return relative to the long run.
    var price: Double
    var variance = 1.0
    /// Its session, and the sequence of the next tick at the time of the last one.
    var session = 0
    var lastTime = Int64.min
    var sequence: Int64 = 0
    var inverseTick: Double
  }

  private let terms: Terms
  private var walkers: [Walker]
  private var market: RandomStream
  /// The minute that comes next; nil at the end.
  private var next: Int64?

  package init(_ instruments: [Instrument], _ terms: Terms) {
    self.terms = terms
    market = RandomStream(seed: terms.seed)
    walkers = instruments.map { instrument in
      var random = RandomStream(seed: terms.seed, name: instrument.symbol)
      let start = 20 + 180 * random.uniform()
      // Prices are whole numbers of ticks over the ticks in 1, so that 0.01 makes 100.07 and not 100.07000000000001.
      let inverse = (1 / instrument.tickSize).rounded()
      let isExact = inverse >= 1 && abs(inverse * instrument.tickSize - 1) < 1e-9
      return Walker(
        instrument: instrument, random: random, price: max(start, 200 * instrument.tickSize),
        inverseTick: isExact ? inverse : 0)
    }
    next = walkers.compactMap { $0.instrument.sessions.first?.lowerBound }.min()
  }

  /// Appends the ticks of the next minute in which any session is open, in order of time.
  /// - Returns: false at the end.
  package mutating func nextMinute(into ticks: inout [Tick]) -> Bool {
    guard let start = next else { return false }
    let end = start + Self.minute
    let shared = market.normal()
    let first = ticks.count
    for index in walkers.indices { walk(&walkers[index], from: start, until: end, shared, &ticks) }
    // Ties keep the order of the instruments, and of each one's trades.
    let places = ticks[first...].enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    ticks.replaceSubrange(first..., with: places.map(\.element))
    next = walkers.compactMap { walker -> Int64? in
      let session = walker.session
      guard session < walker.instrument.sessions.count else { return nil }
      return max(end, walker.instrument.sessions[session].lowerBound)
    }.min()
    return true
  }

  private func walk(
    _ walker: inout Walker, from start: Int64, until end: Int64, _ shared: Double, _ ticks: inout [Tick]
  ) {
    guard walker.session < walker.instrument.sessions.count else { return }
    let session = walker.instrument.sessions[walker.session]
    guard session.lowerBound < end else { return }
    let span = max(start, session.lowerBound)..<min(end, session.upperBound)
    let minutes = max(1, Double(session.count) / Double(Self.minute))
    // A year of 252 sessions; a quarter of a day's variance falls into the night.
    let dayVariance = terms.volatility * terms.volatility / 252
    let usual = (dayVariance * 0.75 / minutes).squareRoot()
    let before = walker.session > 0 ? walker.instrument.sessions[walker.session - 1].upperBound : nil
    if span.lowerBound == session.lowerBound, before != session.lowerBound {
      walker.price *= 1 + bounded((dayVariance * 0.25).squareRoot() * walker.random.normal())
    }
    let own = walker.random.normal()
    var move = Self.marketShare.squareRoot() * shared + (1 - Self.marketShare).squareRoot() * own
    move *= walker.variance.squareRoot()
    let variance = walker.variance
    walker.variance = min(25, 1 - Self.alpha - Self.beta + Self.alpha * move * move + Self.beta * variance)
    if walker.random.uniform() < Self.jumpsPerSession / minutes {
      move += (walker.random.uniform() < 0.5 ? -1 : 1) * (8 + 12 * walker.random.uniform())
    }
    let target = walker.price * (1 + bounded(usual * move))
    // Parabola over the session with mean 1: twice as busy at its ends as in the middle, 1.5 and 0.75.
    let place = (Double(span.lowerBound - session.lowerBound) / Double(session.count)) * 2 - 1
    let rate = Double(terms.ticksPerSession) / minutes * Double(span.count) / Double(Self.minute)
    let expected = rate * (0.75 + 0.75 * place * place) * (0.5 + 0.5 * variance.squareRoot())
    let count = Int(expected * (walker.random.uniform() + walker.random.uniform()) + walker.random.uniform())
    trade(&walker, count, span, to: target, noise: usual * variance.squareRoot() * walker.price, &ticks)
    walker.price = target
    if end >= session.upperBound { walker.session += 1 }
  }

  /// Trades at times of chance, around a line from the price before to the target.
  private func trade(
    _ walker: inout Walker, _ count: Int, _ span: Range<Int64>, to target: Double, noise: Double, _ ticks: inout [Tick]
  ) {
    // Milliseconds, as many feeds have: some trades share theirs.
    var times: [Int64] = []
    times.reserveCapacity(count)
    for _ in 0..<count {
      let offset = Int64(walker.random.uniform() * Double(span.count))
      times.append((span.lowerBound + offset) / 1_000 * 1_000)
    }
    times.sort()
    let tickSize = walker.instrument.tickSize
    for time in times where time >= span.lowerBound {
      let part = Double(time - span.lowerBound) / Double(span.count)
      let fair =
        walker.price + (target - walker.price) * part + noise * 0.2 * walker.random.normal() * (part * (1 - part))
      let side = walker.random.uniform() < 0.5 ? -0.5 : 0.5
      let units = max(1, (fair / tickSize + side).rounded())
      let price = walker.inverseTick > 0 ? units / walker.inverseTick : units * tickSize
      // Pareto with exponent 2, at most 1,000 lots.
      let lots = min(1_000, (1 / (1 - walker.random.uniform()).squareRoot()).rounded(.down))
      walker.sequence = time == walker.lastTime ? walker.sequence + 1 : 0
      walker.lastTime = time
      guard let at = try? Timestamp(microseconds: time) else { continue }
      ticks.append(
        Tick(
          instrument: walker.instrument.id, time: at, price: price, size: lots * walker.instrument.lotSize,
          sequence: walker.sequence))
    }
  }

  /// A return that leaves a price positive.
  private func bounded(_ change: Double) -> Double { min(1, max(-0.5, change)) }
}
