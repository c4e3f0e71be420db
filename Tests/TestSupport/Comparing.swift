import Testing

/// Expects two sequences to have the same elements, and names the first that differs: those of thousands are not printed.
package func expectEqual<Element: Equatable>(
  _ found: some Sequence<Element>, _ expected: some Sequence<Element>, _ comment: @autoclosure () -> Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var rest = expected.makeIterator()
  var place = 0
  for element in found {
    guard let other = rest.next() else {
      return record("there is more than expected: \(element)")
    }
    guard element == other else { return record("\(element) instead of \(other)") }
    place += 1
  }
  if let missing = rest.next() { record("the end instead of \(missing)") }

  func record(_ difference: String) {
    Issue.record(
      "element \(place): \(difference)\(comment().map { " (\($0))" } ?? "")", sourceLocation: sourceLocation)
  }
}
