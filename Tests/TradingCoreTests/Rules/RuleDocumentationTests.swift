import TestSupport
import Testing
import TradingCore

/// What docs/rules.md says is so.
@Suite struct RuleDocumentationTests {
  private let page: String

  init() throws { page = String(decoding: try contents("\(checkout)/docs/rules.md"), as: UTF8.self) }

  /// The blocks of code in that language.
  private func blocks(_ language: String) -> [String] {
    page.split(separator: "\n```").enumerated().compactMap { index, block in
      index % 2 == 1 && block.hasPrefix(language + "\n") ? String(block.dropFirst(language.utf8.count + 1)) : nil
    }
  }

  @Test func theTableOfFunctionsIsTheCatalogue() {
    var table = "| function | what it is |\n| --- | --- |\n"
    for signature in RuleFunction.catalogue {
      var arguments: [String] = []
      for input in signature.inputs {
        arguments.append(input.name + (input.standard.map { " = \($0.spelling)" } ?? ""))
      }
      for constant in signature.constants {
        arguments.append(constant.name + (constant.standard.map { " = \($0.text)" } ?? ""))
      }
      let outputs = signature.outputs.map { "`.\($0.name)`" }.joined(separator: ", ")
      table += "| `\(signature.name)(\(arguments.joined(separator: ", ")))`"
      if !outputs.isEmpty { table += " \(outputs)" }
      if let alias = signature.alias { table += ", also `\(alias)`" }
      table += " | \(signature.meaning) |\n"
    }
    #expect(page.contains(table), "docs/rules.md should contain:\n\(table)")
  }

  @Test func eachWordIsExplained() {
    for word in CandleField.allCases.map(\.spelling) + TradeField.allCases.map(\.spelling)
      + ClockField.allCases.map(\.spelling) + RuleOperator.allCases.map(\.spelling)
    {
      #expect(page.contains(word), "\(word)")
    }
  }

  @Test func eachExampleOfARuleIsInNormalForm() throws {
    let rules = blocks("rule").flatMap { $0.split(separator: "\n").map(String.init) }
    #expect(rules.count > 10)
    for rule in rules { #expect(try Rule.parse(rule, as: .condition).text == rule) }
  }

  @Test func eachExampleOfAStrategyIsOne() throws {
    #expect(blocks("json").count == 3)
    for json in blocks("json") {
      let definition = try StrategyDefinition(type: .custom, json: json)
      #expect(try StrategyDefinition(type: .custom, json: definition.normalizedJSON).explain() == definition.explain())
    }
  }

  @Test func theFirstStrategyIsExplainedAsThePageSays() throws {
    let quoted = page.split(separator: "\n").filter { $0.hasPrefix("> ") }.map { $0.dropFirst(2) }.joined(
      separator: " ")
    #expect(try StrategyDefinition(type: .custom, json: blocks("json")[0]).explain() == quoted)
  }

  /// The schema names the same functions, operators and members as the language.
  @Test func theSchemaKnowsEachWord() throws {
    let schema = String(decoding: try contents("\(checkout)/docs/strategy.schema.json"), as: UTF8.self)
    let functions = RuleFunction.catalogue.map(\.name)
    let operators = Set(RuleOperator.allCases.map(\.spelling))
    for word in functions + operators + ["ago", "on", "of", "for", "prediction", "time"] {
      #expect(schema.contains("\"\(word)\""), "\(word)")
    }
    let aliases = RuleFunction.catalogue.compactMap(\.alias)
    for alias in aliases { #expect(schema.contains("\"\(alias)\""), "\(alias)") }
  }
}
