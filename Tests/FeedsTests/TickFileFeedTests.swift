import Testing
import TradingCore

@testable import Feeds

private let newYork = "America/New_York"
private let listings = [
  "AIG": Listing(instrument: 1, timeZone: newYork), "BAC": Listing(instrument: 2, timeZone: newYork),
  "IBM": Listing(instrument: 3, timeZone: newYork),
]

/// All ticks of a file, read in batches of this size.
private func ticks(
  _ path: String, by limit: Int = 1_000, options: FileOptions = FileOptions(), instruments: [String: Listing] = listings
) throws -> [Tick] {
  let feed = try TickFileFeed(path, options: options, instruments: instruments)
  var ticks: [Tick] = []
  var batch = TickBatch()
  while try feed.read(into: &batch, upTo: limit) { ticks += batch.ticks }
  return ticks
}

@Suite struct TickFileFeedTests {
  @Test func sequenceCountsTicksOfTheSameInstrumentAndTimeAcrossBatches() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      """
      ts,symbol,price,size
      2013-10-07T08:00:00Z,IBM,1,1
      2013-10-07T08:00:00Z,BAC,2,1
      2013-10-07T08:00:00Z,IBM,3,1
      2013-10-07T08:00:00Z,IBM,4,1
      2013-10-07T08:00:01Z,IBM,5,1
      2013-10-07T08:00:00Z,IBM,6,1
      2013-10-07T08:00:01Z,BAC,7,1

      """)
    for limit in 1...8 {
      let ticks = try ticks(path, by: limit)
      #expect(ticks.map(\.sequence) == [0, 0, 1, 2, 0, 3, 0])
      #expect(ticks.map(\.price) == [1, 2, 3, 4, 5, 6, 7])
    }
  }

  @Test(.enabled(if: RealFile.areThere, RealFile.reason), arguments: [
    (RealFile.ticksOfMonday, 137_816), (.ticksOfTuesday, 202_595),
  ])
  func readsEveryTickOfARealDay(file: RealFile, count: Int) throws {
    let feed = try TickFileFeed(file.path, instruments: listings)
    var found = 0
    var batch = TickBatch()
    while try feed.read(into: &batch, upTo: 10_000) { found += batch.count }
    #expect(found == count)
    #expect(feed.row == count)
    #expect(feed.rejectedCount == 0)
  }

  @Test(.enabled(if: RealFile.areThere, RealFile.reason))
  func goingOnAfterARestartGivesTheSameTicks() throws {
    let whole = try ticks(RealFile.ticksOfMonday.path)
    let first = try #require(whole.first)
    #expect(first.time.description == "2013-10-07T08:00:00.614Z")
    #expect((first.instrument, first.price, first.size) == (2, 13.94, 500))

    let feed = try TickFileFeed(RealFile.ticksOfMonday.path, instruments: listings)
    try feed.skip(to: 70_001)
    let batch = try #require(try feed.read(upTo: 5_000))
    #expect(batch.ticks == Array(whole[70_001..<75_001]))
    #expect((batch.firstRow, batch.lastRow) == (70_002, 75_001))
  }

  @Test(.enabled(if: RealFile.areThere, RealFile.reason))
  func collectsTheSymbolsOfAFile() throws {
    #expect(try TickFileFeed.symbols(of: RealFile.ticksOfMonday.path).sorted() == ["AIG", "BAC", "IBM"])
  }
}
