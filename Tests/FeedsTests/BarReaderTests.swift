import TestSupport
import Testing
import TradingCore

@testable import Feeds

private struct Read {
  var bars: [VendorBar] = []
  var suspects = 0
  var rejects: [RejectedRow] = []
  var symbols: [String] = []
  var resolution: Result<BarResolution, FeedError>
}

private func read(_ path: String, _ options: FileOptions = FileOptions(), zone: String = "America/New_York") throws
  -> Read
{
  var slots: Int32 = 0
  var reader = try BarReader(path, options) { _ in
    defer { slots += 1 }
    return Listing(instrument: slots, timeZone: zone)
  }
  var bars: [VendorBar] = []
  var rejects: [RejectedRow] = []
  while try reader.read(rowLimit: 100, reject: { rejects.append($0) }, { bar, _, _ in bars.append(bar) }) {}
  let resolution: Result<BarResolution, FeedError>
  do throws(FeedError) { resolution = .success(try reader.resolution(given: nil)) } catch {
    resolution = .failure(error)
  }
  return Read(
    bars: bars, suspects: reader.suspectCount, rejects: rejects, symbols: reader.symbols.slots.map(\.symbol),
    resolution: resolution)
}

private func read(text: String, zone: String = "America/New_York") throws -> Read {
  let folder = try TemporaryFolder()
  return try read(try folder.file(text), zone: zone)
}

private let header = "date,symbol,open,high,low,close,volume,adj close\n"

