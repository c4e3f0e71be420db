/// What a model predicted for an instrument.
public struct SessionPrediction: Sendable {
  /// For whose agents alone it is; nil: for those of all portfolios that have no model of this name of their own.
  public let portfolio: Int32?
  public let model: String
  public let instrument: Int32
  public let at: Timestamp
  public let value: Double

  public init(portfolio: Int32? = nil, model: String, instrument: Int32, at: Timestamp, value: Double) {
    self.portfolio = portfolio
    self.model = model
    self.instrument = instrument
    self.at = at
    self.value = value
  }
}

/// What an outside program wants an agent to do.
public struct OutsideSignal: Sendable {
  /// Rising in the order in which they came.
  public let id: Int64
  public let portfolio: Int32
  public let agent: Int32
  public let instrument: Int32
  public let action: Signal.Action

  public init(id: Int64, portfolio: Int32, agent: Int32, instrument: Int32, action: Signal.Action) {
    self.id = id
    self.portfolio = portfolio
    self.agent = agent
    self.instrument = instrument
    self.action = action
  }
}

/// The predictions of one model for one instrument, in order of time.
struct PredictionTrack: Sendable {
  let portfolio: Int32?
  let model: String
  let instrument: Int32
  private var times: [Timestamp] = []
  private var values: [Double] = []

  init(portfolio: Int32?, model: String, instrument: Int32) {
    self.portfolio = portfolio
    self.model = model
    self.instrument = instrument
  }

  func isOf(_ portfolio: Int32?, _ model: String, _ instrument: Int32) -> Bool {
    self.instrument == instrument && self.portfolio == portfolio && isSame(self.model, model)
  }

  mutating func append(_ prediction: SessionPrediction) {
    times.append(prediction.at)
    values.append(prediction.value)
  }

  /// The latest that was made by `time` and is not older than `age`; NaN when there is none.
  func value(at time: Timestamp, age: Int64) -> Double {
    let known = times.prefixCount { $0 <= time }
    guard known > 0, time.microseconds - times[known - 1].microseconds <= age else { return .nan }
    return values[known - 1]
  }
}

extension RuleLength {
  /// As an age: a month has 30 days.
  public var microseconds: Int64 {
    let seconds: Int64 =
      switch unit {
      case .second: 1
      case .minute: 60
      case .hour: 3_600
      case .day: 86_400
      case .week: 604_800
      case .month: 2_592_000
      }
    return Int64(count) * seconds * 1_000_000
  }
}
