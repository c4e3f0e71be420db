/// What issuers and exchanges do.
extension MemoryBooks {
  mutating func apply(_ split: SessionSplit, into answers: inout [SessionAnswer]) throws(ArithmeticError) {
    guard let place = market.place(of: split.instrument), let action = market.action(split.actionID) else { return }
    // The last price first: what is held is worth the same before and after.
    for portfolio in portfolios.indices { _ = try portfolios[portfolio].markPeriods(at: split.effectiveAt, market) }
    market.restate(place, by: split.split, at: split.effectiveAt)
    var changes: [BookedOrder] = []
    var positions: [SessionAnswer] = []
    for portfolio in portfolios.indices where portfolios[portfolio].positions[place].isKnown {
      let restated = try portfolios[portfolio].apply(split, action, at: place, market)
      for order in restated {
        do throws(ParameterError) {
          changes.append(try portfolios[portfolio].booked(order))
        } catch {
          fault = BooksError(error)
        }
      }
      positions.append(
        .position(
          portfolio: portfolios[portfolio].id, instrument: split.instrument,
          portfolios[portfolio].positions[place].holding))
    }
    answers.append(.split(split, orders: changes))
    answers += positions
    for portfolio in portfolios.indices { change(portfolio, split.effectiveAt) }
  }

  mutating func perform(_ duty: SessionDuty, into answers: inout [SessionAnswer]) throws(ArithmeticError) {
    switch duty.kind {
    case .dividend(let id):
      guard let action = market.action(id), let place = market.place(of: action.instrument) else { return }
      for portfolio in portfolios.indices
      where try portfolios[portfolio].payDividend(action, at: place, duty.at, market).isNegative {
        // Who owes one may lose open orders for it.
        change(portfolio, duty.at)
      }
    case .settlement(let exchange): try settle(exchange, at: duty.at, into: &answers)
    }
  }
}

extension MemoryBooks {
  private mutating func settle(
    _ exchange: Int32, at time: Timestamp, into answers: inout [SessionAnswer]
  ) throws(ArithmeticError) {
    guard let calendar = market.calendar(ofExchange: exchange) else { return }
    for portfolio in portfolios.indices { try portfolios[portfolio].settle(exchange, at: time, market) }
    for portfolio in portfolios.indices { try portfolios[portfolio].chargeBorrow(exchange, at: time, market) }
    if let next = calendar.nextDayEnd(after: time) {
      answers.append(.due(SessionDuty(.settlement(exchange: exchange), at: next)))
    }
    for portfolio in portfolios.indices {
      for place in market.instruments.indices where portfolios[portfolio].positions[place].isKnown {
        let terms = market.instruments[place].terms
        guard terms.feeGroup.kind == .future || terms.feeGroup.kind == .option else { continue }
        answers.append(
          .position(
            portfolio: portfolios[portfolio].id, instrument: terms.id,
            portfolios[portfolio].positions[place].holding))
      }
      change(portfolio, time)
    }
  }

  /// The first ends of trading days at this time or later, of exchanges where contracts trade or shorts cost.
  func settlements(from time: Timestamp) -> [SessionDuty] {
    var duties: [SessionDuty] = []
    let before = Timestamp.clamping(time.microseconds - 1)
    for calendar in market.calendars {
      let isSettled = market.instruments.contains {
        $0.terms.feeGroup.exchange == calendar.exchange && ($0.isFuture || $0.isOption || !$0.borrowRates.isEmpty)
      }
      guard isSettled, let end = calendar.nextDayEnd(after: before) else { continue }
      duties.append(SessionDuty(.settlement(exchange: calendar.exchange), at: end))
    }
    return duties.sorted { $0.at < $1.at }
  }
}
