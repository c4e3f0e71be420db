/// The prepared statements of one session, by text and parameter types, bounded by least recent use.
struct StatementCache {
  struct Key: Hashable {
    let sql: String
    let types: [TypeOID]

    init(sql: String, types: [TypeOID]) {
      self.sql = sql
      self.types = types
    }

    init(_ sql: String, _ values: [Value]) { self.init(sql: sql, types: values.map(\.type)) }
  }

  private struct Entry {
    let types: [TypeOID]
    let name: String
    var lastUse: UInt64
  }

  /// By text alone, so that finding a statement allocates no key.
  private var entries: [String: [Entry]] = [:]
  private let capacity: Int
  private(set) var count = 0
  private var clock: UInt64 = 0
  private var created: UInt64 = 0

  init(capacity: Int) { self.capacity = max(1, capacity) }

  /// The name of the statement for parameters of these types, if it is prepared.
  mutating func name(_ sql: String, _ values: [Value]) -> String? {
    name(sql) { types in types.count == values.count && zip(types, values).allSatisfy { $0 == $1.type } }
  }

  mutating func name(of key: Key) -> String? { name(key.sql) { $0 == key.types } }

  private mutating func name(_ sql: String, where matches: ([TypeOID]) -> Bool) -> String? {
    guard let bucket = entries.index(forKey: sql),
      let index = entries.values[bucket].firstIndex(where: { matches($0.types) })
    else { return nil }
    clock += 1
    entries.values[bucket][index].lastUse = clock
    return entries.values[bucket][index].name
  }

  /// A name never used before on this session.
  mutating func newName() -> String {
    created += 1
    return "bourse_\(created)"
  }

  mutating func insert(_ key: Key, name: String) {
    remove(key)
    clock += 1
    count += 1
    entries[key.sql, default: []].append(Entry(types: key.types, name: name, lastUse: clock))
  }

  mutating func remove(_ key: Key) { remove(key.sql) { $0.types == key.types } }

  mutating func removeAll() {
    entries.removeAll()
    count = 0
  }

  /// Takes out the least recently used statement if there is one too many, for the caller to deallocate.
  mutating func evict() -> String? {
    guard count > capacity else { return nil }
    let oldest = entries.lazy.flatMap { sql, entries in entries.lazy.map { (sql, $0) } }
      .min { $0.1.lastUse < $1.1.lastUse }
    guard let (sql, entry) = oldest else { return nil }
    remove(sql) { $0.name == entry.name }
    return entry.name
  }

  private mutating func remove(_ sql: String, where matches: (Entry) -> Bool) {
    guard var bucket = entries[sql], let index = bucket.firstIndex(where: matches) else { return }
    bucket.remove(at: index)
    entries[sql] = bucket.isEmpty ? nil : bucket
    count -= 1
  }
}
