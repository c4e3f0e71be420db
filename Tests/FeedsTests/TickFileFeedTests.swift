import TestSupport
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

  @Test(
    .needsRealFiles,
    arguments: [
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

  @Test(.needsRealFiles)
  func goingOnAfterARestartGivesTheSameTicks() throws {
    let whole = try ticks(RealFile.ticksOfMonday.path)
    let first = try #require(whole.first)
    #expect(first.time.description == "2013-10-07T08:00:00.614Z")
    #expect((first.instrument, first.price, first.size) == (2, 13.94, 500))

    let feed = try TickFileFeed(RealFile.ticksOfMonday.path, instruments: listings)
    try feed.skip(to: 70_001)
    let batch = try #require(try feed.read(upTo: 5_000))
    expectEqual(batch.ticks, whole[70_001..<75_001])
    #expect((batch.firstRow, batch.lastRow) == (70_002, 75_001))
  }

  /// One absurd price is left out, two that agree are the market; the same when the file is read in pieces.
  @Test func jumpsAreRejectedWhereverReadingBegins() throws {
    let folder = try TemporaryFolder()
    let prices = [10, 11, 999, 10, 0.5, 12, 500, 501, 502, 11, 505, 506]
    let rows = prices.enumerated().map { "2013-10-07T08:00:\(10 + $0)Z,IBM,\($1),1,\($0 == 4 ? "odd" : "")" }
    let path = try folder.file((["ts,symbol,price,size,sale_condition"] + rows).joined(separator: "\n"))
    let listing = [
      "IBM": Listing(instrument: 1, timeZone: "America/New_York", collar: 10, suspiciousConditions: ["odd"])
    ]
    for row in 0...prices.count {
      let feed = try TickFileFeed(path, instruments: listing)
      try feed.skip(to: row)
      var read: [Double] = []
      var doubted: [Double] = []
      while let batch = try feed.read(upTo: 2) {
        read += batch.ticks.map(\.price)
        doubted += batch.ticks.indices.filter { batch.isSuspicious[$0] }.map { batch.ticks[$0].price }
        #expect(batch.rejected.allSatisfy { $0.kind == .jump })
      }
      let accepted = [10, 11, nil, 10, 0.5, 12, nil, 501, 502, nil, 505, 506]
      #expect(read == accepted[row...].compactMap { $0 })
      #expect(doubted == (row <= 4 ? [0.5] : []))
    }
  }

  @Test func ticksOfDaysThatHaveBeenDroppedAreRejected() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      "ts,symbol,price,size\n2013-10-07T23:59:59.999999Z,IBM,1,1\n2013-10-08T00:00Z,IBM,2,1\n2013-10-07T08:00Z,AIG,3,1\n"
    )
    var listing = listings
    listing["IBM"]?.earliest = try Timestamp("2013-10-08T00:00Z")
    let batch = try #require(try TickFileFeed(path, instruments: listing).read(upTo: 10))
    #expect(batch.ticks.map(\.price) == [2, 3])
    #expect(batch.rejected.map(\.kind) == [.time])
  }

  @Test func aFileOfNothingButBadRowsDoesNotGather() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("ts,symbol,price,size\n" + String(repeating: "2013-10-07T08:00Z,IBM,0,1\n", count: 100))
    let feed = try TickFileFeed(path, instruments: listings)
    var rows = 0
    while let batch = try feed.read(upTo: 7) {
      #expect(batch.isEmpty && batch.rejected.count <= 7)
      rows += batch.rejected.count
      #expect(batch.lastRow == rows)
    }
    #expect(rows == 100)
  }

  @Test(.needsRealFiles)
  func collectsTheSymbolsOfAFile() throws {
    #expect(try TickFileFeed.symbols(of: RealFile.ticksOfMonday.path).sorted() == ["AIG", "BAC", "IBM"])
  }

  @Test(arguments: [
    (",IBM,1,1", "time is missing"), ("yesterday,IBM,1,1", "time \"yesterday\" is not readable"),
    ("2013-10-07T08:00Z,,1,1", "symbol is missing"), ("2013-10-07T08:00Z,a:b,1,1", "symbol \"a:b\" is not readable"),
    ("2013-10-07T08:00Z,\u{e9},1,1", "symbol \"\u{e9}\" is not readable"),
    ("2013-10-07T08:00Z,IBM,,1", "price is missing"),
    ("2013-10-07T08:00Z,IBM,NaN,1", "price \"NaN\" is no finite number"),
    ("2013-10-07T08:00Z,IBM,1e999,1", "price \"1e999\" is no finite number"),
    ("2013-10-07T08:00Z,IBM,0,1", "price \"0\" is not positive"),
    ("2013-10-07T08:00Z,IBM,-1,1", "price \"-1\" is not positive"),
    ("2013-10-07T08:00Z,IBM,1,", "size is missing"), ("2013-10-07T08:00Z,IBM,1,x", "size \"x\" is no finite number"),
    ("2013-10-07T08:00Z,IBM,1,-1", "size \"-1\" is negative"),
    ("2013-10-07T08:00Z,IBM,1", "3 fields where the header has 4"),
    ("2013-10-07T08:00Z,IBM,1,1,1", "5 fields where the header has 4"),
    ("\"2013-10-07T08:00Z,IBM,1,1", "a quote opens and does not close as it should"),
    ("9999-12-31T23:59-10,IBM,1,1", "time \"9999-12-31T23:59-10\" is not readable"),
  ])
  func aBadRowIsRejectedAndTheOthersAreRead(row: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let good = "2013-10-07T08:00:00Z,IBM,1,1"
    let path = try folder.file("ts,symbol,price,size\n\(good)\n\(row)\n\(good)\n")
    let feed = try TickFileFeed(path, instruments: listings)
    let batch = try #require(try feed.read(upTo: 10))
    #expect(batch.ticks.map(\.sequence) == [0, 1])
    #expect((feed.row, feed.rejectedCount) == (3, 1))
    // What it is about is the reason's first word; what is no tick at all has no kind.
    let kinds: [Substring: RejectedRow.Kind] = ["time": .time, "price": .price, "size": .size]
    let kind = reason.split(separator: " ").first.flatMap { kinds[$0] }
    #expect(feed.rejected == [RejectedRow(line: 3, reason: reason, content: row, kind: kind)])
    #expect(batch.rejected == feed.rejected)
    #expect(batch.lastRow == 3)
  }

  @Test func bytesThatAreNoTextAreRejected() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      Array("ts,symbol,price,size,venue\n2013-10-07,IBM,1,1,".utf8) + [0xFF, 0x0A] + Array("2013-10-07,IBM,1,1,".utf8)
        + [0x00, 0x0A] + Array("2013-10-07,IBM,1,1,Zürich\n".utf8))
    let feed = try TickFileFeed(path, instruments: listings)
    let batch = try #require(try feed.read(upTo: 10))
    #expect(batch.venue(0) == "Zürich")
    #expect(feed.rejected.map(\.reason) == ["venue is no text in UTF-8", "venue is no text in UTF-8"])
    #expect(feed.rejected.map(\.content) == ["2013-10-07,IBM,1,1,\u{FFFD}", "2013-10-07,IBM,1,1,\u{FFFD}"])
  }

  @Test func keepsVenueConditionAndDoubt() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      """
      Timestamp,Ticker,Price,Quantity,Exchange,Sale Condition,Suspicious
      2013-10-07,IBM,1,1,P,@ I,0
      2013-10-07,IBM,1,1,,,
      2013-10-07,IBM,1,1,"Q","",TRUE
      2013-10-07,IBM,1,1,\(String(repeating: "v", count: 300)),x,f
      2013-10-07,IBM,1,1,a,b,maybe
      """)
    let feed = try TickFileFeed(path, instruments: listings)
    let batch = try #require(try feed.read(upTo: 10))
    #expect((0..<4).map(batch.venue) == ["P", nil, "Q", String(repeating: "v", count: 300)])
    #expect((0..<4).map(batch.saleCondition) == ["@ I", nil, nil, "x"])
    #expect(batch.isSuspicious == [false, false, true, false])
    #expect(feed.rejected.map(\.reason) == ["suspicious \"maybe\" is neither true nor false"])
  }

  @Test func symbolsThatAreNotWantedAreSkippedAndCounted() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(syntheticTape(count: 300, seed: 5))
    let only = ["BBB": Listing(instrument: 9, timeZone: newYork)]
    let feed = try TickFileFeed(path, instruments: only)
    let batch = try #require(try feed.read(upTo: 1_000))
    let everything = try ticks(
      path,
      instruments: [
        "AAA": Listing(instrument: 8, timeZone: newYork), "BBB": only["BBB"]!,
        "CCC": Listing(instrument: 7, timeZone: newYork),
      ])
    #expect(batch.ticks == everything.filter { $0.instrument == 9 })
    #expect(feed.skippedCount == 300 - batch.count)
    #expect(batch.lastRow == 300)
    #expect(try feed.read(upTo: 1) == nil)
  }

  @Test func anyRestartAndAnyBatchesGiveTheSameTicks() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(syntheticTape(count: 1_500, seed: 3))
    let listings = Dictionary(
      uniqueKeysWithValues: ["AAA", "BBB", "CCC"].enumerated().map {
        ($1, Listing(instrument: Int32($0), timeZone: newYork))
      })
    let whole = try ticks(path, by: .max, instruments: listings)
    #expect(whole.count == 1_500)
    var draws = Draws(seed: 7)
    for _ in 0..<20 {
      var found: [Tick] = []
      var feed = try TickFileFeed(path, instruments: listings)
      while let batch = try feed.read(upTo: 1 + draws.draw(200)) {
        #expect(batch.firstRow == found.count + 1)
        found += batch.ticks
        if draws.draw(3) == 0 {
          feed = try TickFileFeed(path, instruments: listings)
          try feed.skip(to: batch.lastRow)
        }
      }
      expectEqual(found, whole)
    }
  }

  @Test func aTapeThatJumpsFarBackIsRefused() throws {
    let folder = try TemporaryFolder()
    let forwards = (0..<600).map { "\(1_381_132_800 + $0),IBM,1,1" }
    let path = try folder.file((["ts,symbol,price,size"] + forwards + ["1381132810,IBM,1,1"]).joined(separator: "\n"))
    let error = #expect(throws: FeedError.self) { try ticks(path) }
    #expect(error?.code == .disorderedTape)
  }

  @Test func theNameTellsContentAndOptionsApart() throws {
    let folder = try TemporaryFolder()
    let text = "ts,symbol,price,size,bid\n2013-10-07,IBM,1,1,2\n"
    let path = try folder.file(text, "a.csv")
    let changed = try folder.file(text.replacing("IBM,1", with: "IBM,2"), "b.csv")
    func name(_ path: String, _ options: FileOptions = FileOptions()) throws -> String {
      try TickFileFeed(path, options: options, instruments: listings).name
    }
    #expect(try name(path) == "ticks:a.csv:\(String(try checksum(of: path).checksum, radix: 16)):\(text.utf8.count)")
    #expect(try name(path).dropFirst("ticks:a.csv".count) != (try name(changed)).dropFirst("ticks:b.csv".count))
    let names = [
      try name(path), try name(path, FileOptions(timeZone: "UTC")), try name(path, FileOptions(symbol: "X")),
      try name(path, FileOptions(map: [.price: "bid"])), try name(path, FileOptions(map: [.size: ""])),
    ]
    #expect(Set(names).count == names.count)
  }

  @Test func aPipeIsRefused() throws {
    let error = #expect(throws: FeedError.self) { _ = try TickFileFeed("/dev/null", instruments: listings) }
    #expect(error?.code == .cannotOpen)
  }

  @Test func optionsReplaceColumnsAndZone() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("Zeit;,Kurs\n2013-10-07 10:00,5\n", "x.csv")
    let options = FileOptions(map: [.ts: "zeit", .price: "Kurs", .size: ""], timeZone: "Europe/Berlin", symbol: "IBM")
    let ticks = try ticks(path, options: options)
    #expect(ticks.map(\.time.description) == ["2013-10-07T08:00:00Z"])
    #expect(ticks.map(\.size) == [0])
  }

  @Test func theSyntheticFixtureIsWhatItsGeneratorMakes() throws {
    let text = String(decoding: try contents(fixture("market/synthetic_ticks.csv")), as: UTF8.self)
    expectEqual(text.split(separator: "\n"), syntheticTape(count: 400, seed: 1).split(separator: "\n"))
  }
}

