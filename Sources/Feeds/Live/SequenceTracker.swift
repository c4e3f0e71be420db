import TradingCore

/// Puts the messages of one instrument into the order of the source's numbers, each once; without I/O.
///
/// What comes early waits for what is missing. After ``Patience/reorder`` the missing part is asked for, after
/// ``Patience/gap`` it is given up and the rest goes on: late is better than never, but not than too late.
package struct SequenceTracker<Message: Sendable>: Sendable {
  package struct Patience: Sendable, Equatable {
    package var reorder: Duration = .milliseconds(200)
    package var gap: Duration = .seconds(5)
    /// Messages that may wait; with more the gap is given up at once.
    package var held = 10_000

    package init() {}
  }

  package struct Gap: Sendable, Equatable {
    /// The last number that is there, and the first one behind the missing ones.
    package var after: Int64
    package var before: Int64
  }

  package struct Counts: Sendable, Equatable {
    package var delivered = 0
    package var duplicates = 0
    /// Numbers that were given up.
    package var lost = 0
  }

  package let patience: Patience
  package private(set) var counts = Counts()
  /// The last number delivered; nil before the first.
  package private(set) var last: Int64?
  private var held: [Int64: Message] = [:]
  /// Nothing is known to be missing.
  package var isComplete: Bool { held.isEmpty }
  private var gapSince: Duration?
  private var hasAsked = false

  /// - Parameter last: where an earlier reader stopped; nil begins with whatever comes first.
  package init(after last: Int64?, patience: Patience = Patience()) {
    self.last = last
    self.patience = patience
  }

  /// Takes a message and returns those that are due, in order.
  package mutating func take(_ message: Message, number: Int64, at now: Duration) -> [Message] {
    guard let last else {
      self.last = number
      counts.delivered += 1
      return [message]
    }
    guard number > last, held[number] == nil else {
      counts.duplicates += 1
      return []
    }
    held[number] = message
    let due = release()
    if held.isEmpty {
      gapSince = nil
      hasAsked = false
    } else if gapSince == nil || !due.isEmpty {
      // Something moved: what is missing now is another gap.
      gapSince = now
      hasAsked = false
    }
    return held.count > patience.held ? due + giveUp(at: now) : due
  }

  /// The part to ask the source for, once for each gap.
  package mutating func request(at now: Duration) -> Gap? {
    guard let gapSince, !hasAsked, now - gapSince >= patience.reorder, let last, let first = held.keys.min() else {
      return nil
    }
    hasAsked = true
    return Gap(after: last, before: first)
  }

  /// Messages that need not wait any longer, in order.
  package mutating func expire(at now: Duration) -> [Message] {
    guard let gapSince, now - gapSince >= patience.gap else { return [] }
    return giveUp(at: now)
  }

  /// The link is new: what is missing is asked for anew.
  package mutating func reconnected(at now: Duration) {
    if !held.isEmpty {
      gapSince = now
      hasAsked = true
    }
  }

  /// The source counts from the beginning again: a new day or a restart.
  package mutating func restart() -> [Message] {
    let rest = held.sorted { $0.key < $1.key }.map(\.value)
    counts.delivered += rest.count
    held = [:]
    gapSince = nil
    hasAsked = false
    last = nil
    return rest
  }

  private mutating func giveUp(at now: Duration) -> [Message] {
    guard let last, let first = held.keys.min() else { return [] }
    counts.lost += Int(first - last - 1)
    self.last = first - 1
    let due = release()
    gapSince = held.isEmpty ? nil : now
    hasAsked = false
    return due
  }

  private mutating func release() -> [Message] {
    var due: [Message] = []
    while let next = last.map({ $0 + 1 }), let message = held.removeValue(forKey: next) {
      due.append(message)
      last = next
    }
    counts.delivered += due.count
    return due
  }
}
