/// What libpq wants while a connection is being made.
enum ConnectPoll { case reading, writing, connected, failed }

/// The part of libpq that makes a connection.
protocol ConnectingWire {
  func pollConnect() -> ConnectPoll
}

/// Makes a connection; the socket may change between two steps, when libpq tries the next address.
struct ConnectExchange {
  private var isFirst = true

  /// - Returns: done with false when all addresses failed.
  mutating func advance(_ wire: some ConnectingWire) -> Step<Bool> {
    // libpq: "on the first iteration behave as if the last poll had returned WRITING".
    if isFirst {
      isFirst = false
      return .wait(.write)
    }
    switch wire.pollConnect() {
    case .reading: return .wait(.read)
    case .writing: return .wait(.write)
    case .connected: return .done(true)
    case .failed: return .done(false)
    }
  }
}
