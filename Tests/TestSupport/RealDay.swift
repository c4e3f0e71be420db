/// A day of a share as it was traded, of the years 2000 to 2013.
package struct RealDay: Sendable {
  package let ticker: String
  /// 2005-02-28
  package let date: String
  package let open, high, low, close, volume: Double

  /// Of several shares, each in the order of time.
  package static let all: [RealDay] = {
    let text = String(decoding: unzipped(fixture("market/us_daily_2000_2013.csv.gz")), as: UTF8.self)
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: ",")
      let values = fields[2...6].map { Double($0)! }
      return RealDay(
        ticker: String(fields[0]), date: String(fields[1]), open: values[0], high: values[1], low: values[2],
        close: values[3], volume: values[4])
    }.sorted { ($0.ticker, $0.date) < ($1.ticker, $1.date) }
  }()
}
