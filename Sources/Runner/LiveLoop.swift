import EngineStore
import Feeds
import LibPQ
import Logging
import ServiceLifecycle
import TradingCore

/// A feed without an end, for portfolios that need not stand at the same place of it: those that do make one group, which
/// decides and commits its batches by itself. There is one group, but for the time after somebody has kept a portfolio
/// locked: that one is set aside, the others go on, and when it is free again it reads from its own cursors what it has missed,
/// in turns with the others. When all groups have seen everything they become one (docs/decisions/blocked-portfolios.md).
final class LiveLoop {
  private let runner: Runner
  private let runnerID: Int32
  private let connection: Connection
  private let store: EngineStore
  private let portfolios: [Int32]
  private var groups: [BatchLoop] = []
  /// Portfolios that somebody else has locked.
  private var blocked: [Int32] = []
  private var holdsDoorbell = false
  private var lastSign = ContinuousClock.now

  /// How often in a row the doorbell was refused.
  private var refusals = 0

  /// Between two looks while some writer's transaction is open: most are over in a few milliseconds.
  private static let poll = RetryPolicy(firstDelay: .milliseconds(4), maximumDelay: .milliseconds(50))

  /// How often it looks whether a portfolio is free again.
  private static let look = Duration.milliseconds(200)

  init(runner: Runner, runnerID: Int32, connection: Connection, portfolios: [Int32]) {
    self.runner = runner
    self.runnerID = runnerID
    self.connection = connection
    self.portfolios = portfolios
    store = EngineStore(connection)
  }

