import LibPQ
import TestSupport
import Testing

@testable import Feeds

@Suite(.needsServer, .commonTimeLimit)
struct HolidayImportTests {
  private let days = """
    SELECT concat_ws(' ', e.code, h.day, h.name, h.opens, h.closes) FROM market.holidays AS h JOIN market.exchanges AS e USING (exchange_id)
     WHERE h.day >= '2030-01-01' ORDER BY e.code, h.day, h.opens NULLS FIRST
    """

  /// The list as NSE offers it for download, of a year that is not shipped.
  @Test func theExchangesOwnListIsLoadedOnceHoweverOftenItIs() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let list = try folder.file(
        """
        "Sr. No
        ","Date
        ","Day
        ","Description
        "
        "1","26-Jan-2030","Saturday","Republic Day"
        "2","26-OCT-2030","Saturday","Diwali Laxmi
        Pujan*"
        """)
      let job = HolidayImport(exchanges: ["NSE", "nfo"])
      let first = try await job.run(list, on: database.connection)
      #expect((first.rows, first.added, first.changed, first.known) == (4, 4, 0, 0))
      let again = try await job.run(list, on: database.connection)
      #expect((again.rows, again.added, again.changed, again.known) == (4, 0, 0, 4))
      let sessions = try folder.file(
        "exchange,date,name,open,close\nNSE,\"October 26, 2030\",Muhurat trading,18:15,19:15\nNSE,20300126,A holiday,,\n"
      )
      let second = try await HolidayImport().run(sessions, on: database.connection)
      #expect((second.rows, second.added, second.changed, second.known) == (2, 1, 1, 0))
      #expect(
        try await database.texts(days) == [
          "NFO 2030-01-26 Republic Day", "NFO 2030-10-26 Diwali Laxmi Pujan*", "NSE 2030-01-26 A holiday",
          "NSE 2030-10-26 Diwali Laxmi Pujan*", "NSE 2030-10-26 Muhurat trading 18:15:00 19:15:00",
        ])
    }
  }

  private static let unusable = [
    ("US,2030-02-30,x,,", "line 3: time \"2030-02-30\" is not readable"),
    ("US,01/02/2030,x,,", "line 3: time \"01/02/2030\" may be day or month first"),
    ("US,,x,,", "line 3: time is missing"),
    ("US,2030-01-02,,,", "line 3: the name is missing"),
    ("US,2030-01-02,x,9:30,", "line 3: the hours \"9:30\" to \"\""),
    ("US,2030-01-02,x,9:30,25:00", "line 3: the hours"), ("US,2030-01-02,x,16:00,9:30", "line 3: a holiday needs"),
    ("MOON,2030-01-02,x,,", "line 3: unknown exchange \"MOON\""), ("US,2030-01-02", "line 3: 2 fields"),
    ("US,2030-01-01,x,12:00,14:00", "line 3: another session of US on 2030-01-01 overlaps"),
  ]

  @Test func aRowThatCannotBeUsedRefusesTheFile() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      for (row, reason) in Self.unusable {
        let file = try folder.file("exchange,date,name,open,close\nUS,2030-01-01,Half a day,9:30,13:00\n\(row)\n")
        let error = await #expect(throws: FeedError.self) {
          try await HolidayImport().run(file, on: database.connection)
        }
        #expect(error?.code == .unusableRow)
        #expect(error?.description.contains(reason) == true, "\(row): \(error?.description ?? "")")
        #expect(try await database.texts(days) == [], "\(row)")
      }
    }
  }

  @Test func aFileSaysWhichExchangeItIsOf() throws {
    let folder = try TemporaryFolder()
    let list = try folder.file("date,name\n2030-01-01,New Year\n")
    #expect(throws: FeedError.self) { try HolidayImport().check(list) }
    try HolidayImport(exchanges: ["NSE"]).check(list)
  }

  @Test(arguments: [
    ("2030-01-26", "2030-01-26"), ("20300126", "2030-01-26"), ("26-Jan-2030", "2030-01-26"),
    ("26JAN2030", "2030-01-26"),
    ("January 26,2030", "2030-01-26"), ("2030/1/26", "2030-01-26"), ("26 September 2030", "2030-09-26"),
    ("29-Feb-2030", nil), ("26-01-2030", nil), ("26-Foo-2030", nil), ("2030", nil), ("26-Jan-30", nil), ("", nil),
  ])
  func daysAreReadAsExchangesWriteThem(text: String, day: String?) {
    #expect(VendorTime(text).isoDay == day)
  }
}
