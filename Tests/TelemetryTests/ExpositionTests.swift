import CoreMetrics
import Testing

@testable import Telemetry

struct ExpositionTests {
  private let registry = PrometheusRegistry([
    "orders_total": MetricDescription("Orders, \"all\" of them\nin one \\ line."),
    "wait_seconds": MetricDescription("Waits.", buckets: [0.1, 1]),
  ])

  private var lines: [String] { registry.text.text.split(separator: "\n").map(String.init) }

  @Test func countersAreWrittenWithTheirLabels() {
    let orders = Counter(label: "orders_total", dimensions: [("portfolio", "a\"b\\c\nd")], factory: registry)
    orders.increment(by: 3)
    // The same metric, made anew: there is one of it.
    Counter(label: "orders_total", dimensions: [("portfolio", "a\"b\\c\nd")], factory: registry).increment()
    orders.increment(by: -5)
    #expect(
      lines == [
        #"# HELP orders_total Orders, "all" of them\nin one \\ line."#, "# TYPE orders_total counter",
        #"orders_total{portfolio="a\"b\\c\nd"} 4"#,
      ])
  }

  @Test func histogramsCountWhatIsNotAboveTheBound() {
    let wait = Timer(label: "wait_seconds", factory: registry)
    for milliseconds in [50, 100, 101, 5_000] { wait.recordMilliseconds(milliseconds) }
    #expect(
      lines.dropFirst(2) == [
        #"wait_seconds_bucket{le="0.1"} 2"#, #"wait_seconds_bucket{le="1"} 3"#, #"wait_seconds_bucket{le="+Inf"} 4"#,
        "wait_seconds_sum 5.251", "wait_seconds_count 4",
      ])
  }

  @Test func gaugesSayTheLastValue() {
    let depth = Meter(label: "depth", factory: registry)
    depth.set(5)
    depth.decrement(by: 1.5)
    Gauge(label: "share", factory: registry).record(Double.infinity)
    #expect(lines == ["# TYPE depth gauge", "depth 3.5", "# TYPE share gauge", "share +Inf"])
  }

  @Test func namesBecomeWhatPrometheusTakes() {
    Counter(label: "9 pool.size/é", dimensions: [("le", "x"), ("a-b", "")], factory: registry).increment()
    #expect(lines == ["# TYPE _9_pool_size__ counter", #"_9_pool_size__{exported_le="x",a_b=""} 1"#])
  }

  /// A scrape with two types of one name, or two of the same series, would be refused as a whole.
  @Test func aNameHasOneTypeAndThereIsALimit() {
    let registry = PrometheusRegistry(largestCount: 2)
    Counter(label: "a", factory: registry).increment()
    Meter(label: "a", factory: registry).set(7)
    Recorder(label: "a", dimensions: [("x", "y")], factory: registry).record(1)
    for number in 0..<5 { Counter(label: "b", dimensions: [("n", "\(number)")], factory: registry).increment() }
    #expect(registry.text.text == "# TYPE a counter\na 1\n# TYPE b counter\nb{n=\"0\"} 1\n")
  }

  @Test func whatIsDestroyedIsShownNoMore() {
    let counter = Counter(label: "a", factory: registry)
    #expect(lines.count == 2)
    counter.destroy()
    #expect(lines.isEmpty)
  }

  @Test func nothingIsLostAmongThreads() async {
    let counter = Counter(label: "a", factory: registry)
    let sum = FloatingPointCounter(label: "b", factory: registry)
    let timer = Timer(label: "wait_seconds", factory: registry)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1_000 {
            counter.increment()
            sum.increment(by: 0.5)
            timer.recordSeconds(2)
          }
        }
      }
    }
    #expect(lines.contains("a 8000"))
    #expect(lines.contains("b 4000"))
    #expect(lines.contains("wait_seconds_sum 16000"))
    #expect(lines.contains("wait_seconds_count 8000"))
  }
}

struct ListenAddressTests {
  @Test(arguments: ["127.0.0.1:9464", "[::1]:0", "0.0.0.0:65535"])
  func addressesAreRead(_ text: String) throws {
    #expect(try ListenAddress(text).description == text)
  }

  @Test(arguments: [
    "", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:9464", "example.com:80",
    "127.0.0.1:80x",
  ])
  func whatIsNoAddressIsRefused(_ text: String) {
    #expect(throws: ListenAddress.Unusable.self) { try ListenAddress(text) }
  }
}
