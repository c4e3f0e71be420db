/// The terms of a fee schedule over time. A trade has those of its trading day, which the exchange begins.
public struct FeeHistory: Sendable, Hashable {
  /// In order of time.
  private let terms: [Terms]

  private struct Terms: Sendable, Hashable {
    let begin: Timestamp
    let schedule: FeeSchedule
  }

  /// Nothing to pay, ever.
  public static let free = FeeHistory(always: .free)

  public init(always schedule: FeeSchedule) { terms = [Terms(begin: .earliest, schedule: schedule)] }

  /// - Parameter terms: schedules with the beginning of their first trading day, in any order.
  public init(_ terms: [(begin: Timestamp, schedule: FeeSchedule)]) {
    self.terms = terms.map { Terms(begin: $0.begin, schedule: $0.schedule) }.sorted { $0.begin < $1.begin }
  }

  /// The schedule of a trade at `time`; nil when none is in force.
  public func schedule(at time: Timestamp) -> FeeSchedule? { place(at: time).map { self[$0] } }

  /// The place in time of the schedule of a trade at `time`; nil when none is in force.
  func place(at time: Timestamp) -> Int? { terms.lastIndex { $0.begin <= time } }

  subscript(place: Int) -> FeeSchedule { terms[place].schedule }
}
