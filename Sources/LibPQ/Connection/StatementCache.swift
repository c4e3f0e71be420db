/// The prepared statements of one session, by text and parameter types, bounded by least recent use.
struct StatementCache {
  struct Key: Hashable {
    let sql: String
    let types: [TypeOID]
  }

  private struct Entry {
    let name: String
    var lastUse: UInt64
  }

  private var entries: [Key: Entry] = [:]
  private let capacity: Int
  private var clock: UInt64 = 0
  private var created: UInt64 = 0

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { entries.count }

  mutating func name(of key: Key) -> String? {
    guard let index = entries.index(forKey: key) else { return nil }
    clock += 1
    entries.values[index].lastUse = clock
    return entries.values[index].name
  }

  /// A name never used before on this session.
  mutating func newName() -> String {
    created += 1
    return "bourse_\(created)"
  }

  mutating func insert(_ key: Key, name: String) {
    clock += 1
    entries[key] = Entry(name: name, lastUse: clock)
  }

  mutating func remove(_ key: Key) { entries[key] = nil }
  mutating func removeAll() { entries.removeAll() }

  /// Takes out the least recently used statement if there is one too many, for the caller to deallocate.
  mutating func evict() -> String? {
    guard entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
      return nil
    }
    entries[oldest.key] = nil
    return oldest.value.name
  }
}
