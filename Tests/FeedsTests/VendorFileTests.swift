import TestSupport
import Testing
import TradingCore

@testable import Feeds

/// What vendors' files mean, row by row, without a database.
private struct Read {
  /// `symbol time open/high/low/close volume` of each bar.
  var bars: [String] = []
  /// `line reason` of each row that could not be used.
  var rejects: [String] = []
  var resolution: Result<BarResolution, FeedError>
}

private func read(
  _ text: String, zone: String = "Asia/Kolkata", given: String? = nil, _ options: FileOptions = FileOptions()
) throws -> Read {
  let folder = try TemporaryFolder()
  var slots: Int32 = 0
  var reader = try BarReader(try folder.file(text), options) { _ in
    defer { slots += 1 }
    return Listing(instrument: slots, timeZone: zone)
  }
  var bars: [VendorBar] = []
  var rejects: [String] = []
  while try reader.read(
    rowLimit: 100, reject: { rejects.append("\($0.line) \($0.reason)") }, { bar, _, _ in bars.append(bar) })
  {}
  let resolution: Result<BarResolution, FeedError>
  do throws(FeedError) {
    resolution = .success(try reader.resolution(given: given.flatMap { BarResolution($0) }))
  } catch {
    resolution = .failure(error)
  }
  let symbols = reader.symbols.slots.map(\.symbol)
  return Read(
    bars: bars.map { "\(symbols[Int($0.slot)]) \($0.time) \($0.open)/\($0.high)/\($0.low)/\($0.close) \($0.volume)" },
    rejects: rejects, resolution: resolution)
}

private let one = FileOptions(symbol: "A")

