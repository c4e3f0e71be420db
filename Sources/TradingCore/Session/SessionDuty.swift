/// Something that the books do by themselves when its time has come.
public struct SessionDuty: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// Those who held an instrument before its ex-date receive a dividend; it comes before what happens at that time.
    case dividend(actionID: Int32)
    /// A trading day of an exchange is over: futures are settled, options expire. What trades at its close comes before it.
    case settlement(exchange: Int32)
  }
  public let kind: Kind
  public let at: Timestamp

  public init(_ kind: Kind, at: Timestamp) {
    self.kind = kind
    self.at = at
  }
}

extension TradingSession {
  /// When the next settlement is due: it is part of everything that is later.
  var nextSettlement: Timestamp { settlements.first?.at ?? .latest }

  /// Adds a duty in its place.
  mutating func add(_ duty: SessionDuty) {
    switch duty.kind {
    case .dividend: dividends.insert(duty, at: dividends.firstIndex { $0.at > duty.at } ?? dividends.endIndex)
    case .settlement: settlements.insert(duty, at: settlements.firstIndex { $0.at > duty.at } ?? settlements.endIndex)
    }
  }

  /// Has the days settled that are over by `now`; the books answer each with the next.
  mutating func settle(by now: Timestamp) {
    while let duty = settlements.first, duty.at <= now {
      requests.append(.duty(duty))
      settlements.removeFirst()
    }
  }

  /// Dividends and splits that take effect until `now`, in order of time; of one time the dividend comes first, which is
  /// for the shares of before the split.
  mutating func applyActions(until now: Timestamp) {
    while nextAction <= now {
      if let dividend = dividends.first, nextSplit >= splits.count || dividend.at <= splits[nextSplit].effectiveAt {
        requests.append(.duty(dividend))
        dividends.removeFirst()
      } else {
        requests.append(.split(splits[nextSplit]))
        nextSplit += 1
      }
      findNextAction()
    }
  }

  mutating func findNextAction() {
    nextAction = min(dividends.first?.at ?? .latest, nextSplit < splits.count ? splits[nextSplit].effectiveAt : .latest)
  }
}
