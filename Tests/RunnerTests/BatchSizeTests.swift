import Testing

@testable import Runner

@Suite struct BatchSizeTests {
  @Test func slowCommitsMakeBatchesSmallerAndFastOnesLarger() {
    var size = BatchSize(largest: 10_000)
    #expect(size.events == 10_000)
    size.note(10_000, took: .milliseconds(300))
    #expect(size.events == 5_000)
    size.note(5_000, took: .milliseconds(100))
    #expect(size.events == 5_000)
    size.note(5_000, took: .milliseconds(20))
    #expect(size.events == 10_000)
    size.note(10_000, took: .milliseconds(20))
    #expect(size.events == 10_000)
  }

  @Test func noBatchIsSmallerThanIsUseful() {
    var size = BatchSize(largest: 10_000)
    for _ in 0..<50 { size.note(size.events, took: .seconds(1)) }
    #expect(size.events == BatchSize.least)
    var small = BatchSize(largest: 3)
    small.note(3, took: .seconds(1))
    #expect(small.events == 3)
  }

  @Test func aWaitThatFewEventsMetSaysNothingAboutThem() {
    var size = BatchSize(largest: 10_000)
    size.note(5, took: .seconds(2))
    #expect(size.events == 10_000)
  }
}