@Suite struct VendorFileTests {
  @Test(arguments: [
    // Dates and times of all kinds, local to India.
    ("20240102093000", "2024-01-02T04:00:00Z"), ("202401020930", "2024-01-02T04:00:00Z"),
    ("20240102093000123", "2024-01-02T04:00:00.123Z"), ("20240102 093000", "2024-01-02T04:00:00Z"),
    ("20240102T0930", "2024-01-02T04:00:00Z"), ("20240102 09:30", "2024-01-02T04:00:00Z"),
    ("20240102 093000123", "2024-01-02T04:00:00.123Z"), ("20240102-09:30:00", "2024-01-02T04:00:00Z"),
    ("2024/01/02 09:30:00", "2024-01-02T04:00:00Z"), ("2024.01.02 09:30", "2024-01-02T04:00:00Z"),
    ("2024/1/2 9:30", "2024-01-02T04:00:00Z"), ("02-JAN-2024 09:30", "2024-01-02T04:00:00Z"),
    ("2-Jan-2024 09:30:00", "2024-01-02T04:00:00Z"), ("02JAN2024 09:30", "2024-01-02T04:00:00Z"),
    ("\"Jan 02, 2024 09:30\"", "2024-01-02T04:00:00Z"), ("2 January 2024 9:30 AM", "2024-01-02T04:00:00Z"),
    ("2024-01-02 01:30:05 PM", "2024-01-02T08:00:05Z"), ("2024-01-02 12:30 am", "2024-01-01T19:00:00Z"),
    ("2024-01-02 09:30:00 IST", "2024-01-02T04:00:00Z"), ("2024-01-02 04:00 UTC", "2024-01-02T04:00:00Z"),
    ("2024/01/02 09:30+05:30", "2024-01-02T04:00:00Z"), ("2024-01-02 04:00:00 GMT", "2024-01-02T04:00:00Z"),
    ("1704168000", "2024-01-02T04:00:00Z"), ("1704168000000", "2024-01-02T04:00:00Z"),
    ("1704168000000000", "2024-01-02T04:00:00Z"), ("1704168000000000000", "2024-01-02T04:00:00Z"),
    // 12 digits of 2001 are milliseconds.
    ("978307200000", "2001-01-01T00:00:00Z"),
  ])
  func timesAreReadAsVendorsWriteThem(text: String, expected: String) throws {
    #expect(
      try read("time,open,high,low,close,volume\n\(text),1,1,1,1,1\n", one).bars == [
        "A \(expected) 1.0/1.0/1.0/1.0 1.0"
      ])
  }

  @Test(arguments: [
    ("01/02/2024 09:30", "may be day or month first; say which with --date-order dmy or --date-order mdy"),
    ("01.02.2024", "may be day or month first; say which with --date-order dmy or --date-order mdy"),
    ("03-JUL-23", "has a year of two digits; write four"), ("01/02/24", "has a year of two digits; write four"),
    ("45293", "is a spreadsheet's serial number; format the column as a date (yyyy-mm-dd)"),
    ("45293.39", "is a spreadsheet's serial number; format the column as a date (yyyy-mm-dd)"),
    (
      "2024-01-02 09:30 EST", "names a time zone that means several; write an offset such as +05:30, or use --time-zone"
    ),
    ("20240132093000", "is not readable"), ("20241301", "is not readable"), ("202401022560", "is not readable"),
    ("2024/02/30", "is not readable"), ("31-FEB-2024", "is not readable"), ("2024-01-02 13:30 PM", "is not readable"),
    ("03-FOO-2024", "is not readable"), ("99999999999999", "is not readable"), ("2024-01-02 24:00", "is not readable"),
  ])
  func timesThatMeanSeveralThingsAreRefusedWithAHint(text: String, problem: String) throws {
    let read = try read("time,open,high,low,close,volume\n\(text),1,1,1,1,1\n", one)
    #expect(read.bars.isEmpty)
    #expect(read.rejects == ["2 time \"\(text)\" \(problem)"])
  }

  @Test(arguments: [("dmy", "2024-02-01"), ("mdy", "2024-01-02")])
  func theOrderOfDayAndMonthCanBeSaid(order: String, day: String) throws {
    var options = one
    options.dateOrder = DateOrder(rawValue: order)
    for text in ["01/02/2024", "1/2/2024", "01.02.2024", "01-02-2024"] {
      let read = try read("Date,open,high,low,close,volume\n\(text),1,1,1,1,1\n", zone: "UTC", options)
      #expect(read.bars == ["A \(day)T00:00:00Z 1.0/1.0/1.0/1.0 1.0"], "\(text)")
    }
  }

  @Test(arguments: [
    ("Ticker,Date,Time,Open,High,Low,Close,Volume,Open Interest", "N,20240102,09:15,1,3,1,2,5,100"),
    ("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>", "N,1,20240102,091500,1,3,1,2,5,0"),
    ("Symbol;Trade Date;Trade Time;Open;High;Low;Close;Qty", "N;02-JAN-2024;09:15:00;1;3;1;2;5"),
    ("date\ttime\tticker\to\th\tl\tc\tv", "2024/01/02\t9:15 AM\tN\t1\t3\t1\t2\t5"),
    ("ticker|date|timeofday|open|high|low|close|volume", "N|2024-01-02|0915|1|3|1|2|5"),
    ("ticker,timestamp,1. open,2. high,3. low,4. close,5. volume", "N,2024-01-02 09:15,1,3,1,2,5"),
    ("TckrSymb,SctySrs,TradDt,Time,OpnPric,HghPric,LwPric,ClsPric,TtlTradgVol", "N,EQ,2024-01-02,09:15,1,3,1,2,5"),
  ])
  func columnsAreKnownByTheNamesThatVendorsGiveThem(header: String, row: String) throws {
    for (start, end) in [("", "\n"), ("\u{FEFF}", "\r\n")] {
      let read = try read(start + header + end + row + end + end)
      #expect(read.bars == ["N 2024-01-02T03:45:00Z 1.0/3.0/1.0/2.0 5.0"])
      #expect(read.rejects.isEmpty)
    }
  }

  @Test func aMappedDateIsJoinedWithItsTimeOfDay() throws {
    let options = FileOptions(map: [.ts: "Date"], symbol: "A")
    let read = try read(
      "Date,Time,Open,High,Low,Close,Volume\n20240102,09:15,1,1,1,1,1\n20240102,09:16,1,1,1,1,1\n", options)
    #expect(read.bars.count == 2)
    #expect(try read.resolution.get().description == "1 minute")
  }

  @Test(arguments: [
    // Binance, HistData, MetaTrader.
    "1704168000000,1.5,2.5,1.25,2,10,1704168059999,20.5,7,5,10,0", "20240102 093000;1.5;2.5;1.25;2;10",
    "2024.01.02,09:30,1.5,2.5,1.25,2,10",
  ])
  func aFileWithoutAHeaderBeginsWithItsFirstBar(row: String) throws {
    let read = try read(row + "\n", one)
    #expect(read.bars == ["A 2024-01-02T04:00:00Z 1.5/2.5/1.25/2.0 10.0"])
  }

  @Test(arguments: [
    ("\"1,234.5\",\"1,300\",\"1,200.25\",1250,\"1,234,567\"", ",", "1234.5/1300.0/1200.25/1250.0 1234567.0"),
    ("1234,5;1.300,0;1200,25;1250;1.234.567,0", ";", "1234.5/1300.0/1200.25/1250.0 1234567.0"),
    ("1234.5;1300;1200.25;1250;1.2M", ";", "1234.5/1300.0/1200.25/1250.0 1200000.0"),
    ("1,1,1,1,263.7K", ",", "1.0/1.0/1.0/1.0 263700.0"), ("1,1,1,1,1.5B", ",", "1.0/1.0/1.0/1.0 1500000000.0"),
    ("1,1,1,1,-", ",", "1.0/1.0/1.0/1.0 0.0"), ("1,1,1,1,N/A", ",", "1.0/1.0/1.0/1.0 0.0"),
    ("1,1,1,1,null", ",", "1.0/1.0/1.0/1.0 0.0"),
  ])
  func numbersAreReadAsVendorsWriteThem(row: String, separator: String, expected: String) throws {
    let header = ["time", "open", "high", "low", "close", "volume"].joined(separator: separator)
    let read = try read("\(header)\n2024-01-02 09:30\(separator)\(row)\n", one)
    #expect(read.rejects.isEmpty)
    #expect(read.bars == ["A 2024-01-02T04:00:00Z \(expected)"])
  }

  @Test(arguments: ["\"1,23\"", "\"1,2345\"", "\"12,34,567\"", "1.2.3", "\"1,234.\"x", "1M", "null", "-"])
  func whatIsNoNumberIsNoPrice(price: String) throws {
    #expect(try read("time,open,high,low,close,volume\n2024-01-02,\(price),1,1,1,1\n", one).rejects.count == 1)
  }

  @Test func ofAShareSeriesOneCountsAndOthersAreChosen() throws {
    let text = """
      SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,TOTALTRADES,ISIN,
      ABC,EQ,100.5,102,99.8,101.2,101.3,100,15000,1518000,03-JUL-2023,410,INE0,
      ABC,BE,99,99,99,99,99,98,10,990,03-JUL-2023,2,INE0,
      TOTAL,,,,,,,,15010,,,,,
      """
    let usual = try read(text)
    #expect(usual.bars == ["ABC 2023-07-02T18:30:00Z 100.5/102.0/99.8/101.2 15000.0"])
    #expect(usual.rejects == ["3 series BE is not chosen; --series BE reads it", "4 time is missing"])
    #expect(try usual.resolution.get() == .day)
    #expect(try read(text, FileOptions(series: ["be"])).bars == ["ABC 2023-07-02T18:30:00Z 99.0/99.0/99.0/99.0 10.0"])
  }

  /// 01:00 comes twice on 2023-11-05 in New York and 02:00 never on 2024-03-10.
  @Test func theOrderOfTheFileTellsAnHourThatComesTwice() throws {
    func times(_ hours: [String]) throws -> [String] {
      let rows = hours.map { "2023-11-05 \($0),1,1,1,1,1\n" }.joined()
      return try read("time,open,high,low,close,volume\n" + rows, zone: "America/New_York", one).bars
        .map { String($0.dropFirst(13).prefix(5)) }
    }
    #expect(try times(["00:00", "01:00", "01:00", "02:00"]) == ["04:00", "05:00", "06:00", "07:00"])
    #expect(try times(["02:00", "01:00", "01:00", "00:00"]) == ["07:00", "06:00", "05:00", "04:00"])
    #expect(
      try times(["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]) == [
        "04:30", "05:00", "05:30", "06:00", "06:30", "07:00",
      ])
    let skipped = try read(
      "time,open,high,low,close,volume\n2024-03-10 01:30,1,1,1,1,1\n2024-03-10 02:30,1,1,1,1,1\n2024-03-10 03:00,1,1,1,1,1\n",
      zone: "America/New_York", one)
    #expect(skipped.bars.map { $0.dropFirst(13).prefix(5) } == ["06:30", "07:00"])
    #expect(
      skipped.rejects == ["3 time \"2024-03-10 02:30\" does not exist in America/New_York: its clocks skip it (TR112)"])
  }

  @Test(
    arguments: [
      (["2021-02-15", "2021-02-22", "2021-03-01"], nil, "7 days"),
      (["2021-03-01", "2021-02-22", "2021-02-15"], nil, "7 days"),
      (["2023-12-29", "2024-01-05", "2024-01-12", "2024-01-18"], nil, "7 days"),
      (["2024-01-01", "2024-02-01", "2024-03-01"], nil, "1 month"),
      (["2024-01-31", "2024-02-29", "2024-03-28"], nil, "1 month"),
      (["2024-01-01", "2024-04-01", "2024-07-01"], nil, "3 months"), (["2024-01-05", "2024-01-08"], nil, "1 day"),
      (["2024-01-02"], nil, "1 day"), (["2024-01-02", "2024-01-20", "2024-02-09"], nil, nil),
      (["2024-01-01T05:00Z", "2024-01-08T05:00Z", "2024-01-15T05:00Z"], nil, "7 days"),
      (["2024-03-01T05:00Z", "2024-04-01T04:00Z", "2024-05-01T04:00Z"], nil, "1 month"),
      (["2024-01-02T14:30Z", "2024-01-02T15:00Z"], "1h", nil),
      (["2024-01-02T14:30Z", "2024-01-02T15:30Z"], "1h", "1 hour"),
      (["2024-01-02T14:30Z", "2024-01-02T16:30Z"], "1h", "1 hour"), (["2024-01-02", "2024-01-03"], "1h", nil),
      (["2024-01-02T15:00Z", "2024-01-02T16:00Z", "2024-01-02T17:00Z", "2024-01-03T15:00Z"], "1d", nil),
      (["2024-01-02T15:00Z", "2024-01-02T21:00Z", "2024-01-03T15:00Z", "2024-01-04T15:00Z"], "1d", "1 day"),
      (["2024-01-02", "2024-01-03"], "1w", nil), (["2024-01-02", "2024-01-09"], "1mo", nil),
      (["2021-02-15", "2021-02-22"], "1d", "1 day"), (["2013-03-10T05:00Z", "2013-03-11T04:00Z"], "1d", "1 day"),
      (["2024-01-01", "2024-02-01"], "1mo", "1 month"),
    ] as [([String], String?, String?)])
  func theLengthOfBarsIsWhatTheirSpacingSays(times: [String], given: String?, expected: String?) throws {
    let read = try read(
      "time,open,high,low,close,volume\n" + times.map { "\($0),1,1,1,1,1\n" }.joined(), zone: "America/New_York",
      given: given,
      one)
    switch read.resolution {
    case .success(let resolution): #expect(resolution.description == expected)
    case .failure(let error):
      #expect(expected == nil)
      #expect(error.code == .unknownResolution)
    }
  }

  @Test(arguments: [
    "^NSEI", "EURUSD=X", "CL=F", "BRK-B", "RELIANCE.NS", "M&M", "BTC/USD", "NFO:NIFTY24JANFUT", "nse:NIFTY 50",
  ])
  func symbolsOfVendorsAreSymbols(symbol: String) throws {
    let read = try read("time,symbol,open,high,low,close,volume\n2024-01-02,\(symbol),1,1,1,1,1\n", zone: "UTC")
    #expect(read.bars == ["\(symbol) 2024-01-02T00:00:00Z 1.0/1.0/1.0/1.0 1.0"])
  }

  @Test(arguments: ["=X", "-", ":A", "A:", "1A:B", "NFO:A:B", "A'B", "A\"B", String(repeating: "x", count: 65)])
  func otherTextsAreNone(symbol: String) throws {
    #expect(
      try read("time,symbol,open,high,low,close,volume\n2024-01-02,\(symbol),1,1,1,1,1\n", zone: "UTC").bars.isEmpty)
  }

  @Test(
    arguments: [
      ("10:1", "10", "1"), ("10/1", "10", "1"), ("10 for 1", "10", "1"), ("3-for-2", "3", "2"), ("1:10", "1", "10"),
      (" 2 : 1 ", "2", "1"), ("1.5:1", "1.5", "1"), ("10", nil, nil), ("10:0", nil, nil), ("a:b", nil, nil),
      ("1:2:3", nil, nil),
      ("-1:1", nil, nil), ("", nil, nil),
    ] as [(String, String?, String?)])
  func ratiosAreReadInBothTheirParts(text: String, new: String?, old: String?) {
    let ratio = ActionImport.ratio(text)
    #expect(ratio?.new == new)
    #expect(ratio?.old == old)
  }
}
