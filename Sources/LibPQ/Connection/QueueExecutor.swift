import Dispatch
import Synchronization

/// Runs a connection's work on a thread of its own dispatch queue, so that blocking C calls and `poll` never hold a
/// thread of Swift's shared pool.
///
/// An actor that uses a connection heavily can run on the same executor
/// (`nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }`); its calls then cost no
/// change of threads.
final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue
  private let waker: Waker
  private let queuedJobs = Atomic<Int>(0)

  init(label: String, waker: Waker) {
    queue = DispatchQueue(label: label)
    self.waker = waker
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queuedJobs.add(1, ordering: .sequentiallyConsistent)
    queue.async { [self] in
      queuedJobs.subtract(1, ordering: .sequentiallyConsistent)
      job.runSynchronously(on: asUnownedSerialExecutor())
    }
    waker.pokeIfIdle()
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

  /// Whether others wait for this thread.
  var hasQueuedJobs: Bool { queuedJobs.load(ordering: .sequentiallyConsistent) > 0 }
}
