import Charts

/// Which span of time is drawn.
package enum DashboardSpan {
  /// The span that was asked for; what is left open is that of the dashboard, up to now, or where the data ended before it
  /// began, as with replays, all of the data.
  ///
  /// - Parameters:
  ///   - own: how long the dashboard's span is, in seconds.
  ///   - data: when the first and the last of it was, in seconds since 1970.
  package static func chosen(
    from: ChartTime?, until: ChartTime?, own: Double, data: (from: Double, until: Double)?, now: Double
  ) throws -> ClosedRange<ChartTime> {
    var (first, last) = (now - own, now)
    if let data, data.until < first || data.from > now {
      // What has only one moment is shown with what was before.
      (first, last) = (data.from < data.until ? data.from : data.until - own, data.until)
    }
    if let until, from == nil, until.seconds <= first { first = until.seconds - own }
    if let from, until == nil, from.seconds >= last { last = from.seconds + own }
    let start = ChartTime(seconds: (from?.seconds ?? first).rounded(.down))
    let end = ChartTime(seconds: (until?.seconds ?? last).rounded(.up))
    guard start < end else {
      throw DashboardError("nothing lies between \(start.isoText) and \(end.isoText): write --from before --until")
    }
    return start...end
  }
}
