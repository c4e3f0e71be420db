import CoreMetrics
import Synchronization

/// A backend of swift-metrics: keeps what is recorded, and writes it for Prometheus.
///
/// Counters and meters are what they are called, timers are histograms in seconds, recorders histograms or, when they do not
/// aggregate, gauges. Characters of names that Prometheus does not know become underscores. A label has the type that it
/// was first made with.
package final class PrometheusRegistry: MetricsFactory {
  private struct Key: Hashable {
    let name, labels: String
  }

  private struct Family {
    let kind: ExpositionText.Kind
    var series: [(labels: String, series: any MetricSeries)] = []
  }

  private struct State {
    var known: [Key: any MetricSeries] = [:]
    var families: [String: Family] = [:]
  }

  private let descriptions: [String: MetricDescription]
  private let largestCount: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - descriptions: by name; metrics of others have no HELP, and buckets from half a millisecond to ten seconds.
  ///   - largestCount: of metrics with their labels; those beyond it are not shown.
  package init(_ descriptions: [String: MetricDescription] = [:], largestCount: Int = 10_000) {
    self.descriptions = descriptions
    self.largestCount = largestCount
  }

  /// All metrics, in order of their names.
  package var text: ExpositionText {
    let families = state.withLock { $0.families.sorted { $0.key < $1.key } }
    var text = ExpositionText()
    for (name, family) in families {
      text.family(name, family.kind, help: descriptions[name]?.help ?? "")
      for (labels, series) in family.series { series.write(name, labels, to: &text) }
    }
    return text
  }

  private func series<Series: MetricSeries>(
    _ label: String, _ dimensions: [(String, String)], _ kind: ExpositionText.Kind, _ make: (String) -> Series
  ) -> Series {
    let name = ExpositionText.name(label)
    let labels = ExpositionText.labels(
      dimensions.map { name, value in
        let name = ExpositionText.name(name, colons: false)
        // The name of a histogram's bounds.
        return (name == "le" ? "exported_le" : name, value)
      })
    return state.withLock { state in
      let key = Key(name: name, labels: labels)
      if let known = state.known[key] as? Series { return known }
      let new = make(name)
      guard state.known.count < largestCount, state.families[name].map({ $0.kind == kind }) ?? true,
        state.known[key] == nil
      else { return new }
      state.known[key] = new
      state.families[name, default: Family(kind: kind)].series.append((labels, new))
      return new
    }
  }

  private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
    series(label, dimensions, .histogram) { [descriptions] in
      HistogramSeries(bounds: descriptions[$0]?.buckets ?? MetricDescription.seconds)
    }
  }

  private func remove(_ handler: AnyObject) {
    state.withLock { state in
      guard let key = state.known.first(where: { $0.value === handler })?.key else { return }
      state.known[key] = nil
      state.families[key.name]?.series.removeAll { $0.series === handler }
      if state.families[key.name]?.series.isEmpty == true { state.families[key.name] = nil }
    }
  }

  // MARK: MetricsFactory

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter) { _ in CounterSeries() }
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, .counter) { _ in FloatingPointCounterSeries() }
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge) { _ in GaugeSeries() }
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    if aggregate { return histogram(label, dimensions) }
    return series(label, dimensions, .gauge) { _ in GaugeSeries() }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions)
  }

  package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
