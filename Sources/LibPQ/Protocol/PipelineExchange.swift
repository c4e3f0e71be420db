/// Sends commands and takes their answers, reading while it writes: a server that is blocked on sending answers reads no
/// commands, so neither side may wait for the other.
struct PipelineExchange<W: Wire>: Exchange {
  /// What the exchange asks of its user.
  struct Script {
    /// Queues the next command and says how many bytes it has, about; nil when there are no more.
    var queueNext: (W) throws -> Int?
    /// Takes one answer; true if it was the last of its command.
    var take: (W.Answer) throws -> Bool
    /// Whether all answers of all queued commands have been taken.
    var isComplete: () -> Bool
  }

  private let script: Script
  private var isAllQueued = false
  private var isAllSent = false

  /// Bytes queued in libpq's memory before they are sent on.
  private static var flushThreshold: Int { 16 * 1024 }

  init(_ script: Script) { self.script = script }

  /// Done when every command is answered, or when the connection is lost.
  mutating func advance(_ wire: W, ready: Interest) throws -> Step<Void> {
    if ready.contains(.read) {
      try wire.consumeInput()
      try collect(wire)
    }
    if !isAllSent, wire.isAlive { try send(wire) }
    if isAllSent || !wire.isAlive {
      try collect(wire)
      if script.isComplete() || !wire.isAlive { return .done(()) }
    }
    return .wait(isAllSent ? .read : [.read, .write])
  }

  private mutating func send(_ wire: W) throws {
    while true {
      var queued = 0
      while !isAllQueued, queued < Self.flushThreshold, wire.isAlive {
        if let size = try script.queueNext(wire) { queued += size } else { isAllQueued = true }
      }
      guard try wire.flush() else { return }
      if isAllQueued {
        isAllSent = true
        return
      }
    }
  }

  /// libpq ends each command's answers with nil; one more nil means that nothing further has arrived.
  private func collect(_ wire: W) throws {
    var isAtBoundary = true
    while !wire.isBusy {
      if let answer = wire.nextAnswer() {
        isAtBoundary = try script.take(answer)
      } else {
        if isAtBoundary { break }
        isAtBoundary = true
      }
    }
    wire.collectNotifications()
  }
}
