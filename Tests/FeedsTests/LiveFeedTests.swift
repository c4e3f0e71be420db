import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import TradingCore

@testable import Feeds

/// A real client and a real server, on loopback.
@Suite(.commonTimeLimit)
struct LiveFeedTests {
  private static func policy(staleAfter: Duration, connectTimeout: Duration) -> LinkMachine.Policy {
    var policy = LinkMachine.Policy()
    policy.firstDelay = .milliseconds(20)
    policy.longestDelay = .milliseconds(80)
    policy.connectTimeout = connectTimeout
    policy.pingAfter = .milliseconds(100)
    policy.staleAfter = staleAfter
    return policy
  }

  private func feed(
    _ url: String, after: Int64? = nil, bufferLimit: Int = 100_000, staleAfter: Duration = patience,
    connectTimeout: Duration = patience, gap: Duration = patience
  ) throws -> LiveFeed {
    var missing = SequenceTracker<LiveTick>.Patience()
    missing.reorder = .milliseconds(300)
    missing.gap = gap
    return LiveFeed(
      try WebSocketTransport(url), positions: [("AAA", after)],
      policy: Self.policy(staleAfter: staleAfter, connectTimeout: connectTimeout), patience: missing, seed: 1,
      bufferLimit: bufferLimit)
  }

  /// Takes ticks until there are as many, and returns their numbers.
  private func read(
    _ feed: LiveFeed, count: Int, body: @Sendable ([LiveTick]) async throws -> Void = { _ in }
  ) async throws -> [Int64] {
    try await withThrowingTaskGroup(of: [Int64]?.self) { group in
      group.addTask {
        await feed.run()
        return nil
      }
      group.addTask {
        var numbers: [Int64] = []
        for await _ in feed.signals {
          let ticks = await feed.take()
          numbers += ticks.map(\.number)
          if numbers.count >= count { return numbers }
        }
        return numbers
      }
      defer { group.cancelAll() }
      return try await group.next()! ?? []
    }
  }

  private static func idle() async throws { try await Task.sleep(for: patience * 2) }

