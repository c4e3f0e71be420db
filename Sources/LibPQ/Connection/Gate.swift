import Synchronization

/// Lets one holder in at a time, in order of arrival. Waiting is cancellable; holding may span suspensions.
final class Gate: Sendable {
  private struct State {
    var isHeld = false
    var isClosed = false
    /// The task that holds the gate beyond the call in which it entered, as an open COPY does.
    var openEndedHolder: Int?
    var nextID: UInt64 = 0
    var waiters: [(id: UInt64, continuation: CheckedContinuation<Entry, Never>)] = []
  }

  /// How a wait for the gate ended.
  enum Entry {
    case entered, cancelled, closed
    /// The caller itself holds the gate and would wait for ever.
    case heldByCaller
  }

  private let state = Mutex(State())
  /// Called when somebody has to wait, so that an idle holder can give way.
  private let onContention: @Sendable () -> Void

  init(onContention: @escaping @Sendable () -> Void) { self.onContention = onContention }

  var waiterCount: Int { state.withLock { $0.waiters.count } }
  var hasWaiters: Bool { waiterCount > 0 }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Enters if nobody is inside; never waits.
  func tryEnter() -> Entry? {
    state.withLock { state in
      if state.isClosed { return .closed }
      if state.isHeld {
        if let holder = state.openEndedHolder, holder == Self.currentTask { return .heldByCaller }
        return nil
      }
      state.isHeld = true
      return .entered
    }
  }

  /// Enters, waiting for all who came before.
  nonisolated(nonsending) func enter(cancellable: Bool = true) async -> Entry {
    if let entry = tryEnter() { return entry }
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let entry: Entry? = state.withLock { state in
          if state.isClosed { return .closed }
          if !state.isHeld {
            state.isHeld = true
            return .entered
          }
          // A cancellation before this point found nobody to resume; it shows in the flag.
          if cancellable, Task.isCancelled { return .cancelled }
          state.waiters.append((id, continuation))
          return nil
        }
        if let entry { continuation.resume(returning: entry) } else { onContention() }
      }
    } onCancel: {
      guard cancellable else { return }
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume(returning: .cancelled)
    }
  }

  /// Says that the holder, the present task, keeps the gate beyond this call.
  func markOpenEnded() {
    let task = Self.currentTask
    state.withLock { $0.openEndedHolder = task }
  }

  private static var currentTask: Int { withUnsafeCurrentTask { $0?.hashValue ?? 0 } }

  /// Lets the next one in; the gate is handed over, so that no newcomer overtakes.
  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Entry, Never>? in
      state.openEndedHolder = nil
      if state.waiters.isEmpty {
        state.isHeld = false
        return nil
      }
      return state.waiters.removeFirst().continuation
    }
    next?.resume(returning: .entered)
  }

  /// Closes once no call is inside; an open COPY is no call and is not waited for.
  nonisolated(nonsending) func closeAfterCalls() async {
    let isOpenEnded = state.withLock { $0.openEndedHolder != nil }
    if !isOpenEnded { _ = await enter(cancellable: false) }
    close()
  }

  /// Turns away everybody who waits and whoever comes later. Only the holder may close.
  func close() {
    let turnedAway = state.withLock { state in
      state.isClosed = true
      state.isHeld = false
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in turnedAway { waiter.continuation.resume(returning: .closed) }
  }
}
