import NIOSSL
import Synchronization
import TestSupport
import Testing
import TradingCore

@testable import Feeds

/// A real client that polls a real server, on loopback.
@Suite(.commonTimeLimit)
struct PollingFeedTests {
  private func feed(
    _ url: String, symbols: [(symbol: String, after: Int64?)] = [("AAA", nil)], headers: [(String, String)] = [],
    interval: Duration = .milliseconds(20), staleAfter: Duration = patience, answersWithin: Duration = patience,
    trustRoots: NIOSSLTrustRoots? = nil
  ) throws -> LiveFeed {
    var policy = LinkMachine.Policy()
    policy.firstDelay = .milliseconds(20)
    policy.longestDelay = .milliseconds(80)
    policy.connectTimeout = answersWithin
    policy.staleAfter = staleAfter
    var missing = SequenceTracker<LiveTick>.Patience()
    missing.reorder = .milliseconds(50)
    return LiveFeed(
      try PollingTransport(url, headers: headers, interval: interval, trustRoots: trustRoots), positions: symbols,
      policy: policy, patience: missing, seed: 1)
  }

  /// Takes ticks until there are as many.
  private func read(_ feed: LiveFeed, count: Int) async throws -> [Int64] {
    try await withThrowingTaskGroup(of: [Int64].self) { group in
      group.addTask {
        await feed.run()
        return []
      }
      group.addTask {
        var numbers: [Int64] = []
        for await _ in feed.signals {
          numbers += await feed.take().map(\.number)
          if numbers.count >= count { break }
        }
        return numbers
      }
      defer { group.cancelAll() }
      return try await group.next() ?? []
    }
  }

  /// Runs a feed until its link has failed, and returns why.
  private func failure(_ feed: LiveFeed) async throws -> String {
    let task = Task { await feed.run() }
    try await eventually { await feed.figures.lastFailure != nil }
    task.cancel()
    await task.value
    return await feed.figures.lastFailure ?? ""
  }

  @Test func itAsksForWhatComesBehindWhatItHas() async throws {
    let requests = Mutex<[PollingSource.Request]>([])
    try await PollingSource.with { request in
      requests.withLock { $0.append(request) }
      switch request.number {
      case 0: try await request.trades([7, 8])
      case 1: try await request.answer(status: "304 Not Modified")
      case 2: try await request.answer(status: "204 No Content")
      case 3: try await request.answer("[]")
      case 4: try await request.trades([8, 9, 9, 10])
      default: try await request.trades([11])
      }
      return true
    } _: { source in
      let feed = try feed(source.url + "?key=1", symbols: [("AAA", 6), ("B%B", nil)], headers: [("Token", "secret")])
      #expect(try await read(feed, count: 5) == [7, 8, 9, 10, 11])
      let figures = await feed.figures
      #expect(figures.links == 1 && figures.duplicates == 2 && figures.lost == 0 && figures.unusable == 0)
    }
    let seen = requests.withLock { $0 }
    let afters = [6, 8, 8, 8, 8, 10]
    #expect(
      seen.prefix(6).map(\.asks)
        == afters.map { #"{"op":"subscribe","symbols":[{"after":\#($0),"symbol":"AAA"},{"symbol":"B%B"}]}"# })
    #expect(
      seen.allSatisfy {
        $0.head.hasPrefix("GET /ticks?key=1&request=%7B%22op%22") && $0.head.contains("\r\nToken: secret")
          && $0.connection == 0
      })
  }

  @Test func whatIsMissingIsAskedForInBetween() async throws {
    let asked = Mutex<[String]>([])
    try await PollingSource.with { request in
      if request.asks.contains("replay") {
        asked.withLock { $0.append(request.asks) }
        try await request.trades([2, 3])
      } else {
        try await request.trades(request.number == 0 ? [1] : [4])
      }
      return true
    } _: { source in
      let feed = try feed(source.url, interval: .seconds(1))
      #expect(try await read(feed, count: 4) == [1, 2, 3, 4])
    }
    #expect(asked.withLock { $0 } == [#"{"after":1,"before":4,"op":"replay","symbol":"AAA"}"#])
  }

