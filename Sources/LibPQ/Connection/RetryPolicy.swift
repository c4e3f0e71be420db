/// How often and how long to try again: exponential back-off with full jitter, bounded in attempts and time.
public struct RetryPolicy: Sendable {
  /// All attempts, the first one included.
  public var maximumAttempts: Int
  /// No attempt begins later than this after the first one.
  public var maximumTime: Duration
  /// Upper bound of the first pause; doubles with each attempt.
  public var firstDelay: Duration
  /// Upper bound of any pause.
  public var maximumDelay: Duration

  public init(
    maximumAttempts: Int = 10, maximumTime: Duration = .seconds(30), firstDelay: Duration = .milliseconds(50),
    maximumDelay: Duration = .seconds(5)
  ) {
    self.maximumAttempts = max(1, maximumAttempts)
    self.maximumTime = maximumTime
    self.firstDelay = firstDelay
    self.maximumDelay = maximumDelay
  }

  public static let none = RetryPolicy(maximumAttempts: 1)
  public static let standard = RetryPolicy()

  /// The longest pause after failed attempt number `attempt`, from 1.
  func delayBound(afterAttempt attempt: Int) -> Duration {
    let doublings = min(max(attempt - 1, 0), 30)
    return min(firstDelay * (1 << doublings), maximumDelay)
  }

  /// A random pause between half the bound and the bound, so that clients do not return in step.
  package func delay(afterAttempt attempt: Int) -> Duration {
    delayBound(afterAttempt: attempt) * Double.random(in: 0.5...1)
  }
}