@Suite struct BarReaderTests {
  @Test func readsTheDayBarsOfTheFixture() throws {
    let read = try read(fixture("market/us_daily_2000_2013.csv.gz"))
    #expect(read.bars.count == 12_154)
    #expect(read.rejects.isEmpty)
    #expect(read.suspects == 0)
    #expect(read.symbols == ["AAPL", "FB", "GOOG", "IBM", "MSFT"])
    #expect(try read.resolution.get() == .day)
    // In winter and in summer, local midnight in New York.
    #expect(read.bars[0].time.description == "2000-03-01T05:00:00Z")
    let first = read.bars[0]
    #expect(
      (first.open, first.high, first.low, first.close, first.volume) == (118.56, 132.06, 118.5, 130.31, 9_616_100))
    #expect(first.adjustedClose == 4.186662803811)
    #expect(read.bars.contains { $0.time.description == "2000-06-21T04:00:00Z" && $0.slot == 0 })
    #expect(read.bars.last?.time.description == "2013-03-01T05:00:00Z")
  }

  @Test(.needsRealFiles)
  func readsRealMinuteBars() throws {
    let read = try read(RealFile.minuteBars.path, zone: "Asia/Kolkata")
    #expect(read.bars.count == 1_130)
    #expect(read.rejects.isEmpty)
    #expect(try read.resolution.get().description == "1 minute")
    #expect(read.bars[0].time.description == "2019-07-09T03:45:00Z")
  }

  @Test(
    arguments: [
      ("2013-10-07,A,5,6,4,5,0,", nil), ("2013-10-07,A,5,5,5,5,0,-3.5", nil),
      ("2013-10-07,A,5,6,7,5,0,", "high is below low"), ("2013-10-07,A,3,6,4,5,0,", "open is not between low and high"),
      ("2013-10-07,A,5,6,4,6.5,0,", "close is not between low and high"),
      ("2013-10-07,A,0,6,0,5,0,", "open \"0\" is not positive"),
      ("2013-10-07,A,5,6,-4,5,0,", "low \"-4\" is not positive"),
      ("2013-10-07,A,5,inf,4,5,0,", "high \"inf\" is no finite number"), ("2013-10-07,A,5,6,4,,0,", "close is missing"),
      ("2013-10-07,A,5,6,4,5,,", "volume is missing"), ("2013-10-07,A,5,6,4,5,-1,", "volume \"-1\" is negative"),
      ("2013-10-07,A,5,6,4,5,0,x", "adjusted close \"x\" is no finite number"),
      ("2013-10-32,A,5,6,4,5,0,", "time \"2013-10-32\" is not readable"),
      ("2013-10-07,-,5,6,4,5,0,", "symbol \"-\" is not readable"),
    ] as [(String, String?)])
  func rowsThatCannotBeBarsAreRejected(row: String, reason: String?) throws {
    let read = try read(text: header + row + "\n2013-10-08,A,5,6,4,5,0,1\n")
    #expect(read.rejects.map(\.reason) == [reason].compactMap { $0 })
    #expect(read.rejects.map(\.line) == [2].filter { _ in reason != nil })
    #expect(read.bars.count == (reason == nil ? 2 : 1))
  }

  @Test(
    arguments: [
      (["2013-10-07", "2013-10-14"], "7 days"),
      (["2013-10-07T14:30Z", "2013-10-07T14:31Z", "2013-10-07T14:33Z"], "1 minute"),
      (["2013-10-07T15:00Z", "2013-10-07T14:00Z"], "1 hour"), (["2013-10-07T00:00Z", "2013-10-08T00:00Z"], "1 day"),
      // Midnight in New York before and after clocks change is 23 hours apart.
      (["2013-03-10T05:00Z", "2013-03-11T04:00Z"], "1 day"), (["1381104000", "1381708800"], "7 days"),
      (["2013-10-07T14:30:00Z", "2013-10-07T14:30:59Z"], nil), (["2013-10-07T14:30Z"], nil),
      (["2013-10-07T14:30Z", "2013-10-07T14:30Z"], nil),
    ] as [([String], String?)])
  func theLengthOfTheBarsIsInferred(times: [String], expected: String?) throws {
    let read = try read(text: header + times.map { "\($0),A,5,6,4,5,0,\n" }.joined())
    switch read.resolution {
    case .success(let resolution): #expect(resolution.description == expected)
    case .failure(let error):
      #expect(expected == nil)
      #expect(error.code == .unknownResolution)
    }
  }

  @Test(arguments: [
    ("2013-10-07", "America/New_York", 5028), ("2013-10-07T00:00:00Z", "America/New_York", 5028),
    ("2013-10-07T04:00:00Z", "America/New_York", 5028), ("2013-10-07T13:30:00Z", "America/New_York", 5028),
    ("2013-10-08T01:30:00Z", "America/New_York", 5028), ("1381118400", "America/New_York", 5028),
    ("2013-10-06T18:30:00Z", "Asia/Kolkata", 5028), ("2013-10-07T00:00:00", "Asia/Kolkata", 5028),
  ])
  func aDayBarBelongsToTheDayThatIsWrittenOrElseToTheExchangesDay(time: String, zone: String, day: Int32) throws {
    #expect(try read(text: header + "\(time),A,5,6,4,5,0,\n", zone: zone).bars.map(\.day) == [day])
  }

  @Test func onlyTimesThatMayHaveOccurredBeforeAreSuspect() throws {
    func suspects(_ days: [Int]) throws -> Int {
      try read(text: header + days.map { "2013-10-\($0 < 10 ? "0" : "")\($0),A,5,6,4,5,0,\n" }.joined()).suspects
    }
    #expect(try suspects([1, 2, 3, 7, 8]) == 0)
    #expect(try suspects([8, 7, 3, 1]) == 0)
    #expect(try suspects([1, 2, 2, 3]) == 1)
    #expect(try suspects([1, 5, 3, 3, 9]) == 2)
  }

  @Test(
    arguments: [
      ("30s", "30 seconds"), ("1m", "1 minute"), ("90m", "90 minutes"), ("60min", "1 hour"), ("1h", "1 hour"),
      ("24 hours", "1 day"),
      ("1d", "1 day"), ("1 day", "1 day"), ("1W", "7 days"), ("5 minutes", "5 minutes"), ("", nil), ("m", nil),
      ("0m", nil),
      ("-1m", nil), ("1M", nil), ("25h", nil), ("1 month", "1 month"), ("3mo", "3 months"), ("121mo", nil),
      ("1.5h", nil), ("99999999999999999999m", nil),
      ("٣m", nil),
    ] as [(String, String?)])
  func readsTheLengthOfBars(text: String, expected: String?) {
    #expect(BarResolution(text)?.description == expected)
  }
}
