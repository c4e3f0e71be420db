/// Pauses after losses.
extension PortfolioBooks {
  /// Sets the pauses that protections ask for after a fill that closed a position.
  mutating func protect(afterFill number: Int, _ place: Int, _ market: BooksMarket) throws(ArithmeticError) {
    let fill = fills[number]
    let order = orders[place]
    // Since the opening, whatever was settled on the way.
    let profit = try fill.realised + fill.settled
    let isStopped = profit.isNegative && (order.terms.type.isStop || order.isStop)
    for protection in market.protections where concerns(protection.scope, agent: order.agent, order.place, market) {
      let instrument = protection.per == .instrument ? order.instrument : nil
      let agent = protection.per == .agent ? order.agent : nil
      var reason: String?
      var code = "TR325"
      switch protection.kind {
      case .cooldown:
        if isStopped { reason = "stopped out with \(profit.description)" }
      case .stopLossGuard(let trades):
        code = "TR326"
        if isStopped {
          let past = try closedTrades(instrument, agent, protection, at: fill.at)
          if past.stopped >= trades {
            reason = "\(past.stopped) trades stopped out within \(protection.periodWords)"
          }
        }
      case .lowProfit(let trades, let least):
        code = "TR327"
        let past = try closedTrades(instrument, agent, protection, at: fill.at)
        if past.trades >= trades, past.profit < least {
          let made = "made \(past.profit.description), less than \(least.description)"
          reason = "\(past.trades) trades within \(protection.periodWords) \(made)"
        }
      }
      if let reason {
        lock(
          instrument, agent, code, protection.id, reason, at: fill.at,
          until: .clamping(fill.at.microseconds + protection.pause))
      }
    }
  }

  /// Orders that closed a position within the period of a protection, how many of them were stopped out at a loss, and
  /// their profit after fees; of at most the last 10,000 fills.
  private func closedTrades(
    _ instrument: Int32?, _ agent: Int32?, _ protection: LossProtection, at time: Timestamp
  ) throws(ArithmeticError) -> (trades: Int, stopped: Int, profit: Money) {
    var closed: [Int64] = []
    var stopped: [Int64] = []
    var profit = Money.zero
    for fill in fills.suffix(10_000).reversed() {
      if fill.at.microseconds <= time.microseconds - protection.period { break }
      if fill.closed.isZero || fill.at > time { continue }
      if let instrument, fill.instrument != instrument { continue }
      guard let place = place(ofOrder: fill.order) else { continue }
      let order = orders[place]
      if let agent, order.agent != agent { continue }
      let made = try fill.realised + fill.settled
      try profit += made - fill.fee
      if !closed.contains(fill.order) { closed.append(fill.order) }
      if made.isNegative, order.terms.type.isStop || order.isStop, !stopped.contains(fill.order) {
        stopped.append(fill.order)
      }
    }
    return (closed.count, stopped.count, profit)
  }
}
