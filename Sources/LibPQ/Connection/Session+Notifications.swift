import CLibPQ

extension Session {
  enum NotificationOutcome: Sendable {
    case received(Notification)
    case timedOut
    case woken
    /// Somebody else wants the connection.
    case giveWay
  }

  /// Moves what the socket has into the mailbox.
  func collectArrived() throws {
    try settle()
    try wire.consumeInput()
    wire.collectNotifications()
    if !wire.isAlive { throw wire.failure() }
  }

  /// - Parameter isWanted: whether others wait for this thread.
  func awaitNotification(until deadline: Deadline?, isWanted: () -> Bool) throws -> NotificationOutcome {
    let waker = waiter.waker
    // Announced before anything is looked at, so that whoever comes now pokes and is not overlooked.
    waker.beginIdleWait()
    defer { waker.endIdleWait() }
    while true {
      try collectArrived()
      if let notification = wire.mailbox.takeFirst() { return .received(notification) }
      if waker.takeWake() { return .woken }
      if isCancelRequested { throw Self.cancelled }
      if isWanted() { return .giveWay }
      if let deadline, deadline.millisecondsLeft == 0 { return .timedOut }
      _ = try waiter.wait(socket: wire.socket, for: .read, until: deadline)
    }
  }
}
