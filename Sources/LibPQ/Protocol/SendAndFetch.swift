/// Sends all that is queued. Reads meanwhile: a server that is blocked on writing would never read.
struct SendExchange<W: Wire>: Exchange {
  mutating func advance(_ wire: W, ready: Interest) throws -> Step<Void> {
    if ready.contains(.read) { try wire.consumeInput() }
    return try wire.flush() ? .done(()) : .wait([.read, .write])
  }
}

/// Waits for the next result of the running command; nil when the command is over.
struct FetchExchange<W: Wire>: Exchange {
  mutating func advance(_ wire: W, ready: Interest) throws -> Step<W.Answer?> {
    if ready.contains(.read) { try wire.consumeInput() }
    if wire.isBusy { return .wait(.read) }
    let answer = wire.nextAnswer()
    wire.collectNotifications()
    return .done(answer)
  }
}
