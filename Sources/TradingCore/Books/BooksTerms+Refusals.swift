/// What books in memory cannot judge.
extension BooksTerms {
  func checkThatTheyCanBeJudged() throws(BooksRefusal) {
    for limit in limits where limit.metric == .correlation {
      throw BooksRefusal(
        "correlation", "limit \(limit.id) is of a correlation, which looks at more days than a run does")
    }
    for agent in agents where agent.requiresApproval {
      throw BooksRefusal("approval", "the orders of the strategy of agent \(agent.id) wait for a second person")
    }
    for portfolio in portfolios {
      if portfolio.requiresApproval {
        throw BooksRefusal("approval", "the orders of portfolio \(portfolio.id) wait for a second person")
      }
      for instrument in instruments where instrument.terms.isTraded && !isSame(instrument.currency, portfolio.currency)
      {
        throw BooksRefusal(
          "currency",
          "\(instrument.terms.symbol) is dealt in \(instrument.currency), portfolio \(portfolio.id) counts in \(portfolio.currency)"
        )
      }
    }
    for instrument in instruments where instrument.terms.isTraded { try checkContract(of: instrument) }
  }

  private func checkContract(of instrument: BooksInstrument) throws(BooksRefusal) {
    let symbol = instrument.terms.symbol
    guard let contract = instrument.contract else {
      if instrument.isFuture || instrument.isOption {
        throw BooksRefusal("contract", "the terms of the contract \(symbol) were not given")
      }
      return
    }
    guard let underlying = contract.underlying else {
      if instrument.isOption { throw BooksRefusal("underlying", "what the option \(symbol) is on has no price here") }
      return
    }
    guard let other = instruments.first(where: { $0.terms.id == underlying }) else {
      throw BooksRefusal("underlying", "what \(symbol) is on is not in the run, and settles it at its end")
    }
    if other.terms.feeGroup.exchange != instrument.terms.feeGroup.exchange {
      throw BooksRefusal(
        "underlying", "what \(symbol) is on trades at another exchange, whose last price counts at another time")
    }
  }
}
