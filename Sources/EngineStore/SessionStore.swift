import LibPQ
import Tracing
import TradingCore

/// Carries out what a ``TradingSession`` wants, and translates the answers. Statements go out in the order of the
/// requests, in one pipeline for each round; those that have no answer wait for the next one that does, or for the end of
/// the batch.
///
/// Good for one transaction. The first statements lock the books of the portfolios: from then on nobody else changes them
/// until the transaction ends.
package struct SessionStore {
  package let store: EngineStore
  /// Length of the feed's bars in microseconds; nil for a feed of ticks.
  private let barResolution: Int64?
  private let instruments: [Int32: SessionInstrument]
  /// Statements that make the candles of the batch's ticks: run at its end, or before somebody looks at them.
  private var candles: [Request]
  let portfolios: [Int32]
  /// How long it waits for each book; nil: as long as it takes.
  private let patience: Duration?
  /// The clocks of the portfolios when the session was loaded or last committed.
  private let clocks: [String]
  private var waiting: [Request] = []
  /// The books are locked.
  private var holdsBooks = false
  /// Somebody else changed a portfolio before the books were locked, and the session does not know of it.
  private var wasOvertaken = false
  /// Somebody wants to know of each step.
  let follows: Bool
  private let tracer: (any Tracer)?
  /// What came of it so far.
  package private(set) var tally = SessionTally()

  /// - Parameters:
  ///   - clocks: the clocks of `portfolios` that the session's memory agrees with.
  ///   - candles: statements that make the candles of the batch's ticks.
  ///   - follows: notes each step of signals and orders in ``tally``.
  ///   - tracer: gets a span for each round of requests, with one for each of its steps.
  package init(
    _ store: EngineStore, portfolios: [Int32], instruments: [SessionInstrument] = [], clocks: [String],
    barResolution: Int64? = nil, candles: [Request] = [], patience: Duration? = nil,
    follows: Bool = false, tracer: (any Tracer)? = nil
  ) {
    self.follows = follows || tracer != nil
    self.tracer = tracer
    self.store = store
    self.barResolution = barResolution
    self.candles = candles
    self.instruments = Dictionary(uniqueKeysWithValues: instruments.map { ($0.id, $0) })
    self.patience = patience
    self.portfolios = portfolios
    self.clocks = clocks
  }

  /// Does what `session` wants until it wants nothing more.
  package nonisolated(nonsending) mutating func settle(_ session: inout TradingSession) async throws {
    while session.hasRequests {
      let requests = session.takeRequests()
      let start = ContinuousClock.now
      // The books judge market orders, and value portfolios, by the latest prices.
      let answers = try await traced(requests, session.takePrices())
      tally.waited += ContinuousClock.now - start
      tally.note(requests)
      tally.note(answers)
      try session.answer(answers)
      session.proceed()
    }
  }

  /// The same as ``answers(to:_:)``, within a span where there is a tracer.
  private nonisolated(nonsending) mutating func traced(
    _ requests: [SessionRequest], _ prices: [TradingSession.LatestPrice]
  ) async throws -> [SessionAnswer] {
    let known = tally.steps.count
    if follows { for case .signal(let signal) in requests { tally.steps.append(OrderStep(signal)) } }
    guard let tracer else { return try await answers(to: requests, prices) }
    let begin = DefaultTracerClock.now
    let span = tracer.startSpan("bourse.submission", at: begin)
    defer { span.end() }
    span.attributes["bourse.requests"] = requests.count
    do {
      let answers = try await answers(to: requests, prices)
      for step in tally.steps[known...] { step.record(by: tracer, in: span.context, since: begin) }
      return answers
    } catch {
      span.recordError(error)
      throw error
    }
  }

  /// Carries out requests at these latest prices. What needs no answer may wait for what does.
  nonisolated(nonsending) mutating func answers(
    to requests: [SessionRequest], _ prices: [TradingSession.LatestPrice]
  ) async throws -> [SessionAnswer] {
    var steps = waiting.map { Step(request: $0) }
    waiting = []
    if !prices.isEmpty { steps.append(Step(request: EngineStore.upsertQuotes(prices))) }
    var rest = requests[...]
    while let first = rest.first {
      // Requests of one kind in a row travel as arrays.
      let run = SessionRequest.run(at: first, of: rest)
      rest = rest.dropFirst(run.count)
      steps += statements(for: Array(run))
    }
    // Where a candle ends and when an exchange is open concern no book.
    if requests.allSatisfy({ $0.kind == .span || $0.kind == .hours }), waiting.isEmpty, prices.isEmpty {
      let results = try await store.run(steps.map(\.request))
      return try zip(steps, results).flatMap { step, rows in try step.read?(rows).answers ?? [] }
    }
    guard steps.contains(where: { $0.read != nil }) else {
      waiting = steps.map(\.request)
      return []
    }
    steps.append(Self.accounts(portfolios))
    let results = try await run(steps.map(\.request))
    var answers: [SessionAnswer] = []
    var changed: [(portfolio: Int32, at: Timestamp)] = []
    for (step, rows) in zip(steps, results) {
      guard let reading = try step.read?(rows) else { continue }
      answers += reading.answers
      for code in reading.codes { tally.rejected[code, default: 0] += 1 }
      tally.steps += reading.steps
      for new in reading.changed {
        changed.removeAll { $0.portfolio == new.portfolio }
        changed.append(new)
      }
    }
    if !changed.isEmpty { answers += try await openOrders(changed) }
    answers += try await recollect(requests)
    // Money first: what an answer leads to is sized by what is left.
    return answers.filter { if case .account = $0 { true } else { false } }
      + answers.filter { if case .account = $0 { false } else { true } }
  }

  /// Memories made anew. They need the candles of the batch's own ticks.
  private nonisolated(nonsending) mutating func recollect(_ requests: [SessionRequest]) async throws -> [SessionAnswer]
  {
    var answers: [SessionAnswer] = []
    for case .recollect(let agent, let before) in requests {
      if !candles.isEmpty {
        try await store.run(candles)
        candles = []
      }
      let warmUp = WarmUp(store: store, barResolution: barResolution, before: before)
      guard let memory = try await warmUp.memory(of: agent, instruments) else { continue }
      answers.append(.recollected(agent: agent.id, instrument: agent.instrument, memory))
    }
    return answers
  }

  /// The open orders of portfolios, those that have come to life since included: they are in the hands of the paper broker
  /// at once.
  private nonisolated(nonsending) mutating func openOrders(
    _ changed: [(portfolio: Int32, at: Timestamp)]
  ) async throws -> [SessionAnswer] {
    let results = try await run(
      changed.flatMap { [EngineStore.adoptOrders([$0.portfolio], at: $0.at), BookedOrder.selectOpen([$0.portfolio])] })
    var answers: [SessionAnswer] = []
    for (index, change) in changed.enumerated() {
      let orders = try results[2 * index + 1].compactMap { try BookedOrder(openIn: $0) }
      answers.append(.orders(orders, portfolio: change.portfolio, at: change.at))
    }
    return answers
  }

  /// Ends the batch: runs the statements that wait, and `requests`.
  /// - Returns: the clocks that the transaction leaves behind, or nil when somebody else has changed a portfolio
  ///   meanwhile: then the session has to be loaded anew.
  package nonisolated(nonsending) mutating func finish(_ requests: [Request]) async throws -> [String]? {
    let last = candles + requests + [EngineStore.clocks(of: portfolios)]
    candles = []
    let results: [Rows]
    if waiting.isEmpty {
      results = try await store.run(last)
    } else {
      results = try await run(waiting + last)
      waiting = []
    }
    let now = try EngineStore.clocks(results[results.count - 1])
    // Without the lock nothing of this transaction has moved a clock.
    if !holdsBooks { wasOvertaken = now != clocks }
    return wasOvertaken ? nil : now
  }

  /// Runs statements that concern the books, which the first of them locks.
  @discardableResult
  private nonisolated(nonsending) mutating func run(_ requests: [Request]) async throws -> [Rows] {
    if holdsBooks { return try await store.run(requests) }
    let results = try await store.run([EngineStore.lockPortfolios(portfolios, patience: patience)] + requests)
    holdsBooks = true
    wasOvertaken = try results[0].map { try $0[0].string } != clocks
    return Array(results.dropFirst())
  }
}
