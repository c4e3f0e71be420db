import Testing

@testable import Charts

struct CalendarTests {
  @Test(arguments: [
    (0, 1970, 1, 1), (-1, 1969, 12, 31), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1), (15_765, 2013, 3, 1),
    (-719_468, 0, 3, 1), (47_540, 2100, 2, 28), (47_541, 2100, 3, 1),
  ])
  func daysAndDatesAgree(day: Int, year: Int, month: Int, dayOfMonth: Int) {
    let time = ChartTime(day: day)
    #expect(time.date == (year, month, dayOfMonth))
    #expect(ChartTime(year: year, month: month, day: dayOfMonth) == time)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: -60_000, through: 90_000, by: 7) {
      let (year, month, dayOfMonth) = ChartTime(day: day).date
      #expect(ChartTime(year: year, month: month, day: dayOfMonth).day == day)
    }
  }

  @Test func timesOfDayAreToldWhereThereAreAny() {
    #expect(ChartTime(day: 15_765).text == "1 Mar 2013")
    #expect(ChartTime(seconds: 15_765 * 86_400 + 34_200).text == "1 Mar 2013 09:30")
    #expect(ChartTime(seconds: -1).text == "31 Dec 1969 23:59:59")
  }

  @Test func stepsBeginOnTheCalendar() throws {
    let time = ChartTime(seconds: Double(ChartTime(year: 2013, month: 8, day: 15).day) * 86_400 + 50_000)
    let starts = ["1 hour", "1 day", "1 week", "3 months", "10 years"].map { name in
      CalendarStep.ladder.first { $0.name == name }!.start(of: time).text
    }
    #expect(starts == ["15 Aug 2013 13:00", "15 Aug 2013", "12 Aug 2013", "1 Jul 2013", "1 Jan 2010"])
    for step in CalendarStep.ladder {
      #expect(step.start(of: step.next(after: time)) == step.next(after: time), "\(step.name)")
      #expect(step.start(of: time) <= time && time < step.next(after: time))
    }
  }
}
