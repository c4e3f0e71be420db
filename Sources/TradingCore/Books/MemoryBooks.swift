/// The books of portfolios in memory: they answer what a ``TradingSession`` asks as a database does, to the last digit.
///
/// The database decides about orders and fills in one place (`internal.decide_orders`, `internal.decide_fills`); this is the
/// one copy of it, for runs of which only the result is kept. What it cannot judge it refuses when it is made, by name.
/// A run is a session that ``session(agents:predictions:time:)`` makes, fed with events, and after each event, as long as
/// the session has requests, ``serve(_:past:)``. An event that leads to no request costs the books nothing.
public struct MemoryBooks: Sendable {
  /// The books of each portfolio, in the order in which they were given: also the record of the run.
  public internal(set) var portfolios: [PortfolioBooks] = []
  /// Agents that could not go on.
  public internal(set) var failures: [FailureRecord] = []
  var market: BooksMarket
  private let terms: BooksTerms
  private let portfolioPlaces: [Int32: Int]
  /// Portfolios in which orders changed beside those that the answers name, and when; in order.
  private var changed: [(place: Int, at: Timestamp)] = []

  /// - Throws: what of the terms it cannot judge.
  public init(_ terms: BooksTerms) throws(BooksRefusal) {
    try terms.checkThatTheyCanBeJudged()
    self.terms = terms
    market = try BooksMarket(terms)
    portfolioPlaces = Dictionary(
      uniqueKeysWithValues: terms.portfolios.indices.map { (terms.portfolios[$0].id, $0) })
    for portfolio in terms.portfolios { portfolios.append(PortfolioBooks(portfolio, market)) }
  }

  /// The books of a portfolio; nil when there is none with this number.
  public func portfolio(_ id: Int32) -> PortfolioBooks? { portfolioPlaces[id].map { portfolios[$0] } }

  /// The day of a snapshot, in days since 2000-01-01, by the clock of its portfolio.
  public func day(of snapshot: SnapshotRecord, in portfolio: PortfolioBooks) -> Int64 {
    let local = portfolio.clock.map { market.calendars[$0].local(snapshot.at) } ?? snapshot.at.microseconds
    return ExchangeCalendar.days(local)
  }

  // MARK: Sessions

  /// A session over these books, which must be as they were made.
  ///
  /// - Parameter time: from here on it takes snapshots and settles; nil: from its first event on.
  public func session(
    agents: [SessionAgent], predictions: [SessionPrediction] = [], time: Timestamp? = nil
  ) throws(ParameterError) -> TradingSession {
    var splits: [SessionSplit] = []
    var duties: [SessionDuty] = []
    for action in terms.actions {
      switch action.kind {
      case .split(let split), .bonus(let split):
        splits.append(
          SessionSplit(
            actionID: action.id, instrument: action.instrument, split: split, effectiveAt: action.effectiveAt))
      case .dividend: duties.append(SessionDuty(.dividend(actionID: action.id), at: action.effectiveAt))
      }
    }
    if let time { duties += settlements(from: time) }
    return try TradingSession(
      portfolios: portfolios.map { $0.sessionTerms }, instruments: terms.instruments.map { $0.terms }, agents: agents,
      orders: [], positions: [], splits: splits, duties: duties, predictions: predictions, time: time)
  }

  /// Does what a session wants until it wants nothing more.
  ///
  /// - Parameter past: what an agent's rules remember of before a time, made anew: a split has restated the prices.
  /// - Throws: when a request makes no sense, a number leaves its range, or a time is beyond the calendars that were given.
  public mutating func serve(
    _ session: inout TradingSession, past: (SessionAgent, Timestamp) -> StrategyMemory?
  ) throws(BooksError) {
    while session.hasRequests {
      let requests = session.takeRequests()
      // The latest prices decide about orders and value portfolios.
      for price in session.takePrices() { market.observe(price.instrument, price.price, at: price.time) }
      var answers: [SessionAnswer] = []
      try answer(requests, into: &answers)
      for case .recollect(let agent, let before) in requests {
        guard let memory = past(agent, before) else { continue }
        answers.append(.recollected(agent: agent.id, instrument: agent.instrument, memory))
      }
      do throws(ParameterError) {
        // Money first: what an answer leads to is sized by what is left.
        if !answers.isEmpty { try session.answer(accounts()) }
        try session.answer(answers)
      } catch {
        throw BooksError(error)
      }
      session.proceed()
    }
  }

  /// The money of each portfolio.
  func accounts() -> [SessionAnswer] { portfolios.map { .account(portfolio: $0.id, $0.account) } }

  /// Carries out requests in their order. The answers say nothing of money, and of open orders only at the end.
  mutating func answer(_ requests: [SessionRequest], into answers: inout [SessionAnswer]) throws(BooksError) {
    changed.removeAll(keepingCapacity: true)
    for request in requests { try answer(request, into: &answers) }
    for (place, at) in changed {
      do throws(ParameterError) {
        answers.append(.orders(try portfolios[place].openOrders(), portfolio: portfolios[place].id, at: at))
      } catch {
        throw BooksError(error)
      }
    }
  }

  private mutating func answer(_ request: SessionRequest, into answers: inout [SessionAnswer]) throws(BooksError) {
    do throws(ArithmeticError) {
      switch request {
      case .submit(let order): try submit(order, into: &answers)
      case .replace(let key, let order): try replace(key, by: order, into: &answers)
      case .end(let key, let ending, let at):
        if let place = portfolioPlaces[key.portfolio] { try portfolios[place].end(key.order, ending, at: at) }
        answers.append(.ended(key, at: at))
      case .fill(let fill): try book(fill, into: &answers)
      case .trigger(let key, let at):
        if let place = portfolioPlaces[key.portfolio] { portfolios[place].trigger(key.order, at: at) }
      case .signal(let signal):
        if let place = portfolioPlaces[signal.portfolio] { portfolios[place].note(signal) }
      case .snapshot(let due, let at):
        for id in due {
          if let place = portfolioPlaces[id] { try portfolios[place].recordSnapshot(at: at, market) }
        }
      case .periods(_, let at):
        var next = Timestamp.latest
        for place in portfolios.indices { next = min(next, try portfolios[place].markPeriods(at: at, market)) }
        answers.append(.periods(next: next))
      case .split(let split): try apply(split, into: &answers)
      case .duty(let duty): try perform(duty, into: &answers)
      // No order of an agent is intraday, and none trails by itself.
      case .trail: break
      case .squareOff(let portfolio, let at): if let place = portfolioPlaces[portfolio] { change(place, at) }
      case .fail(let agent, _, let reason, let at):
        failures.append(FailureRecord(agent: agent, reason: reason, at: at))
      case .recollect, .handled: break
      case .span, .hours:
        if let answer = calendarAnswer(request) {
          answers.append(answer)
        } else {
          fault = BooksError("TR104", "the calendars of the run do not reach so far")
        }
      }
    } catch {
      throw BooksError(error)
    }
    if let fault { throw fault }
  }

  /// What makes no sense in the request at hand.
  var fault: BooksError?

  mutating func change(_ place: Int, _ at: Timestamp) {
    changed.removeAll { $0.place == place }
    changed.append((place, at))
  }

  func place(ofPortfolio id: Int32) -> Int? { portfolioPlaces[id] }
}
