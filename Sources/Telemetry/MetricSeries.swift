import CoreMetrics
import Synchronization

/// A metric with its labels, as it stands: changed by whoever holds it, without locks or allocations, and read by scrapes.
protocol MetricSeries: AnyObject, Sendable {
  func write(_ name: String, _ labels: String, to text: inout ExpositionText)
}

final class CounterSeries: MetricSeries, CounterHandler {
  private let value = Atomic<Int64>(0)

  /// A counter never falls: what would make it is left out.
  func increment(by amount: Int64) {
    if amount > 0 { value.wrappingAdd(amount, ordering: .relaxed) }
  }

  func reset() { value.store(0, ordering: .relaxed) }

  func write(_ name: String, _ labels: String, to text: inout ExpositionText) {
    text.sample(name, labels, Double(value.load(ordering: .relaxed)))
  }
}

final class FloatingPointCounterSeries: MetricSeries, FloatingPointCounterHandler {
  private let value = AtomicDouble()

  func increment(by amount: Double) {
    if amount > 0 { value.add(amount) }
  }

  func reset() { value.set(0) }

  func write(_ name: String, _ labels: String, to text: inout ExpositionText) { text.sample(name, labels, value.value) }
}

final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
  private let value = AtomicDouble()

  func set(_ new: Int64) { value.set(Double(new)) }
  func set(_ new: Double) { value.set(new) }
  func increment(by amount: Double) { value.add(amount) }
  func decrement(by amount: Double) { value.add(-amount) }
  func record(_ new: Int64) { value.set(Double(new)) }
  func record(_ new: Double) { value.set(new) }

  func write(_ name: String, _ labels: String, to text: inout ExpositionText) { text.sample(name, labels, value.value) }
}

/// Counts what is recorded by how large it is. Timers record seconds.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
  private let bounds: [Double]
  /// One for each bound, and one for what is above all of them.
  private let counts: [AtomicCount]
  private let sum = AtomicDouble()

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = (0...bounds.count).map { _ in AtomicCount() }
  }

  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func record(_ value: Double) {
    if value.isNaN { return }
    var index = 0
    while index < bounds.count, value > bounds[index] { index += 1 }
    counts[index].value.wrappingAdd(1, ordering: .relaxed)
    sum.add(value)
  }

  func write(_ name: String, _ labels: String, to text: inout ExpositionText) {
    let prefix = labels.isEmpty ? "{" : "\(labels.dropLast()),"
    var total = 0
    for (index, count) in counts.enumerated() {
      total += count.value.load(ordering: .relaxed)
      let bound = index < bounds.count ? ExpositionText.number(bounds[index]) : "+Inf"
      text.sample("\(name)_bucket", "\(prefix)le=\"\(bound)\"}", Double(total))
    }
    text.sample("\(name)_sum", labels, sum.value)
    text.sample("\(name)_count", labels, Double(total))
  }
}

private final class AtomicCount: Sendable {
  let value = Atomic<Int>(0)
}

private final class AtomicDouble: Sendable {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ new: Double) { bits.store(new.bitPattern, ordering: .relaxed) }

  func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = (Double(bitPattern: old) + amount).bitPattern
      let (isDone, now) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
      if isDone { return }
      old = now
    }
  }
}
