import TradingCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An open link to a live source.
package struct LiveLink: Sendable {
  package var send: @Sendable (String) async throws -> Void
  package var ping: @Sendable () async throws -> Void

  package init(
    send: @escaping @Sendable (String) async throws -> Void, ping: @escaping @Sendable () async throws -> Void
  ) {
    self.send = send
    self.ping = ping
  }
}

/// The source wants to be left alone for a while.
struct LivePause: Error, CustomStringConvertible {
  let description: String
  let pause: Duration
}

/// Opens links to one source.
package protocol LiveTransport: Sendable {
  /// Connects, subscribes, and hands each message to `received`, one after the other; while that takes its time, nothing
  /// more is read. Without bytes it is a heartbeat. Returns when the source closes the link, throws when it breaks, and ends
  /// when its task is cancelled.
  ///
  /// - Parameters:
  ///   - subscription: what to ask the source for as things stand, once `opened` has returned or before.
  ///   - opened: the source has answered.
  func run(
    subscription: @escaping @Sendable () async -> String,
    opened: @escaping @Sendable (LiveLink) async throws -> Void,
    received: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws
}

/// The ticks of a live source, each once and in the source's order, over as many links as it takes.
///
/// ``LinkMachine`` decides when to connect, ping and give up a link, a ``SequenceTracker`` for each symbol what is missing
/// and what was there; this actor does their I/O. Memory is bounded: a reader that is slow makes the source wait.
package actor LiveFeed {
  package struct Figures: Sendable, Equatable {
    package var isUp = false
    /// Links that were opened.
    package var links = 0
    package var messages = 0
    package var duplicates = 0
    /// Messages that were asked for again and did not come.
    package var lost = 0
    /// Messages that could not be understood, or of symbols that nobody asked for.
    package var unusable = 0
    /// Why the last link ended.
    package var lastFailure: String?
  }

  /// What has come, and how far the source has come with it.
  package struct Delivery: Sendable {
    /// In order for each symbol.
    package var ticks: [LiveTick] = []
    /// All that happened before is delivered, but of the symbols that wait for what is missing; nil while that is not known.
    package var time: Timestamp?
    package var waiting: Set<String> = []
  }

  private struct Down: Error, CustomStringConvertible { let description: String }

  private let transport: any LiveTransport
  private let codec: any LiveCodec
  private let expectsMessages: @Sendable () -> Bool
  private let bufferLimit: Int
  private let symbols: [String]
  private let period: Duration
  private let start = ContinuousClock.now
  private var machine: LinkMachine
  private var trackers: [String: SequenceTracker<LiveTick>]
  private var link: LiveLink?
  private var buffer: [LiveTick] = []
  private var isFull = false
  private var counts = Figures()
  private var clock: SourceClock
  /// Ticks are to be taken, or the link opened or ended; once for any number of these. Ends with ``run()``.
  package nonisolated let signals: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - positions: the symbols to subscribe to, and the last number that is stored of each.
  ///   - last: event time of the last tick that is stored, and how long ago it was read.
  ///   - expectsMessages: false while silence means nothing, as at night for a source without heartbeats.
  ///   - bufferLimit: ticks that wait to be taken, about.
  package init(
    _ transport: any LiveTransport, codec: any LiveCodec = GenericCodec(), positions: [(symbol: String, after: Int64?)],
    last: (time: Timestamp, age: Duration)? = nil, policy: LinkMachine.Policy = .init(),
    patience: SequenceTracker<LiveTick>.Patience = .init(), seed: UInt64, bufferLimit: Int = 100_000,
    expectsMessages: @escaping @Sendable () -> Bool = { true }
  ) {
    self.transport = transport
    self.codec = codec
    self.expectsMessages = expectsMessages
    self.bufferLimit = bufferLimit
    symbols = positions.map(\.symbol)
    clock = SourceClock(last: last)
    machine = LinkMachine(policy: policy, seed: seed)
    trackers = Dictionary(
      positions.map { ($0.symbol, SequenceTracker(after: $0.after, patience: patience)) }, uniquingKeysWith: { $1 })
    // Often enough for the shortest of the times that are watched.
    period = max(.milliseconds(5), min(policy.firstDelay, policy.pingAfter, patience.reorder, .milliseconds(100)) / 2)
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  package var figures: Figures {
    var figures = counts
    figures.isUp = machine.isUp
    for tracker in trackers.values {
      figures.duplicates += tracker.counts.duplicates
      figures.lost += tracker.counts.lost
    }
    return figures
  }

  /// What has come since the last call, in order for each symbol.
  package func take() -> [LiveTick] {
    defer { buffer.removeAll() }
    return buffer
  }

  /// Like ``take()``, with the time that the source has come to.
  package func deliver() -> Delivery {
    Delivery(ticks: take(), time: clock.time, waiting: Set(symbols.filter { trackers[$0]?.isComplete == false }))
  }

  /// Keeps the link until its task is cancelled.
  package func run() async {
    var actions = machine.handle(.start, at: now)
    while !Task.isCancelled {
      if actions.contains(.connect) {
        let (reason, pause) = await attempt()
        // Being told to stop is no failure.
        if !Task.isCancelled { counts.lastFailure = reason }
        signal.yield()
        _ = machine.handle(.failed(reason, pause: pause), at: now)
      }
      try? await Task.sleep(for: period)
      actions = machine.handle(.time, at: now)
      expire()
    }
    _ = machine.handle(.stop, at: now)
    signal.finish()
  }

  private var now: Duration { ContinuousClock.now - start }

  /// One link, from connecting to its end. Returns why it ended, and how long the source wants to be left alone.
  private func attempt() async -> (reason: String, pause: Duration) {
    defer {
      link = nil
      clock.closed()
    }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [transport] in
          try await transport.run {
            await self.subscription
          } opened: { link in
            try await self.opened(link)
          } received: { bytes in
            try await self.received(bytes)
          }
        }
        group.addTask { [period] in
          while true {
            try await Task.sleep(for: period)
            try await self.watch()
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
      return ("closed by the source", .zero)
    } catch {
      return ("\(error)", (error as? LivePause)?.pause ?? .zero)
    }
  }

  private func opened(_ link: LiveLink) async throws {
    guard machine.handle(.opened, at: now).contains(.subscribe) else { throw Down(description: "opened too late") }
    self.link = link
    counts.links += 1
    clock.opened(at: now)
    signal.yield()
    for symbol in symbols { trackers[symbol]?.reconnected(at: now) }
  }

  private var subscription: String { codec.subscribe(symbols.map { ($0, trackers[$0]?.last) }) }

  private func received(_ bytes: [UInt8]) async throws {
    let messages: [LiveMessage]
    do {
      messages = bytes.isEmpty ? [] : try codec.decode(bytes, received: Self.timeOfDay())
    } catch is FeedError {
      counts.unusable += 1
      return
    }
    _ = machine.handle(.message, at: now)
    for message in messages {
      counts.messages += 1
      switch message {
      case .heartbeat: break
      case .unusable: counts.unusable += 1
      case .error(let text): throw Down(description: text)
      case .restart(let symbol): append(trackers[symbol]?.restart() ?? [])
      case .tick(let tick):
        clock.tick(tick.time, received: tick.received, at: now)
        guard let due = trackers[tick.symbol]?.take(tick, number: tick.number, at: now) else {
          counts.unusable += 1
          continue
        }
        append(due)
      }
    }
    clock.message(at: now)
    // Time has passed at the source, if nothing else.
    signal.yield()
    while buffer.count >= bufferLimit {
      isFull = true
      try await Task.sleep(for: .milliseconds(5))
    }
    isFull = false
  }

  private func append(_ ticks: [LiveTick]) {
    guard !ticks.isEmpty else { return }
    buffer += ticks
    signal.yield()
  }

  /// - Throws: when the link is to be given up.
  private func watch() async throws {
    // Who does not read must not blame the source for its silence.
    if isFull || (machine.isUp && !expectsMessages()) { _ = machine.handle(.message, at: now) }
    for action in machine.handle(.time, at: now) {
      switch action {
      case .ping: try await link?.ping()
      case .disconnect(let reason): throw Down(description: reason)
      case .connect, .subscribe: break
      }
    }
    for symbol in symbols {
      guard let link, let gap = trackers[symbol]?.request(at: now) else { continue }
      try await link.send(codec.replay(symbol: symbol, after: gap.after, before: gap.before))
    }
    expire()
  }

  private func expire() {
    for symbol in symbols { append(trackers[symbol]?.expire(at: now) ?? []) }
  }

  /// The time of receipt, by the machine's clock.
  package static func timeOfDay() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let microseconds = (Int64(time.tv_sec) - 946_684_800) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    return (try? Timestamp(microseconds: microseconds)) ?? .earliest
  }
}