  /// The tag goes with the request that it was the answer to.
  @Test func whatIsKnownNeedNotBeSentAgain() async throws {
    let tags = Mutex<[String?]>([])
    try await PollingSource.with { request in
      let line = request.head.split(separator: "\r\n").first { $0.hasPrefix("If-None-Match: ") }
      tags.withLock { $0.append(line.map { String($0.dropFirst(15)) }) }
      switch request.number {
      case 0: try await request.trades([1], fields: "ETag: \"a\"\r\n")
      case 1: try await request.answer("[]", fields: "ETag: \"b\"\r\n")
      case 2: try await request.answer(status: "304 Not Modified")
      default: try await request.trades([2])
      }
      return true
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 2) == [1, 2])
    }
    #expect(tags.withLock { Array($0.prefix(4)) } == [nil, nil, "\"b\"", "\"b\""])
  }

  @Test func manySymbolsGoInTheBody() async throws {
    let heads = Mutex<[String]>([])
    try await PollingSource.with { request in
      heads.withLock { $0.append(request.head) }
      if request.asks.contains(#"{"after":5,"symbol":"S999"}"#) { try await request.trades([1]) }
      return true
    } _: { source in
      let symbols = [(symbol: "AAA", after: Int64?.none)] + (0..<1_000).map { (symbol: "S\($0)", after: Int64?(5)) }
      let feed = try feed(source.url, symbols: symbols)
      #expect(try await read(feed, count: 1) == [1])
    }
    #expect(heads.withLock { $0[0].hasPrefix("POST /ticks HTTP/1.1") })
  }

  /// One answer per connection, connections that close while idle, and one that closes in the middle.
  @Test func connectionsThatCloseAreOpenedAgain() async throws {
    try await PollingSource.with { request in
      switch request.number {
      case 0, 1: try await request.trades([request.number + 1], fields: "Connection: close\r\n")
      case 2: try await request.trades([3])
      case 3: try await request.trades([4])
      default: try await request.trades([request.number + 1])
      }
      return request.number > 3 || request.number == 2
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 8) == Array(1...8))
      #expect(await feed.figures.links == 1)
    }
    try await PollingSource.with { request in
      if request.number == 1 {
        try await request.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{")
        return false
      }
      try await request.trades([request.number == 0 ? 1 : request.number])
      return true
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 2) == [1, 2])
      let figures = await feed.figures
      #expect(figures.links == 2 && figures.lastFailure?.contains("middle") == true)
    }
  }

  @Test(arguments: [
    ("500 Internal Server Error", "500"), ("401 Unauthorized", "401"), ("302 Found", "302"), ("100 Continue", "100"),
  ])
  func otherStatusesEndTheLink(_ status: String, _ word: String) async throws {
    try await PollingSource.with { request in
      try await request.answer("no", status: status, fields: "Location: http://127.0.0.1:1/\r\n")
      return false
    } _: { source in
      let feed = try feed(source.url)
      let reason = try await failure(feed)
      #expect(word == "100" || reason.contains(word))
      #expect(await feed.figures.links == 0)
    }
  }

  @Test func aSourceThatComesBackGoesOn() async throws {
    try await PollingSource.with { request in
      if request.number % 2 == 1 {
        try await request.answer("oops", status: "500 Internal Server Error")
      } else {
        try await request.trades([request.number / 2 + 1])
      }
      return true
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 4) == [1, 2, 3, 4])
      #expect(await feed.figures.links == 4)
    }
  }

  /// In seconds, and as a date.
  @Test(arguments: [
    ("429 Too Many Requests", "Retry-After: 1\r\n"),
    (
      "503 Service Unavailable", "Date: Thu, 31 Dec 2026 23:59:59 GMT\r\nRetry-After: Fri, 01 Jan 2027 00:00:00 GMT\r\n"
    ),
  ])
  func aBusySourceIsLeftAlone(_ status: String, _ fields: String) async throws {
    let times = Mutex<[ContinuousClock.Instant]>([])
    try await PollingSource.with { request in
      times.withLock { $0.append(.now) }
      if request.number == 0 {
        try await request.answer(status: status, fields: fields)
      } else {
        try await request.trades([1])
      }
      return true
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 1) == [1])
    }
    let seen = times.withLock { $0 }
    #expect(seen[1] - seen[0] >= .seconds(1))
  }

  @Test func theSourceMaySetThePace() async throws {
    let times = Mutex<[ContinuousClock.Instant]>([])
    try await PollingSource.with { request in
      times.withLock { $0.append(.now) }
      try await request.trades([request.number + 1], fields: "Retry-After: \(request.number == 0 ? 1 : 0)\r\n")
      return true
    } _: { source in
      // At the feed's own pace this would take for ever.
      let feed = try feed(source.url, interval: .seconds(86_400))
      #expect(try await read(feed, count: 3) == [1, 2, 3])
    }
    let seen = times.withLock { $0 }
    #expect(seen[1] - seen[0] >= .seconds(1))
  }

  @Test(arguments: ["\0\u{1}garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ""])
  func whatIsNoHTTPEndsTheLink(_ bytes: String) async throws {
    try await PollingSource.with { request in
      if !bytes.isEmpty { try await request.send(bytes) }
      return false
    } _: { source in
      let feed = try feed(source.url)
      let reason = try await failure(feed)
      #expect(reason.contains(bytes.isEmpty ? "without an answer" : "does not speak HTTP"))
      #expect(await feed.figures.links == 0)
    }
  }

  @Test func garbageInAnAnswerIsCountedAndAPageForPeopleIsNoAnswer() async throws {
    try await PollingSource.with { request in
      switch request.number {
      case 0: try await request.answer("nonsense")
      case 1: try await request.answer("[\(trade(1)),\(trade(1, of: "OTHER")),{\"type\":\"status\"},7]")
      case 2:
        try await request.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhtml")
      default: try await request.trades([2])
      }
      return true
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 2) == [1, 2])
      let figures = await feed.figures
      #expect(figures.unusable == 4 && figures.links == 2 && figures.lastFailure?.contains("text/html") == true)
    }
  }

  /// What is wrong in an answer is not asked for for ever.
  @Test func aMessageThatCannotBeReadIsGivenUp() async throws {
    try await PollingSource.with { request in
      let bad = #"{"type":"trade","symbol":"AAA","ts":"2024-01-02T14:30:00Z","seq":2,"price":"x","size":1}"#
      try await request.answer("[\(trade(1)),\(bad),\(trade(3)),\(trade(4))]")
      return true
    } _: { source in
      let feed = try feed(source.url)
      #expect(try await read(feed, count: 3) == [1, 3, 4])
      #expect(await feed.figures.lost == 1)
    }
  }

  @Test func aSourceOfNothingButGarbageIsDown() async throws {
    try await PollingSource.with { request in
      try await request.answer("nonsense")
      return true
    } _: { source in
      let feed = try feed(source.url, staleAfter: .seconds(2))
      let reason = try await failure(feed)
      #expect(reason.contains("silent"))
    }
  }

  /// With a length, and without an end.
  @Test(arguments: [true, false])
  func aHugeAnswerIsNotReadToItsEnd(_ hasLength: Bool) async throws {
    let sent = Mutex(0)
    try await PollingSource.with { request in
      try await request.send(
        "HTTP/1.1 200 OK\r\n"
          + (hasLength ? "Content-Length: 1000000000\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n"))
      let piece = String(repeating: " ", count: 1 << 16)
      while true {
        try await request.send(hasLength ? piece : "10000\r\n\(piece)\r\n")
        sent.withLock { $0 += 1 << 16 }
      }
    } _: { source in
      let reason = try await failure(try feed(source.url))
      #expect(reason.contains("more than"))
    }
    #expect(sent.withLock { $0 } < 200_000_000)
  }

  /// Says nothing, or never comes to an end.
  @Test(arguments: [0, 1])
  func aSlowSourceIsDown(_ good: Int) async throws {
    try await PollingSource.with { request in
      if request.number < good {
        try await request.trades([1])
        return true
      }
      if good > 0 { try await request.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n") }
      while true {
        if good > 0 { try await request.send(" ") }
        try await Task.sleep(for: .milliseconds(50))
      }
    } _: { source in
      let feed = try feed(
        source.url, staleAfter: good > 0 ? .seconds(2) : patience, answersWithin: good > 0 ? patience : .seconds(2))
      let start = ContinuousClock.now
      let reason = try await failure(feed)
      #expect(reason.contains(good > 0 ? "silent" : "no answer"))
      #expect(ContinuousClock.now - start >= .seconds(2))
    }
  }

  /// Answers without ticks keep the link.
  @Test func aQuietMarketIsNoSilence() async throws {
    try await PollingSource.with { request in
      if request.number < 120 {
        try await request.answer(status: "304 Not Modified")
      } else {
        try await request.trades([7])
      }
      return true
    } _: { source in
      let feed = try feed(source.url, interval: .milliseconds(50), staleAfter: .seconds(5))
      #expect(try await read(feed, count: 1) == [7])
      #expect(await feed.figures.links == 1)
    }
  }

  /// A certificate counts when it is trusted, and is for this address.
  @Test func overTLSTheSourceHasToBeWhoItIs() async throws {
    let certificate = try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem)
    let server = TLSConfiguration.makeServerConfiguration(
      certificateChain: [.certificate(certificate)],
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem)))
    try await PollingSource.with(tls: try NIOSSLContext(configuration: server)) { request in
      try await request.trades([request.number + 1])
      return true
    } _: { source in
      let url = "https://127.0.0.1:\(source.port)/ticks"
      let untrusting = try feed(url)
      let reason = try await failure(untrusting)
      #expect(reason.contains("CERTIFICATE_VERIFY_FAILED"))
      #expect(await untrusting.figures.links == 0)
      let trusting = try feed(url, trustRoots: .certificates([certificate]))
      #expect(try await read(trusting, count: 2) == [1, 2])
    }
  }

  @Test(arguments: ["ws://x/", "http:/x", "https://", "https://user:secret@h/", "http://h:0/", "http://h/a b"])
  func otherAddressesAreRefused(_ url: String) {
    #expect { try PollingTransport(url) } throws: { ($0 as? FeedError)?.code == .invalidOption }
  }

  /// For 127.0.0.1, from 2020 to 2119, signed by itself. Nobody else uses its key.
  private static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
    c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
    CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGcxKXzxdWPCRgGY
    Z1+bRH/QFJqatcLFvnsniXQOlkj83606p/sYVpr3u66TK/3Q2myiCLUFOUsO9+tn
    8inmdV6jTjBMMBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAPBgNVHRMBAf8E
    BTADAQH/MB0GA1UdDgQWBBQahzXumHqKJhvizZO/Ldz1FDgu0zAKBggqhkjOPQQD
    AgNIADBFAiA63YtPnNDYH+NK8Xf5Ljy9wy0g7kWhR4kwgM+ixkj13AIhAJjlHSTu
    CGCmR8s6G5F29/TJvoAOjp2IXPLVglEb3MOO
    -----END CERTIFICATE-----
    """
  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwqNzxa9NcjUHxeEU
    oLCHWiTP9my/dv7YJyJJipBV0euhRANCAARnMSl88XVjwkYBmGdfm0R/0BSamrXC
    xb57J4l0DpZI/N+tOqf7GFaa97uukyv90Npsogi1BTlLDvfrZ/Ip5nVe
    -----END PRIVATE KEY-----
    """
}
