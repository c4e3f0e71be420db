import LibPQ
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
  /// Names the paper fills in trading.fills.
  private static let broker = "paper"
  private let portfolios: [Int32]
  /// How long it waits for each book; nil: as long as it takes.
  private let patience: Duration?
  /// The clocks of the portfolios when the session was loaded or last committed.
  private let clocks: [String]
  private var waiting: [Request] = []
  /// The books are locked.
  private var holdsBooks = false
  /// Somebody else changed a portfolio before the books were locked, and the session does not know of it.
  private var wasOvertaken = false
  /// What came of it so far.
  package private(set) var tally = SessionTally()

  /// - Parameters:
  ///   - clocks: the clocks of `portfolios` that the session's memory agrees with.
  ///   - candles: statements that make the candles of the batch's ticks.
  package init(
    _ store: EngineStore, portfolios: [Int32], instruments: [SessionInstrument] = [], clocks: [String],
    barResolution: Int64? = nil, candles: [Request] = [], patience: Duration? = nil
  ) {
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
      let answers = try await answers(to: requests, session.takePrices())
      tally.waited += ContinuousClock.now - start
      tally.note(requests)
      tally.note(answers)
      try session.answer(answers)
      session.proceed()
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
      steps += Self.steps(for: Array(run), portfolios)
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

  // MARK: Requests

  private static func steps(for requests: [SessionRequest], _ portfolios: [Int32]) -> [Step] {
    switch requests[0] {
    case .submit: [submit(requests.compactMap { if case .submit(let order) = $0 { order } else { nil } })]
    case .replace:
      [replace(requests.compactMap { if case .replace(let key, let order) = $0 { (key, order) } else { nil } })]
    case .end:
      [end(requests.compactMap { if case .end(let key, let ending, let at) = $0 { (key, ending, at) } else { nil } })]
    case .fill: [fill(requests.compactMap { if case .fill(let fill) = $0 { fill } else { nil } })]
    case .trigger: [trigger(requests.compactMap { if case .trigger(let key, let at) = $0 { (key, at) } else { nil } })]
    case .trail:
      [
        Step(
          request: EngineStore.trailOrders(requests.compactMap { if case .trail(let stop) = $0 { stop } else { nil } }))
      ]
    case .signal: [signal(requests.compactMap { if case .signal(let signal) = $0 { signal } else { nil } })]
    case .handled:
      [
        Step(
          request: EngineStore.handle(
            requests.compactMap {
              if case .handled(let signal, let number, let at) = $0 { (signal, number, at) } else { nil }
            }))
      ]
    // Done when all others are.
    case .recollect: [Step(request: Request("SELECT 1")) { _ in Reading() }]
    case .squareOff, .snapshot, .periods, .split, .duty, .span, .hours, .fail: single(requests[0], portfolios)
    }
  }

  private static func submit(_ orders: [SessionOrder]) -> Step {
    let request = Request(
      """
      SELECT \(BookedOrder.columns), o.reason_code
        FROM trading.submit_orders($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true, $13, $14) AS o
      """,
      [
        .int4s(orders.map(\.portfolio)), .texts(orders.map(\.clientOrderID)), .int4s(orders.map(\.instrument)),
        .int4s(orders.map(\.agent)), .texts(orders.map(\.request.side.sql)),
        .texts(orders.map(\.request.terms.type.sql)),
        .texts(orders.map { _ in TimeInForce.goodTillCancelled.sql }),
        .numerics(orders.map(\.request.quantity.description)),
        .numerics(orders.map(\.request.terms.limitPrice?.description)),
        .numerics(orders.map(\.request.terms.stopPrice?.description)),
        .timestamptzs([Int64?](repeating: nil, count: orders.count)),
        .timestamptzs(orders.map(\.at.microseconds)), .bools(orders.map(\.request.isReduceOnly)),
        .int4s(orders.map { $0.request.ocoLeg.map(Int32.init) }),
      ])
    return Step(request: request) { rows in
      Reading(
        answers: try zip(orders, rows).map { order, row in
          guard let booked = try BookedOrder(openIn: row) else { return .rejected(order) }
          return .accepted(booked)
        },
        codes: try rows.compactMap { try $0["is_open"].bool ? nil : try $0["reason_code"].ifPresent?.string })
    }
  }

  private static func replace(_ replacements: [(key: OrderKey, by: SessionOrder)]) -> Step {
    let request = Request(
      "SELECT \(BookedOrder.columns) FROM trading.replace_orders($1, $2, $3, $4, $5, $6, $7, true) AS o",
      [
        .int4s(replacements.map(\.key.portfolio)), .int8s(replacements.map(\.key.order)),
        .texts(replacements.map(\.by.clientOrderID)),
        .numerics(replacements.map(\.by.request.quantity.description)),
        .numerics(replacements.map(\.by.request.terms.limitPrice?.description)),
        .numerics(replacements.map(\.by.request.terms.stopPrice?.description)),
        .timestamptzs(replacements.map(\.by.at.microseconds)),
      ])
    return Step(request: request) { rows in
      Reading(
        answers: try zip(replacements, rows).map { replacement, row in
          guard let booked = try BookedOrder(openIn: row), booked.order.key != replacement.key else {
            return .rejected(replacement.by)
          }
          return .replaced(replacement.key, by: booked)
        })
    }
  }

  private static func end(_ endings: [(key: OrderKey, ending: OrderEnding, at: Timestamp)]) -> Step {
    let request = Request(
      "SELECT 1 FROM trading.end_orders($1, $2, $3, $4, $5, $6)",
      [
        .int4s(endings.map(\.key.portfolio)), .int8s(endings.map(\.key.order)),
        .texts(endings.map(\.ending.status.sql)),
        .texts(endings.map(\.ending.code)), .texts(endings.map(\.ending.reason)),
        .timestamptzs(endings.map(\.at.microseconds)),
      ])
    return Step(request: request) { _ in Reading(answers: endings.map { .ended($0.key, at: $0.at) }) }
  }

  private static func fill(_ fills: [PaperFill]) -> Step {
    let request = Request(
      """
      SELECT f.code, f.position_quantity, f.filled_quantity < f.quantity AND f.status IN ('accepted', 'working', 'partially_filled'),
             f.position_cost, f.links_changed
        FROM trading.record_fills($1, $2, $3, $4, $5, $6, $7, $8) AS f
      """,
      [
        .int4s(fills.map(\.key.portfolio)), .int8s(fills.map(\.key.order)),
        .numerics(fills.map(\.quantity.description)),
        .numerics(fills.map(\.price.description)), .text(broker), .texts(fills.map(\.executionID)),
        .timestamptzs(fills.map(\.at.microseconds)), .texts(fills.map(\.liquidity.sql)),
      ])
    return Step(request: request) { rows in
      var reading = Reading()
      for (fill, row) in zip(fills, rows) {
        // The session has assumed what it says about others: the books' word on it is wanted in any case.
        if try fill.changesOthers || row[4].bool { reading.changed.append((fill.key.portfolio, fill.at)) }
        reading.answers.append(
          try row[0].isNull
            ? .filled(fill, SessionHolding(quantity: try row[1].quantity, cost: try row[3].money))
            : .refused(fill, isOpen: try row[2].bool))
      }
      return reading
    }
  }

  private static func trigger(_ triggers: [(key: OrderKey, at: Timestamp)]) -> Step {
    Step(
      request: Request(
        "SELECT trading.trigger_orders($1, $2, $3)",
        [
          .int4s(triggers.map(\.key.portfolio)), .int8s(triggers.map(\.key.order)),
          .timestamptzs(triggers.map(\.at.microseconds)),
        ]))
  }

  private static func signal(_ signals: [SessionSignal]) -> Step {
    Step(
      request: Request(
        "SELECT strategy.record_signals($1, $2, $3, $4, $5, $6, $7, $8, $9::text[]::jsonb[], $10, $11)",
        [
          .int4s(signals.map(\.portfolio)), .int4s(signals.map(\.agent)), .int4s(signals.map(\.instrument)),
          .int8s(signals.map(\.signal.number)), .timestamptzs(signals.map(\.at.microseconds)),
          .texts(signals.map(\.signal.action.sql)), .texts(signals.map { $0.signal.reason?.sql }),
          .float8s(signals.map { $0.signal.price > 0 && $0.signal.price < .infinity ? $0.signal.price : nil }),
          .texts(signals.map(\.operandsJSON)), .texts(signals.map(\.clientOrderID)),
          .texts(signals.map { $0.signal.refusal?.code }),
        ]))
  }

  private static func single(_ request: SessionRequest, _ portfolios: [Int32]) -> [Step] {
    switch request {
    case .snapshot(let due, let at):
      return [
        Step(
          request: Request(
            "SELECT trading.record_snapshots($1, $2)", [.int4s(due), .timestamptz(at.microseconds)]))
      ]
    case .periods(let portfolios, let at):
      return [
        Step(
          request: Request(
            "SELECT trading.mark_periods($1, $2)", [.int4s(portfolios), .timestamptz(at.microseconds)])
        ) { rows in Reading(answers: [.periods(next: try rows.only()[0].time)]) }
      ]
    case .fail(let agent, let portfolio, let reason, let at):
      return [Step(request: EngineStore.failAgent(agent, of: portfolio, reason, at: at))]
    case .squareOff(let portfolio, let at):
      return [
        Step(
          request: Request(
            """
            SELECT count(*) FROM trading.square_off(
              (SELECT p.owner || '/' || p.name FROM trading.portfolios AS p WHERE p.portfolio_id = $1), $2, ended_only => true)
            """, [.int4(portfolio), .timestamptz(at.microseconds)])
        ) { _ in Reading(changed: [(portfolio, at)]) }
      ]
    case .split(let split):
      return [
        Step(
          request: Request(
            "SELECT \(BookedOrder.columns) FROM trading.apply_split($1, $2, $3) AS o",
            [.int4s(portfolios), .int4(split.actionID), .timestamptz(split.effectiveAt.microseconds)])
        ) { rows in
          let orders = try rows.compactMap { try BookedOrder(openIn: $0) }
          // Those of which less than a lot is left have ended; what a fraction of a share was paid with may end others.
          return Reading(answers: [.split(split, orders: orders)], changed: portfolios.map { ($0, split.effectiveAt) })
        },
        Step(
          request: Request(
            """
            SELECT p.portfolio_id, p.quantity, p.cost FROM trading.positions AS p
             WHERE p.portfolio_id = ANY ($1) AND p.instrument_id = $2
            """, [.int4s(portfolios), .int4(split.instrument)])
        ) { rows in
          Reading(
            answers: try rows.map {
              .position(
                portfolio: try $0[0].int32, instrument: split.instrument,
                SessionHolding(quantity: try $0[1].quantity, cost: try $0[2].money))
            })
        },
      ]
    case .duty(let duty): return Self.duty(duty, portfolios)
    case .span(let calendar, let at):
      return [
        Step(request: EngineStore.candleSpan(of: calendar, at: at)) { rows in
          Reading(answers: [.span(calendar, try CandleSpan(rows.only()))])
        }
      ]
    case .hours(let exchange, let from, let until):
      return [
        Step(request: EngineStore.hours(of: exchange, from: from, until: until)) { rows in
          Reading(answers: [.hours(try SessionHours(exchange: exchange, until: until, rows))])
        }
      ]
    case .submit, .replace, .end, .fill, .trigger, .trail, .signal, .handled, .recollect:
      preconditionFailure("travels as arrays")
    }
  }

  private static func accounts(_ portfolios: [Int32]) -> Step {
    Step(
      request: Request(
        "SELECT a.portfolio_id, a.cash + a.margin, a.available FROM trading.accounts($1) AS a", [.int4s(portfolios)])
    ) { rows in
      Reading(
        answers: try rows.map { row in
          .account(
            portfolio: try row[0].int32, SessionAccount(cash: try row[1].money, available: try row[2].money))
        })
    }
  }
}
