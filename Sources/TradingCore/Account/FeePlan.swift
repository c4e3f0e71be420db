/// What a portfolio is charged: the terms of each kind of instrument on each exchange, over time.
public struct FeePlan: Sendable, Hashable {
  /// Instruments that are charged alike.
  public struct Group: Sendable, Hashable {
    public let kind: InstrumentKind
    public let exchange: Int32

    public init(kind: InstrumentKind, exchange: Int32) {
      self.kind = kind
      self.exchange = exchange
    }
  }

  private let histories: [Group: FeeHistory]
  /// For groups that are not among them.
  private let others: FeeHistory?

  /// Nothing to pay, ever.
  public static let free = FeePlan(.free)

  /// The same terms for every instrument.
  public init(_ history: FeeHistory) {
    histories = [:]
    others = history
  }

  /// - Parameter histories: what else there is cannot be traded.
  public init(_ histories: [Group: FeeHistory]) {
    self.histories = histories
    others = nil
  }

  /// What trades are charged over time; nil when nothing says so.
  func history(of group: Group) -> FeeHistory? { histories[group] ?? others }

  /// What a trade at `time` is charged; nil when nothing says so.
  public func schedule(of group: Group, at time: Timestamp) -> FeeSchedule? {
    history(of: group)?.schedule(at: time)
  }
}
