import Dispatch
import Synchronization

/// Runs a connection's work on a dispatch queue of its own, so that blocking C calls and `poll` hold no thread of
/// Swift's shared pool. (Such a queue brings a thread of its own when the pool is busy; measured with many connections
/// that wait at once.)
///
/// An actor that uses a connection heavily can run on the same executor
/// (`nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }`); its calls then cost no
/// change of threads.
final class QueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "libpq")
  private let waker: Waker
  private let queuedJobs = Atomic<Int>(0)

  init(waker: Waker) { self.waker = waker }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queuedJobs.add(1, ordering: .sequentiallyConsistent)
    waker.pokeIfIdle()
    // Last, because the job may be over before this call is, and may have been the last to keep this object alive.
    queue.async { [self] in
      queuedJobs.subtract(1, ordering: .sequentiallyConsistent)
      job.runSynchronously(on: asUnownedSerialExecutor())
    }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

  /// Whether others wait for this thread.
  var hasQueuedJobs: Bool { queuedJobs.load(ordering: .sequentiallyConsistent) > 0 }
}
