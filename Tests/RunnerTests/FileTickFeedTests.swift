import Feeds
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

@Suite struct FileTickFeedTests {
  /// Two files with 5 and 4 ticks.
  private func withFiles(_ body: ([String]) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for (file, count) in [5, 4].enumerated() {
      var text = "ts,symbol,price,size\n"
      for row in 1...count { text += "2013-10-0\(file + 7)T14:30:0\(row)Z,IBM,18\(row),100\n" }
      paths.append(try folder.file(text, "day\(file).csv"))
    }
    try await body(paths)
  }

  private func feed(_ paths: [String]) throws -> FileTickFeed {
    try FileTickFeed(
      paths: paths, options: FileOptions(), listings: ["IBM": Listing(instrument: 1, timeZone: "America/New_York")])
  }

  /// The ticks from these cursors on, as day and second, and the cursors at the end.
  private func read(
    _ feed: FileTickFeed, at cursors: [EngineStore.Cursor?], limit: Int
  ) async throws -> (ticks: [String], ends: [String: Int64]) {
    var ticks: [String] = []
    var ends: [String: Int64] = [:]
    _ = try await feed.open([], of: [1], at: cursors)
    while let batch = try await feed.next(limit: limit) {
      guard case .newTicks(let new) = batch.events else { continue }
      #expect(new.ticks.count <= limit)
      ticks += new.ticks.map { "\($0.time.description.dropFirst(8).prefix(2)) \($0.price)" }
      for cursor in batch.cursors { ends[cursor.name] = cursor.position }
    }
    return (ticks, ends)
  }

  private func cursor(_ row: Int64, isFinished: Bool = false) -> EngineStore.Cursor {
    EngineStore.Cursor(position: row, sequence: 0, at: nil, isFinished: isFinished)
  }

  @Test func rowsThatCannotBeUsedAreCountedOnce() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      "ts,symbol,price,size\n2013-10-07T14:30:01Z,IBM,181,100\nrubbish,IBM,181,100\n2013-10-07T14:30:02Z,IBM,-1,100\n2013-10-07T14:30:03Z,IBM,182,100\n",
      "bad.csv")
    let feed = try feed([path])
    // The runner reads a batch again that failed to commit.
    for _ in 1...2 { #expect(try await read(feed, at: [nil], limit: 1).ticks.count == 2) }
    #expect(await feed.rejectedCount == 2)
    #expect(await feed.rejects.map(\.row.line) == [3, 4])
  }

  @Test func goesOnBehindEveryRow() async throws {
    try await withFiles { paths in
      let names = try feed(paths).cursors(for: [])
      #expect(Set(names).count == 2)
      let whole = try await read(try feed(paths), at: [nil, nil], limit: 3)
      #expect(whole.ticks.count == 9)
      #expect(whole.ends == [names[0]: 5, names[1]: 4])
      for row in 1...5 {
        let rest = try await read(try feed(paths), at: [cursor(Int64(row)), nil], limit: 2)
        #expect(rest.ticks == Array(whole.ticks.dropFirst(row)))
      }
      for row in 1...4 {
        let rest = try await read(try feed(paths), at: [cursor(5), cursor(Int64(row))], limit: 100)
        #expect(rest.ticks == Array(whole.ticks.dropFirst(5 + row)))
      }
    }
  }

  @Test func filesThatWereFedAloneBeforeAreLeftOut() async throws {
    try await withFiles { paths in
      let whole = try await read(try feed(paths), at: [nil, nil], limit: 3)
      let afterFirst = try await read(try feed(paths), at: [cursor(5, isFinished: true), nil], limit: 3)
      #expect(afterFirst.ticks == Array(whole.ticks.dropFirst(5)))
      let afterSecond = try await read(try feed(paths), at: [nil, cursor(4, isFinished: true)], limit: 3)
      #expect(afterSecond.ticks == Array(whole.ticks.prefix(5)))
    }
  }

  @Test(.needsServer, .commonTimeLimit)
  func symbolsThatNobodyKnewAreListedAtOnce() async throws {
    try await TestDatabase.withSchema("SELECT market.add_instrument(symbol => 'OLD')") { _, connection in
      let listings = try await EngineStore(connection).listings(of: ["NEW", "OLD"], exchange: nil)
      #expect(listings.mapValues(\.instrument) == ["OLD": 1, "NEW": 2])
    }
  }
}
