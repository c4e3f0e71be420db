import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs a connection's work on a thread of its own, so that blocking C calls and `poll` hold no thread that others need.
///
/// Not a dispatch queue: on Linux those share a pool of as many threads as there are cores, so a few connections that
/// wait for notifications would starve all others, and Swift's tasks with them.
///
/// An actor that uses a connection heavily can run on the same executor
/// (`nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }`); its calls then cost no
/// change of threads.
final class ThreadExecutor: SerialExecutor {
  private let jobs: JobQueue
  private let waker: Waker

  init(waker: Waker) throws {
    self.waker = waker
    jobs = JobQueue()
    try jobs.startThread()
  }

  deinit { jobs.stop() }

  func enqueue(_ job: consuming ExecutorJob) {
    // The job may be the last to keep this object alive and may be over before this call is: appending comes last.
    jobs.announce()
    waker.pokeIfIdle()
    jobs.append(UnownedJob(job), self)
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  func checkIsolated() { precondition(jobs.isCurrentThread, "not on the connection's thread") }

  /// Whether others wait for this thread.
  var hasQueuedJobs: Bool { jobs.hasJobs }
}

/// The jobs of one thread, in order. Outlives its executor until the thread has ended.
private final class JobQueue: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let arrival: UnsafeMutablePointer<pthread_cond_t>
  /// Guarded by `mutex`. Each job keeps its executor alive while it waits and runs.
  private var waiting: [(job: UnownedJob, executor: ThreadExecutor)] = []
  private var isStopped = false
  private let count = Atomic<Int>(0)
  private let thread = Atomic<UInt>(0)

  init() {
    mutex = .allocate(capacity: 1)
    arrival = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrival, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(arrival)
    mutex.deallocate()
    arrival.deallocate()
  }

  var hasJobs: Bool { count.load(ordering: .sequentiallyConsistent) > 0 }
  var isCurrentThread: Bool { thread.load(ordering: .relaxed) == Self.identity }

  /// Counts a job that is about to be appended.
  func announce() { count.add(1, ordering: .sequentiallyConsistent) }

  func append(_ job: UnownedJob, _ executor: ThreadExecutor) {
    let mutex = mutex
    pthread_mutex_lock(mutex)
    waiting.append((job, executor))
    // Signalled while locked: after the unlock the thread may end and take the condition with it.
    pthread_cond_signal(arrival)
    pthread_mutex_unlock(mutex)
  }

  func stop() {
    pthread_mutex_lock(mutex)
    isStopped = true
    pthread_cond_signal(arrival)
    pthread_mutex_unlock(mutex)
  }

  func startThread() throws {
    let context = Unmanaged.passRetained(self)
    #if canImport(Glibc)
      var id = pthread_t()
    #else
      var id: pthread_t?
    #endif
    let outcome = pthread_create(
      &id, nil,
      { context in
        #if canImport(Glibc)
          let queue = Unmanaged<JobQueue>.fromOpaque(context!).takeRetainedValue()
        #else
          let queue = Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue()
        #endif
        queue.runUntilStopped()
        return nil
      }, context.toOpaque())
    guard outcome == 0 else {
      context.release()
      throw PostgresError(.library, "no thread for a connection (error \(outcome))")
    }
    #if canImport(Glibc)
      pthread_detach(id)
    #else
      pthread_detach(id!)
    #endif
  }

  private func runUntilStopped() {
    thread.store(Self.identity, ordering: .relaxed)
    var batch: [(job: UnownedJob, executor: ThreadExecutor)] = []
    while true {
      pthread_mutex_lock(mutex)
      while waiting.isEmpty && !isStopped { pthread_cond_wait(arrival, mutex) }
      if waiting.isEmpty {
        pthread_mutex_unlock(mutex)
        return
      }
      swap(&waiting, &batch)
      pthread_mutex_unlock(mutex)
      for (job, executor) in batch {
        count.subtract(1, ordering: .sequentiallyConsistent)
        job.runSynchronously(on: executor.asUnownedSerialExecutor())
      }
      batch.removeAll(keepingCapacity: true)
    }
  }

  private static var identity: UInt { UInt(bitPattern: pthread_self().hashValue) }
}
