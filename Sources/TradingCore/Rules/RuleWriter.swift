/// Writes JSON: rules in their JSON form, and what is around them.
struct RuleWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ rule: Rule) {
    switch rule {
    case .number(let number): raw(number.text)
    case .parameter, .field, .trade, .clock: string(rule.text)
    case .timeOfDay(let minutes): object("time") { $0.string(timeOfDayText(minutes)) }
    case .call(let function, let arguments, let output):
      let signature = function.signature
      let field = signature.outputs.isEmpty ? nil : signature.outputs[output].name
      array(signature.name, arguments, field: field)
    case .operation(let operation, let operands): array(operation.spelling, operands)
    case .ago(let series, let count): array("ago", [series, count])
    case .lasting(let condition, let count): array("for", [condition, count])
    case .on(let series, let length):
      object("on") { writer in
        writer.raw("[")
        writer.write(series)
        writer.raw(",")
        writer.string(length.text)
        writer.raw("]")
      }
    case .of(let symbol, let series):
      object("of") { writer in
        writer.raw("[")
        writer.write(symbol)
        writer.raw(",")
        writer.write(series)
        writer.raw("]")
      }
    case .prediction(let model, let maximumAge):
      object("prediction") { writer in
        writer.raw("[")
        writer.string(model)
        writer.raw(",")
        writer.string(maximumAge.text)
        writer.raw("]")
      }
    }
  }

  mutating func write(_ symbol: RuleSymbol) {
    switch symbol {
    case .name(let name): string(name)
    case .parameter(let name): string("$" + name)
    }
  }

  private mutating func array(_ key: String, _ rules: [Rule], field: String? = nil) {
    raw("{")
    string(key)
    raw(":[")
    for (index, rule) in rules.enumerated() {
      if index > 0 { raw(",") }
      write(rule)
    }
    raw("]")
    if let field {
      raw(",\"field\":")
      string(field)
    }
    raw("}")
  }

  private mutating func object(_ key: String, _ value: (inout RuleWriter) -> Void) {
    raw("{")
    string(key)
    raw(":")
    value(&self)
    raw("}")
  }

  mutating func raw(_ text: String) { bytes += text.utf8 }

  @inline(__always)
  mutating func byte(_ byte: UInt8) { bytes.append(byte) }

  @inline(__always)
  mutating func write(_ body: (inout [UInt8]) -> Void) { body(&bytes) }

  /// In quotes; of what has to be escaped only quotes, backslashes and control characters exist.
  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 { escaped(byte) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A byte of what is in quotes.
  @inline(__always)
  mutating func escaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes += [UInt8(ascii: "\\"), byte]
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      bytes += "\\u00".utf8
      bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    default:
      bytes.append(byte)
    }
  }
}