@Suite struct TapeNumberingTests {
  /// Against a count of all times: a number is right, or it is withheld.
  @Test(arguments: [(1, 100), (2, 300), (3, 5_000), (4, 100_000)] as [(UInt64, UInt64)])
  func numbersAreThoseOfAFullCount(seed: UInt64, spread: UInt64) throws {
    var draws = Draws(seed: seed)
    var numbering = TapeNumbering()
    var counts: [Int64: Int32] = [:]
    var withheld = 0
    for place in 0..<20_000 {
      let time = Int64(place / 3) + Int64(draws.draw(spread))
      let expected = counts[time, default: 0]
      counts[time] = expected + 1
      guard let number = numbering.number(time) else {
        withheld += 1
        continue
      }
      try #require(number == expected)
    }
    #expect(spread > 256 || withheld == 0)
    #expect(spread < 5_000 || withheld > 0)
  }

  @Test func tapesThatRunBackwardsAreNumberedForEver() {
    var numbering = TapeNumbering()
    for time in stride(from: 10_000 as Int64, to: 0, by: -1) {
      #expect(numbering.number(time) == 0)
      #expect(numbering.number(time) == 1)
    }
  }
}

@Suite struct ColumnMapTests {
  private func columns(_ header: [String], _ options: FileOptions = FileOptions()) throws(FeedError) -> ColumnMap {
    try ColumnMap(header: header, required: BarReader.required, optional: BarReader.optional, options, file: "x.csv")
  }

