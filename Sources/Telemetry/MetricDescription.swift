/// What a metric says of itself, in the lines HELP and TYPE.
package struct MetricDescription: Sendable {
  package var help: String
  /// Upper bounds of a histogram's buckets, ascending; the one without a bound is added.
  package var buckets: [Double]

  package init(_ help: String, buckets: [Double] = MetricDescription.seconds) {
    self.help = help
    self.buckets = buckets
  }

  /// From half a millisecond to ten seconds, with the targets of 100 and 500 ms among them.
  package static let seconds: [Double] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
}
