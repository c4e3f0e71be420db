/// What a socket must be ready for.
struct Interest: OptionSet, Sendable {
  let rawValue: UInt8
  static let read = Interest(rawValue: 1)
  static let write = Interest(rawValue: 2)
}

/// What an exchange wants next.
enum Step<Output> {
  case wait(Interest)
  case done(Output)
}

/// The part of libpq that the exchanges drive; a scripted double takes its place in tests.
protocol Wire {
  associatedtype Answer

  /// Sends what is queued; true once all of it has left.
  func flush() throws -> Bool
  /// Takes what the socket has.
  func consumeInput() throws
  /// Whether ``nextAnswer()`` would block.
  var isBusy: Bool { get }
  /// The next result; nil at the end of a command.
  func nextAnswer() -> Answer?
  /// False once the connection is lost; answers that came before may still be fetched.
  var isAlive: Bool { get }
  /// Moves notifications that arrived meanwhile to where they are kept.
  func collectNotifications()
}

/// One part of the protocol as a state machine: it moves as far as it can without blocking, then says what to wait
/// for. It never waits itself.
protocol Exchange<W, Output> {
  associatedtype W: Wire
  associatedtype Output

  /// - Parameter ready: what the socket is ready for; empty at the first call.
  mutating func advance(_ wire: W, ready: Interest) throws -> Step<Output>
}
