import TestSupport
import Testing

@Suite struct ComparingTests {
  @Test func equalSequencesPass() {
    expectEqual([1, 2, 3], 1...3)
    expectEqual([Int](), [])
  }

  @Test(arguments: [
    ([1, 2, 3, 4], "element 1: 2 instead of 5 (why)"),
    ([1, 5, 3, 7], "element 3: there is more than expected: 7 (why)"),
    ([1], "element 1: the end instead of 5 (why)"),
  ])
  func onlyTheFirstDifferenceIsNamed(_ found: [Int], _ difference: String) {
    withKnownIssue {
      expectEqual(found, [1, 5, 3], "why")
    } matching: {
      $0.comments.map(\.rawValue) == [difference]
    }
  }
}
