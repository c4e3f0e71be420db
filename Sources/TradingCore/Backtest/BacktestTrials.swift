/// Backtests that differ in the values of parameters alone, and in where the past begins that warms them up: what one of them is
/// fed with from its own beginning on, so that the events are read once.
public struct BacktestTrials: Sendable {
  private let specification: BacktestSpecification

  /// - Parameter specification: JSON that `research.trial_runs` made.
  /// - Throws: ``BacktestError`` when it is none.
  public init(specification json: String) throws(BacktestError) {
    specification = try BacktestSpecification(json)
  }

  /// What tells one sequence of bars from another.
  public struct EventKey: Sendable {
    let instruments: [Int32]
    let resolution: Int64?
    let from: Timestamp
    let until: Timestamp
    let begins: Timestamp

    /// Whether it is the end of the other one: bars alone, since ticks have a past of their own.
    public func isPart(of other: Self) -> Bool {
      instruments == other.instruments && resolution != nil && resolution == other.resolution && from == other.from
        && until == other.until && begins >= other.begins
    }
  }

  public var events: EventKey {
    EventKey(
      instruments: specification.eventInstruments, resolution: specification.resolution, from: specification.from,
      until: specification.until, begins: specification.begins)
  }

  /// What they are fed with.
  public var feed: Backtest.Feed { specification.feed }

  /// One of them, of which only what statistics are computed from is kept.
  ///
  /// - Parameters:
  ///   - parameters: of the strategy, JSON.
  ///   - begins: microseconds since 2000-01-01T00:00Z; events that begin before are none of its own.
  /// - Throws: ``BacktestError`` when the strategy cannot run with them.
  public func trial(parameters: String, begins: Int64) throws(BacktestError) -> Backtest {
    try Backtest(specification.with(parameters: parameters, begins: .clamping(begins)), isTrial: true)
  }
}
