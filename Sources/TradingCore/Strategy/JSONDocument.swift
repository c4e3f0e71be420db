import CJSONC

/// A JSON object parsed by json-c, freed with this value.
struct JSONDocument: ~Copyable {
  /// Parameters are written by people; what is larger is a mistake or an attack.
  static let longestText = 65_536

  private let root: OpaquePointer

  /// - Parameters:
  ///   - depth: how many objects and arrays may be inside one another.
  ///   - longest: the most bytes.
  /// - Throws: `malformedJSON` for anything but one JSON object, including text that is too long or nested too deep, that
  ///   names a key twice, or that holds what ``JSONScan`` finds.
  init(_ text: String, depth: Int = 8, longest: Int = Self.longestText) throws(ParameterError) {
    var bytes = Array(text.utf8)
    guard bytes.count <= longest else {
      throw ParameterError(.malformedJSON, "more than \(longest / 1_024) KB of JSON")
    }
    while let last = bytes.last, Self.isSpace(last) { bytes.removeLast() }
    guard let scan = JSONScan(bytes) else { throw Self.malformed }

    guard let tokener = json_tokener_new_ex(Int32(depth)) else {
      throw ParameterError(.malformedJSON, "out of memory")
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)
    let parsed: OpaquePointer? = bytes.withUnsafeBytes { buffer in
      json_tokener_parse_ex(tokener, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
    }
    let outcome = json_tokener_get_error(tokener)
    let end = json_tokener_get_parse_end(tokener)
    json_tokener_free(tokener)

    guard let parsed, outcome == json_tokener_success, end == bytes.count,
      json_object_is_type(parsed, json_type_object) != 0
    else {
      json_object_put(parsed)
      if outcome == json_tokener_error_depth {
        throw ParameterError(.malformedJSON, "JSON that is nested more than \(depth) levels deep")
      }
      throw Self.malformed
    }
    // Of two members with the same key json-c keeps the last.
    guard JSONValue(node: parsed).keyCount == scan.keys else {
      json_object_put(parsed)
      throw ParameterError(.malformedJSON, "a JSON object that names a key twice")
    }
    root = parsed
  }

  private static var malformed: ParameterError { ParameterError(.malformedJSON, "not one well-formed JSON object") }

  deinit { json_object_put(root) }

  /// The object's members, each with its value, which lives as long as the document.
  var members: [(key: String, value: JSONValue)] { JSONValue(node: root).allMembers }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
}

/// A value inside a `JSONDocument`.
struct JSONValue {
  /// Nil is JSON's null.
  let node: OpaquePointer?

  /// - Throws: `wrongType`; `outOfRange`.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(ParameterError) -> Int {
    guard json_object_is_type(node, json_type_int) != 0 else {
      throw ParameterError(.wrongType, key: key, "\(key) must be a whole number")
    }
    let value = Int(json_object_get_int64(node))
    guard range.contains(value) else {
      throw ParameterError(.outOfRange, key: key, "\(key) must be from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// - Throws: `wrongType`.
  func members(_ key: String) throws(ParameterError) -> [(key: String, value: JSONValue)] {
    guard json_object_is_type(node, json_type_object) != 0 else {
      throw ParameterError(.wrongType, key: key, "\(key) must be an object")
    }
    return allMembers
  }

  /// Of an object.
  fileprivate var allMembers: [(key: String, value: JSONValue)] {
    var members: [(key: String, value: JSONValue)] = []
    var iterator = json_object_iter_begin(node)
    var end = json_object_iter_end(node)
    while json_object_iter_equal(&iterator, &end) == 0 {
      let key = String(cString: json_object_iter_peek_name(&iterator))
      members.append((key, JSONValue(node: json_object_iter_peek_value(&iterator))))
      json_object_iter_next(&iterator)
    }
    return members
  }

  /// The keys of all objects in it.
  fileprivate var keyCount: Int {
    if let elements {
      var count = 0
      for element in elements { count += element.keyCount }
      return count
    }
    guard json_object_is_type(node, json_type_object) != 0 else { return 0 }
    var count = 0
    for member in allMembers { count += 1 + member.value.keyCount }
    return count
  }

  /// Of an array; nil for anything else.
  var elements: [JSONValue]? {
    guard json_object_is_type(node, json_type_array) != 0 else { return nil }
    return (0..<json_object_array_length(node)).map { JSONValue(node: json_object_array_get_idx(node, $0)) }
  }

  /// Of an object; nil for anything else.
  var members: [(key: String, value: JSONValue)]? {
    json_object_is_type(node, json_type_object) != 0 ? allMembers : nil
  }

  /// Of a string; nil for anything else.
  var string: String? {
    guard json_object_is_type(node, json_type_string) != 0, let text = json_object_get_string(node) else { return nil }
    return String(cString: text)
  }

  /// Of a whole number of 64 bits; nil for anything else.
  var whole: Int64? {
    json_object_is_type(node, json_type_int) != 0 ? json_object_get_int64(node) : nil
  }

  /// Of true and false; nil for anything else.
  var flag: Bool? {
    json_object_is_type(node, json_type_boolean) != 0 ? json_object_get_boolean(node) != 0 : nil
  }

  /// Of a number; nil for anything else.
  var double: Double? { isNumber ? json_object_get_double(node) : nil }

  /// A number as it was written; nil for anything else.
  var numeral: String? {
    guard isNumber, let text = json_object_to_json_string(node) else { return nil }
    return String(cString: text)
  }

  /// What kind of value it is, in words.
  var kind: String {
    if isNumber { return "a number" }
    if string != nil { return "a text" }
    if members != nil { return "an object" }
    if elements != nil { return "an array" }
    return node == nil ? "null" : "true or false"
  }

  /// - Throws: `wrongType`.
  func text(_ key: String) throws(ParameterError) -> String {
    guard json_object_is_type(node, json_type_string) != 0, let text = json_object_get_string(node) else {
      throw ParameterError(.wrongType, key: key, "\(key) must be a text")
    }
    return String(cString: text)
  }

  /// A positive number with eight decimals.
  ///
  /// - Throws: `wrongType`; `outOfRange`.
  func positive<Number: FixedPoint>(_ key: String) throws(ParameterError) -> Number {
    guard isNumber else { throw ParameterError(.wrongType, key: key, "\(key) must be a number") }
    guard let number = try? Number(json_object_get_double(node)), number.isPositive else {
      throw ParameterError(.outOfRange, key: key, "\(key) must be above 0 and not too large")
    }
    return number
  }

  private var isNumber: Bool {
    json_object_is_type(node, json_type_int) != 0 || json_object_is_type(node, json_type_double) != 0
  }

  /// A positive number with eight decimals.
  ///
  /// - Throws: `wrongType`; `outOfRange`.
  func positiveRatio(_ key: String, atMost limit: Int) throws(ParameterError) -> Ratio {
    guard isNumber else { throw ParameterError(.wrongType, key: key, "\(key) must be a number") }
    guard let ratio = try? Ratio(json_object_get_double(node)), let most = try? Ratio(limit), ratio.isPositive,
      ratio <= most
    else {
      throw ParameterError(.outOfRange, key: key, "\(key) must be above 0 and at most \(limit)")
    }
    return ratio
  }
}

/// Equality of bytes. (`==` compares canonical equivalents, which needs tables that Embedded Swift leaves out.)
func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
