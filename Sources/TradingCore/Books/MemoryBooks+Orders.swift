/// Requests about orders.
extension MemoryBooks {
  mutating func submit(_ order: SessionOrder, into answers: inout [SessionAnswer]) throws(ArithmeticError) {
    guard let portfolio = place(ofPortfolio: order.portfolio), let place = market.place(of: order.instrument) else {
      fault = BooksError("TR101", "unknown portfolio \(order.portfolio) or instrument \(order.instrument)")
      return
    }
    switch try portfolios[portfolio].submit(order, at: place, market) {
    case .accepted(let place):
      if let booked = booked(portfolio, place) { answers.append(.accepted(booked)) }
    case .rejected: answers.append(.rejected(order))
    case .fault(let error): fault = error
    }
  }

  mutating func replace(
    _ key: OrderKey, by order: SessionOrder, into answers: inout [SessionAnswer]
  ) throws(ArithmeticError) {
    guard let portfolio = place(ofPortfolio: key.portfolio) else { return }
    switch try portfolios[portfolio].replace(key.order, by: order, market) {
    case .accepted(let place):
      if let booked = booked(portfolio, place) { answers.append(.replaced(key, by: booked)) }
    case .rejected: answers.append(.rejected(order))
    case .fault(let error): fault = error
    }
  }

  mutating func book(_ fill: PaperFill, into answers: inout [SessionAnswer]) throws(ArithmeticError) {
    guard let portfolio = place(ofPortfolio: fill.key.portfolio) else { return }
    switch try portfolios[portfolio].book(fill, market) {
    case .booked(let changesOthers):
      let holding = portfolios[portfolio].holding(ofOrder: fill.key.order)
      // The session has assumed what it says about others: the books' word on it is wanted in any case.
      if fill.changesOthers || changesOthers { change(portfolio, fill.at) }
      answers.append(.filled(fill, holding))
    case .refused(let isOpen):
      if fill.changesOthers { change(portfolio, fill.at) }
      answers.append(.refused(fill, isOpen: isOpen))
    case .fault(let error): fault = error
    }
  }

  private mutating func booked(_ portfolio: Int, _ place: Int) -> BookedOrder? {
    do throws(ParameterError) {
      return try portfolios[portfolio].booked(place)
    } catch {
      fault = BooksError(error)
      return nil
    }
  }

  // MARK: Calendars

  /// Nil with a fault when the time is beyond the calendars of the run.
  func calendarAnswer(_ request: SessionRequest) -> SessionAnswer? {
    switch request {
    case .span(let calendar, let at):
      market.candles.first { $0.calendar == calendar }?.span(at: at).map { .span(calendar, $0) }
    case .hours(let exchange, _, let until):
      market.calendar(ofExchange: exchange).map { .hours($0.hours(until: until)) }
    default: nil
    }
  }
}

extension PortfolioBooks {
  func holding(ofOrder number: Int64) -> SessionHolding {
    place(ofOrder: number).map { positions[orders[$0].place].holding } ?? .none
  }
}
