extension Rule {
  /// Reads the JSON form, in which each text is a rule in the text form.
  ///
  /// - Throws: with the path in the JSON, and the place in the text.
  public init(
    json: String, as type: RuleType? = nil,
    parameters: [(name: String, value: StrategyDefinition.ParameterValue)]? = nil
  ) throws(RuleError) {
    let document = try RuleReader.document("{\"rule\":" + json + "}")
    let members = document.members
    guard members.count == 1 else { throw RuleError(problem: "not one well-formed JSON value") }
    let builder = RuleBuilder(parameters: parameters)
    self = try builder.rule(type, try RuleReader(builder: builder).operand(members[0].value, RulePlace()))
  }

  /// The JSON form: numbers, texts for what is one word or number, and objects with one key for the rest.
  public var json: String {
    var writer = RuleWriter()
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
