import CLibPQ

/// A NOTIFY received on a channel this session listens to.
public struct Notification: Sendable, Hashable {
  public let channel: String
  public let payload: String
  /// Process id of the session that notified; equal to ``Connection/backendPID`` for one's own.
  public let senderPID: Int32
}

/// Keeps notifications in order of arrival up to a bound, and hands on notices. Used on the connection's thread only.
final class Mailbox {
  private var notifications: [Notification] = []
  private var head = 0
  private let capacity: Int
  private let onNotice: (@Sendable (Notice) -> Void)?
  private(set) var droppedCount = 0
  /// Channels to listen to again after a reset.
  var channels: Set<String> = []
  /// Why the server ended the session, if it said so outside of any statement.
  var farewell: PostgresError?

  init(capacity: Int, onNotice: (@Sendable (Notice) -> Void)?) {
    self.capacity = max(1, capacity)
    self.onNotice = onNotice
  }

  var isEmpty: Bool { head == notifications.count }

  func receive(notification: PGnotify) {
    if notifications.count - head == capacity {
      head += 1
      droppedCount += 1
    }
    // Forget what was taken once it is half of the array: amortised constant time.
    if head > 0, head * 2 >= notifications.count {
      notifications.removeFirst(head)
      head = 0
    }
    notifications.append(
      Notification(
        channel: String(cString: notification.relname), payload: String(cString: notification.extra),
        senderPID: notification.be_pid))
  }

  func takeFirst() -> Notification? {
    guard head < notifications.count else { return nil }
    defer {
      head += 1
      if head == notifications.count {
        notifications.removeAll(keepingCapacity: true)
        head = 0
      }
    }
    return notifications[head]
  }

  func takeAll() -> [Notification] {
    defer {
      notifications.removeAll(keepingCapacity: true)
      head = 0
    }
    return Array(notifications[head...])
  }

  func receive(notice: OpaquePointer) {
    // Between statements even the server's farewell comes as a notice.
    let error = resultError(notice, .connectionLost)
    if error.severity == "FATAL" || error.severity == "PANIC" { farewell = error }
    onNotice?(
      Notice(
        severity: error.severity, sqlState: error.sqlState, message: error.message, detail: error.detail,
        hint: error.hint))
  }
}