  func run() async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await runGroups()) } catch { result = .failure(error) }
    for group in groups { await group.close() }
    try result.get()
  }

  private func runGroups() async throws {
    groups = try await groups(of: portfolios)
    while !Task.isShuttingDownGracefully {
      try await release()
      var isIdle = true
      for group in groups where try await attend(group, .batch) { isIdle = false }
      if !isIdle {
        refusals = 0
        try await giveSign()
        continue
      }
      if try await refresh() { continue }
      if holdsDoorbell {
        try await waitForDoorbell()
      } else {
        // Writers notify from now on; those before are found by one more look.
        holdsDoorbell = try await store.lockDoorbell(runnerID)
        // Refused: some writer's transaction is open. Poll until it is not.
        if holdsDoorbell {
          refusals = 0
        } else {
          refusals += 1
          try await Task.sleep(for: Self.poll.delay(afterAttempt: refusals))
          try await giveSign()
        }
      }
    }
    runner.note { $0.end = .stopped }
  }

  private func runBatch(_ group: BatchLoop) async throws -> Bool {
    guard try await group.hasBatch() else { return false }
    if holdsDoorbell {
      try await store.unlockDoorbell(runnerID)
      holdsDoorbell = false
    }
    group.isBehind = groups.count > 1
    return try await group.runBatch()
  }

  /// Takes up what others did while there are no events.
  /// - Returns: whether there may be events now.
  private func refresh() async throws -> Bool {
    try await runner.checkVersions(connection)
    if runner.options.portfolios.isEmpty {
      let now = try await store.portfolios(named: []).filter(\.isPaper).map(\.id)
      if now != portfolios { throw Runner.PortfoliosChanged() }
    }
    for group in groups where try await attend(group, .refresh) { return true }
    guard groups.count > 1 else { return false }
    // All have seen what there is.
    if let latest = groups.compactMap(\.time).max() {
      for group in groups where try await attend(group, .advance(latest)) { return true }
    }
    let all = groups.flatMap(\.portfolios).sorted()
    for group in groups { await group.close() }
    groups = []
    groups = try await groups(of: all, haveSeenAll: true)
    return true
  }

  // MARK: Groups

  private enum Duty {
    case batch, refresh
    case advance(Timestamp)
  }

  /// - Returns: whether a batch was dealt with, or the group is another one now.
  private func attend(_ group: BatchLoop, _ duty: Duty) async throws -> Bool {
    guard groups.contains(where: { $0 === group }) else { return false }
    do {
      switch duty {
      case .batch: return try await runBatch(group)
      case .refresh: try await group.refresh()
      case .advance(let time): try await group.advance(to: time)
      }
      return false
    } catch is BatchLoop.BooksLocked {
      try await setAside(group)
    } catch is Runner.PortfoliosChanged {
      try await replace(group, by: group.portfolios)
    }
    return true
  }

  private func replace(_ group: BatchLoop, by portfolios: [Int32]) async throws {
    await group.close()
    groups.removeAll { $0 === group }
    groups += try await groups(of: portfolios)
  }

  /// Somebody keeps the book of one of the portfolios: the others go on without those that are locked.
  private func setAside(_ group: BatchLoop) async throws {
    let free = try await store.lockFreePortfolios(group.portfolios)
    let locked = group.portfolios.filter { !free.contains($0) }
    try await replace(group, by: free)
    if locked.isEmpty { return }
    blocked = (blocked + locked).sorted()
    let names = try await names(of: locked)
    let blockers = try await store.blockers(after: runner.options.patience / 2).filter { names.contains($0.portfolio) }
    for blocker in blockers {
      runner.logger.warning(
        "another session keeps a portfolio locked; the others go on without it",
        metadata: [
          "portfolio": "\(blocker.portfolio)", "process": "\(blocker.processID)", "user": "\(blocker.user ?? "-")",
          "application": "\(blocker.application ?? "-")", "state": "\(blocker.state ?? "-")",
          "since": "\(blocker.since ?? "-")",
        ])
    }
    for name in names where !blockers.contains(where: { $0.portfolio == name }) {
      runner.logger.warning(
        "a portfolio is locked; the others go on without it", metadata: ["portfolio": "\(name)"])
    }
  }

  /// Lets those go on that are locked no more.
  private func release() async throws {
    if blocked.isEmpty { return }
    let free = try await store.lockFreePortfolios(blocked)
    if free.isEmpty { return }
    blocked.removeAll(where: free.contains)
    for name in try await names(of: free) {
      runner.logger.notice("a portfolio is free again and catches up", metadata: ["portfolio": "\(name)"])
    }
    groups += try await groups(of: free)
  }

  private func names(of portfolios: [Int32]) async throws -> [String] {
    try await store.portfolios(named: []).filter { portfolios.contains($0.id) }.map(\.name)
  }

  /// Portfolios by where they stand in the feed. Who is new to it, or to an instrument, joins others where they are.
  /// - Parameter haveSeenAll: there is nothing between the places where they stand.
  private func groups(of portfolios: [Int32], haveSeenAll: Bool = false) async throws -> [BatchLoop] {
    if portfolios.isEmpty { return [] }
    let feed = runner.feed
    var groups: [(portfolios: [Int32], place: Place)] = []
    for (portfolio, place) in zip(portfolios, try await places(of: portfolios)) {
      if let index = groups.firstIndex(where: { haveSeenAll || $0.place.agrees(with: place) }) {
        groups[index].portfolios.append(portfolio)
        groups[index].place.join(place)
      } else {
        groups.append(([portfolio], place))
      }
    }
    let latest = (groups.map(\.place.time) + self.groups.map(\.time)).compactMap { $0 }.max()
    var loops: [BatchLoop] = []
    for group in groups {
      let instruments = try await SessionLoader(
        store: store, portfolios: group.portfolios, barResolution: feed.barResolution
      ).instruments()
      loops.append(
        try await runner.batchLoop(
          connection, runnerID, group.portfolios, instruments, feed.another(),
          feed.cursors(for: instruments).map { group.place.cursors[$0] },
          isBehind: group.place.time.map { $0 < latest ?? $0 } ?? false))
    }
    return loops
  }

  /// Where a portfolio stands in a feed.
  private struct Place {
    var cursors: [String: EngineStore.Cursor]

    /// The last event that it has seen.
    var time: Timestamp? { cursors.values.compactMap(\.at).max() }

    func agrees(with other: Place) -> Bool {
      if let time, let otherTime = other.time, time != otherTime { return false }
      return other.cursors.allSatisfy { name, cursor in
        cursors[name].map { ($0.position, $0.sequence) == (cursor.position, cursor.sequence) } ?? true
      }
    }

    mutating func join(_ other: Place) {
      cursors.merge(other.cursors) { ($0.position, $0.sequence) < ($1.position, $1.sequence) ? $1 : $0 }
    }
  }

  private func places(of portfolios: [Int32]) async throws -> [Place] {
    let all = try await store.cursors(portfolios, ofFeed: runner.feed.name)
    return portfolios.map { Place(cursors: all[$0] ?? [:]) }
  }

  // MARK: Sleep

  private func waitForDoorbell() async throws {
    let connection = connection
    let timeout = blocked.isEmpty ? Duration.seconds(5) : Self.look
    _ = try await withGracefulShutdownHandler {
      try await connection.waitForNotification(timeout: timeout)
    } onGracefulShutdown: {
      connection.wake()
    }
    try await store.unlockDoorbell(runnerID)
    holdsDoorbell = false
    try await giveSign()
  }

  private func giveSign() async throws {
    runner.turn()
    let now = ContinuousClock.now
    guard now - lastSign > .seconds(5) else { return }
    lastSign = now
    try await store.touchRunner(runnerID)
  }
}
