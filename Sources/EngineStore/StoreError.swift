/// The database answered something that this program cannot use.
package struct StoreError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