  @Test func ticksComeOnceAndInOrderWhateverTheLinkDoes() async throws {
    let asked = Mutex<[String]>([])
    try await TestSource.with { link in
      var requests = link.requests.makeAsyncIterator()
      let request = await requests.next() ?? ""
      asked.withLock { $0.append(request) }
      switch link.number {
      case 0:
        // Duplicates and a swap, then the link drops.
        try await link.trades([1, 2, 2, 1, 4, 3, 5])
      case 1:
        // What was there already once more, and three numbers that are missing until they are asked for.
        try await link.trades([4, 5, 6, 7, 11])
        asked.withLock { $0.append("replay") }
        let replay = await requests.next() ?? ""
        asked.withLock { $0[$0.count - 1] = replay }
        try await link.trades([8, 9, 10, 12])
        try await Self.idle()
      default: break
      }
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 12) == Array(1...12))
      let figures = await feed.figures
      #expect(figures.links == 2 && figures.duplicates == 4 && figures.lost == 0)
    }
    #expect(
      asked.withLock { $0 } == [
        #"{"op":"subscribe","symbols":[{"symbol":"AAA"}]}"#,
        #"{"op":"subscribe","symbols":[{"after":5,"symbol":"AAA"}]}"#,
        #"{"after":7,"before":11,"op":"replay","symbol":"AAA"}"#,
      ])
  }

  /// What comes in one piece with the answer to the first request counts, too.
  @Test func aSourceThatSendsAtOnceLosesNothing() async throws {
    try await TestSource.with { link in
      try await link.trades(1...500)
      try await Self.idle()
    } _: { source in
      for _ in 0..<5 {
        let feed = try feed(source.url)
        expectEqual(try await read(feed, count: 500), 1...500)
      }
    }
  }

  @Test func itGoesOnBehindWhatIsStored() async throws {
    try await TestSource.with { link in
      var requests = link.requests.makeAsyncIterator()
      let request = await requests.next() ?? ""
      if request.contains(#""after":41"#) { try await link.trades(40...44) }
      try await Self.idle()
    } _: { source in
      let feed = try feed(source.url, after: 41)
      #expect(try await read(feed, count: 3) == [42, 43, 44])
    }
  }

  @Test func whatDoesNotComeIsGivenUp() async throws {
    try await TestSource.with { link in
      try await link.trades([1, 2, 5, 6])
      while true {
        try await Task.sleep(for: .milliseconds(50))
        try await link.send(#"{"type":"heartbeat"}"#)
      }
    } _: { source in
      let feed = try feed(source.url, gap: .seconds(1))
      #expect(try await read(feed, count: 4) == [1, 2, 5, 6])
      #expect(await feed.figures.lost == 2)
    }
  }

  /// The source answers pings, and that is all: it counts as down.
  @Test func aSilentLinkCountsAsDown() async throws {
    try await TestSource.with { link in
      // One tick behind what is there, on each link.
      var requests = link.requests.makeAsyncIterator()
      let after = await requests.next()?.split(separator: #""after":"#).dropFirst().first?.prefix { $0.isNumber }
      try await link.trades([(after.flatMap { Int($0) } ?? 0) + 1])
      try await Self.idle()
    } _: { source in
      let feed = try feed(source.url, staleAfter: .milliseconds(300))
      let start = ContinuousClock.now
      #expect(try await read(feed, count: 3) == [1, 2, 3])
      #expect(ContinuousClock.now - start >= .milliseconds(600))
      let figures = await feed.figures
      #expect(figures.links >= 3 && figures.lastFailure?.contains("silent") == true)
    }
  }

  /// Heartbeats alone keep a link.
  @Test func aQuietMarketIsNoSilence() async throws {
    try await TestSource.with { link in
      for _ in 0..<40 {
        try await Task.sleep(for: .milliseconds(300))
        try await link.send(#"{"type":"heartbeat"}"#)
      }
      try await link.trades([7])
      try await Self.idle()
    } _: { source in
      let feed = try feed(source.url, staleAfter: .seconds(10))
      #expect(try await read(feed, count: 1) == [7])
      #expect(await feed.figures.links == 1)
    }
  }

  @Test func whatCannotBeUnderstoodIsCountedAndLeftOut() async throws {
    try await TestSource.with { link in
      try await link.send("nonsense")
      try await link.send(#"{"type":"trade","symbol":"AAA"}"#)
      try await link.send(trade(1, of: "OTHER"))
      try await link.send("[\(trade(1)),\(trade(2))]")
      try await Self.idle()
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 2) == [1, 2])
      let figures = await feed.figures
      #expect(figures.unusable == 3 && figures.links == 1)
    }
  }

  /// A reader that takes nothing makes the source wait, in bounded memory, and misses nothing.
  @Test func aSlowReaderMissesNothing() async throws {
    try await TestSource.with { link in
      try await link.trades(1...5_000)
      try await Self.idle()
    } _: { source in
      let feed = try feed(source.url, bufferLimit: 50, staleAfter: .seconds(10))
      let numbers = try await withThrowingTaskGroup(of: [Int64].self) { group in
        group.addTask {
          await feed.run()
          return []
        }
        group.addTask {
          // Longer than the time after which a silent link is given up.
          try await Task.sleep(for: .seconds(12))
          var numbers: [Int64] = []
          for await _ in feed.signals {
            let ticks = await feed.take()
            #expect(ticks.count <= 50)
            numbers += ticks.map(\.number)
            if numbers.count >= 5_000 { break }
          }
          return numbers
        }
        defer { group.cancelAll() }
        return try await group.next() ?? []
      }
      expectEqual(numbers, 1...5_000)
      #expect(await feed.figures.links == 1)
    }
  }

  /// A server that accepts and says nothing, and a port where nobody listens.
  @Test func aSourceThatDoesNotAnswerIsTriedAgain() async throws {
    let mute = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(mute.localAddress?.port)
    for isOpen in [true, false] {
      if !isOpen { try await mute.close() }
      let feed = try feed("ws://127.0.0.1:\(port)/", connectTimeout: .milliseconds(400))
      let start = ContinuousClock.now
      let task = Task { await feed.run() }
      try await eventually { await feed.figures.lastFailure != nil }
      task.cancel()
      await task.value
      let figures = await feed.figures
      #expect(figures.links == 0 && !figures.isUp)
      if isOpen { #expect(ContinuousClock.now - start >= .milliseconds(400)) }
    }
  }

  @Test(arguments: [
    "http://x/", "ws:/x", "x", "ws://", "ws://h:0/", "ws://h:99999", "ws://user:secret@h/", "ws://h:p/",
  ])
  func otherAddressesAreRefused(_ url: String) {
    #expect { try WebSocketTransport(url) } throws: { ($0 as? FeedError)?.code == .invalidOption }
  }
}
