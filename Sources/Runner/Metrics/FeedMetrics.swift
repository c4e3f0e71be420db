import CoreMetrics
import Feeds
import Synchronization

/// What a live source is to the service.
final class FeedMetrics: Sendable {
  private let isUp, queue: Meter
  private let ticks, links, duplicates, lost, unusable: Counter
  private let storing: Timer
  /// Of the present ``LiveFeed``, which counts from the beginning.
  private let known = Mutex<LiveFeed.Figures?>(nil)

  init(feed: String, factory: any MetricsFactory = MetricsSystem.factory) {
    let labels = [("feed", feed)]
    isUp = Meter(label: "bourse_feed_up", dimensions: labels, factory: factory)
    queue = Meter(label: "bourse_feed_queue_ticks", dimensions: labels, factory: factory)
    ticks = Counter(label: "bourse_feed_ticks_total", dimensions: labels, factory: factory)
    links = Counter(label: "bourse_reconnects_total", dimensions: [("to", "feed")], factory: factory)
    duplicates = Counter(label: "bourse_feed_duplicates_total", dimensions: labels, factory: factory)
    lost = Counter(label: "bourse_feed_lost_total", dimensions: labels, factory: factory)
    unusable = Counter(label: "bourse_feed_unusable_total", dimensions: labels, factory: factory)
    storing = Timer(label: "bourse_feed_store_seconds", dimensions: labels, factory: factory)
  }

  func came(_ count: Int) { queue.set(count) }

  func stored(_ count: Int, took duration: Duration) {
    ticks.increment(by: count)
    storing.recordNanoseconds(duration.nanoseconds)
  }

  /// There is no ``LiveFeed``, or a new one that has counted nothing yet.
  func reset() {
    known.withLock { $0 = nil }
    isUp.set(0)
  }

  func note(_ figures: LiveFeed.Figures) {
    let before = known.withLock { known in
      defer { known = figures }
      return known
    }
    isUp.set(figures.isUp ? 1 : 0)
    // The first link of a feed is no link made anew.
    links.increment(by: max(0, figures.links - max(1, before?.links ?? 0)))
    duplicates.increment(by: figures.duplicates - (before?.duplicates ?? 0))
    lost.increment(by: figures.lost - (before?.lost ?? 0))
    unusable.increment(by: figures.unusable - (before?.unusable ?? 0))
  }
}