  @Test(arguments: [
    ["Ticker", "Date", "Open", "High", "Low", "Close", "Volume", "Adj Close"],
    ["SYMBOL", "TimeStamp", "OPEN", "HIGH", "LOW", "CLOSE", "VOL", "adj_close"],
    ["instrument", "Date Time", "open", "high", "low", "close", "quantity", "Adjusted-Close"],
  ])
  func usualNamesAreUnderstood(header: [String]) throws {
    let columns = try columns(header)
    let roles: [ColumnRole] = [.symbol, .ts, .open, .high, .low, .close, .volume, .adjustedClose]
    #expect(roles.map { columns[$0] } == Array(0..<8))
  }

  @Test(arguments: [
    (["Date", "Open", "High", "Low", "Close", "Volume"], "symbol"),
    (["Symbol", "Date", "Open", "High", "Low", "Volume"], "close"),
    (["Symbol", "Date", "Open", "High", "Low", "Close"], "volume"),
    (["a;b;c"], "ts, symbol, open, high, low, close, volume"),
  ])
  func whatIsMissingAndWhatIsThereAreNamed(header: [String], missing: String) throws {
    let error = try #require(throws: FeedError.self) { _ = try columns(header) }
    #expect(error.code == .unusableHeader)
    #expect(error.description.contains("no column for \(missing)"))
    for name in header { #expect(error.description.contains("\"\(name)\"")) }
    #expect(error.description.contains("--map"))
  }

  @Test func twoColumnsOfAKindAreRefusedUntilOneIsChosen() throws {
    let header = ["Symbol", "Date", "Time", "Open", "High", "Low", "Close", "Close", "Volume"]
    #expect(throws: FeedError.self) { _ = try columns(header) }
    #expect(throws: FeedError.self) { _ = try columns(header, FileOptions(map: [.ts: "Date"])) }
    let chosen = try columns(header, FileOptions(map: [.ts: "Date", .close: "Close"]))
    #expect((chosen[.ts], chosen[.close]) == (1, 6))
  }

  @Test func theFirstOfTheUsualNamesWins() throws {
    #expect(try columns(["date", "ts", "symbol", "open", "high", "low", "close", "size", "volume"])[.ts] == 1)
    #expect(try columns(["date", "ts", "symbol", "open", "high", "low", "close", "size", "volume"])[.volume] == 8)
  }

  @Test func optionsThatMakeNoSenseAreRefused() {
    for options in [
      FileOptions(map: [.price: "x"]), FileOptions(map: [.ts: ""]), FileOptions(symbol: "a:b"), FileOptions(symbol: ""),
    ] {
      #expect(throws: FeedError.self) { try options.check(roles: BarReader.required + BarReader.optional) }
    }
  }
}
